// INSERT: VALUES, SELECT and DEFAULT VALUES; ON CONFLICT on the primary key; RETURNING.
#include <unordered_set>

#include "query/dml_target.h"
#include "query/expr_binder.h"
#include "types/convert.h"

namespace kalamdb::query {

using expr::ExprPtr;

namespace {

struct BoundConflict {
  bool do_nothing = false;
  std::vector<BoundAssignment> set;
  ExprPtr where;
};

// Inserts the proposed row, or lets ON CONFLICT decide about the one that is there.
class UpsertMutation final : public shard::Mutation {
 public:
  UpsertMutation(std::shared_ptr<const WriterContext> context,
                 std::shared_ptr<const BoundConflict> conflict, std::string proposed)
      : context_(std::move(context)),
        conflict_(std::move(conflict)),
        proposed_(std::move(proposed)) {}

  Result<Action> Decide(const RowView* current, std::string* row) override {
    if (current == nullptr) {
      *row = proposed_;
      return Action::kInsert;
    }
    if (conflict_->do_nothing) return Action::kNothing;
    const catalog::TableInfo& table = *context_->table;
    StoredRow old(table), excluded(table);
    KDB_RETURN_IF_ERROR(old.Set(current->bytes()));
    KDB_RETURN_IF_ERROR(excluded.Set(proposed_));
    Arena arena;
    expr::EvalFrame frame = context_->Frame(&arena);
    frame.row = &old;
    frame.excluded = &excluded;
    if (conflict_->where != nullptr) {
      const bool match = expr::EvalPredicate(*conflict_->where, frame);
      if (!frame.error.ok()) return std::move(frame.error);
      if (!match) return Action::kNothing;
    }
    bool changed = false;
    KDB_RETURN_IF_ERROR(ApplyAssignments(table, old, conflict_->set, frame, row, &changed));
    if (!changed) {
      // An upsert touches its row even when it says what was there: RETURNING and live queries see
      // it.
      std::vector<Datum> slots;
      for (uint16_t ordinal : table.schema->stored()) slots.push_back(old.Column(ordinal));
      row->clear();
      EncodeRow(*table.schema, slots, row);
    }
    return Action::kUpdate;
  }

 private:
  std::shared_ptr<const WriterContext> context_;
  std::shared_ptr<const BoundConflict> conflict_;
  std::string proposed_;
};

}  // namespace

class InsertPlan final : public DmlPlan {
 public:
  Result<PreparedDml> Prepare(const RunContext& context) const override;
  [[nodiscard]] DmlKind kind() const override { return DmlKind::kInsert; }
  [[nodiscard]] const catalog::TablePtr& table() const override { return table_; }
  [[nodiscard]] const std::vector<ResultColumn>& columns() const override {
    static const std::vector<ResultColumn> kNone;
    return returning_ == nullptr ? kNone : returning_->columns();
  }
  [[nodiscard]] bool needs_snapshot() const override { return source_ != nullptr; }
  [[nodiscard]] bool analytical() const override {
    return source_ != nullptr && source_->analytical();
  }
  [[nodiscard]] bool stale() const override {
    return table_->stale.load(std::memory_order_acquire) ||
           (source_ != nullptr && source_->stale());
  }
  [[nodiscard]] size_t memory_bytes() const override { return memory_; }

 private:
  friend class InsertPlanner;
  class Builder;

  Sources sources_;
  catalog::TablePtr table_;
  std::vector<size_t> targets_;  // ordinals that values are given for
  // VALUES: one list per row, as long as targets_; null: DEFAULT
  std::vector<std::vector<ExprPtr>> values_;
  SelectPlanPtr source_;  // INSERT ... SELECT
  std::shared_ptr<const BoundConflict> conflict_;
  std::shared_ptr<const ReturningList> returning_;
  size_t memory_ = 0;
};

// Turns rows of values into writes. Fed by VALUES and, as a sink, by a SELECT.
class InsertPlan::Builder final : public ResultSink {
 public:
  Builder(const InsertPlan& plan, const RunContext& context)
      : plan_(plan),
        schema_(*plan.table_->schema),
        context_(context),
        stream_(plan.table_->kind == TableKind::kStream),
        single_(plan.source_ == nullptr && plan.values_.size() == 1),
        frame_(MakeFrame(plan.sources_, context, &arena_)),
        slots_(schema_.stored().size()),
        given_(schema_.stored().size()) {
    if (plan.conflict_ != nullptr && !stream_) {
      writer_context_ = std::make_shared<const WriterContext>(plan.table_, plan.sources_, context);
    }
  }

  Status Begin(const std::vector<ResultColumn>& columns) override {
    return CheckWidth(columns.size(), plan_.targets_.size());
  }
  Status Row(std::span<const Datum> cells) override {
    StartRow();
    for (size_t i = 0; i < cells.size(); ++i) {
      const Column& column = schema_.column(plan_.targets_[i]);
      KDB_ASSIGN_OR_RETURN(Datum d, CoerceForColumn(cells[i], column.type, column.name, &arena_));
      Give(plan_.targets_[i], d);
    }
    return FinishRow();
  }
  Status ValuesRow(const std::vector<ExprPtr>& exprs) {
    StartRow();
    for (size_t i = 0; i < exprs.size(); ++i) {
      if (exprs[i] == nullptr) continue;  // DEFAULT, as if omitted
      const Datum d = exprs[i]->Eval(frame_);
      if (!frame_.error.ok()) return std::move(frame_.error);
      Give(plan_.targets_[i], d);
    }
    return FinishRow();
  }

  static Status CheckWidth(size_t values, size_t columns) {
    if (values > columns) return InvalidSql("INSERT has more expressions than target columns");
    if (values < columns) return InvalidSql("INSERT has more target columns than expressions");
    return Status::Ok();
  }

  shard::RowCommand Take() {
    shard::RowCommand command;
    command.table = plan_.table_;
    command.owner = OwnerOf(*plan_.table_, context_);
    command.want_rows = plan_.returning_ != nullptr;
    command.writes = std::move(writes_);
    return command;
  }

 private:
  void StartRow() {
    ++row_number_;
    std::fill(given_.begin(), given_.end(), 0);
    if (arena_.bytes() > 0) arena_.Reset();
  }
  void Give(size_t ordinal, const Datum& d) {
    const auto slot = static_cast<size_t>(schema_.slot(ordinal));
    slots_[slot] = d;
    given_[slot] = 1;
  }

  Status FinishRow() {
    const std::optional<size_t> pk = stream_ ? std::nullopt : schema_.primary_key();
    bool generated = false;
    for (size_t slot = 0; slot < slots_.size(); ++slot) {
      const size_t ordinal = schema_.stored()[slot];
      const Column& column = schema_.column(ordinal);
      if (given_[slot] == 0) {
        KDB_ASSIGN_OR_RETURN(slots_[slot], EvalDefault(column, frame_));
        if (pk == ordinal) generated = IsGeneratedId(column.default_value);
        if (slots_[slot].null && !column.nullable) {
          if (column.default_value.kind != ColumnDefault::Kind::kNone) {
            return NotNullViolation(column, row_number_);
          }
          return {
              ErrorCode::kConstraintViolation,
              fmt::format("NOT NULL constraint violation: column '{}' is missing in row {} (row "
                          "index {})",
                          column.name, row_number_, row_number_ - 1)};
        }
      } else if (slots_[slot].null && !column.nullable) {
        return NotNullViolation(column, row_number_);
      }
    }

    shard::RowWrite write;
    std::string row;
    EncodeRow(schema_, slots_, &row);
    bytes_ += row.size() + sizeof(shard::RowWrite);
    if (bytes_ > kMaxStatementBytes) {
      return ExecutionError(
          fmt::format("The statement writes more than {} bytes", kMaxStatementBytes));
    }
    if (!pk) {
      write.op = shard::WriteOp::kStreamInsert;
      write.row = std::move(row);
      writes_.push_back(std::move(write));
      return Status::Ok();
    }
    const Column& key = schema_.column(*pk);
    const Datum& key_value = slots_[static_cast<size_t>(schema_.slot(*pk))];
    KDB_RETURN_IF_ERROR(AppendKey(key_value, &write.key));
    // Generated ids differ from each other by construction.
    if (!generated && !single_ && !keys_.insert(write.key).second) {
      if (plan_.conflict_ != nullptr && plan_.conflict_->do_nothing) return Status::Ok();
      if (plan_.conflict_ != nullptr) {
        return ExecutionError("ON CONFLICT DO UPDATE command cannot affect row a second time");
      }
      std::string text;
      AppendText(&text, key_value);
      return AlreadyExists(fmt::format(
          "Primary key violation: value '{}' appears multiple times in the insert batch for column "
          "'{}'",
          text, key.name));
    }
    if (generated) {
      write.op = shard::WriteOp::kInsertGenerated;
      write.row = std::move(row);
    } else if (plan_.conflict_ != nullptr) {
      write.op = shard::WriteOp::kMutate;
      write.mutation =
          std::make_shared<UpsertMutation>(writer_context_, plan_.conflict_, std::move(row));
    } else {
      write.op = shard::WriteOp::kInsert;
      write.row = std::move(row);
    }
    writes_.push_back(std::move(write));
    return Status::Ok();
  }

  const InsertPlan& plan_;
  const Schema& schema_;
  const RunContext& context_;
  bool stream_;
  bool single_;  // one row meets no other
  Arena arena_;
  expr::EvalFrame frame_;
  std::vector<Datum> slots_;
  std::vector<char> given_;
  std::shared_ptr<const WriterContext> writer_context_;
  std::vector<shard::RowWrite> writes_;
  std::unordered_set<std::string> keys_;
  size_t row_number_ = 0;
  size_t bytes_ = 0;
};

Result<PreparedDml> InsertPlan::Prepare(const RunContext& context) const {
  if (stale()) return Status(ErrorCode::kRetry, "the table was changed");
  KDB_RETURN_IF_ERROR(CheckWrite(*table_, context.role));
  Builder builder(*this, context);
  if (source_ != nullptr) {
    KDB_RETURN_IF_ERROR(source_->Run(context, builder, nullptr));
  } else {
    for (const std::vector<ExprPtr>& row : values_) KDB_RETURN_IF_ERROR(builder.ValuesRow(row));
  }
  PreparedDml prepared;
  prepared.kind = DmlKind::kInsert;
  prepared.returning_ = returning_;
  shard::RowCommand command = builder.Take();
  if (!command.writes.empty()) prepared.rows.push_back(std::move(command));
  return prepared;
}

class InsertPlanner {
 public:
  InsertPlanner(const sql::Insert& insert, const Sources& sources, AnalyticalEngine* analytics,
                const PlanOptions& options)
      : insert_(insert),
        analytics_(analytics),
        options_(options),
        plan_(std::make_shared<InsertPlan>()) {
    plan_->sources_ = sources;
  }

  Result<DmlPlanPtr> Plan() {
    KDB_ASSIGN_OR_RETURN(plan_->table_, FindTarget(plan_->sources_, "insert", insert_.schema,
                                                   insert_.table, options_)
                                            .At(insert_.location));
    KDB_RETURN_IF_ERROR(BindColumns());
    KDB_RETURN_IF_ERROR(BindSource());
    scope_.schema = plan_->table_->schema.get();
    scope_.ns = plan_->table_->ns;
    scope_.table = plan_->table_->name;
    scope_.params = options_.params;
    KDB_RETURN_IF_ERROR(BindOnConflict());
    if (!insert_.returning.empty()) {
      KDB_ASSIGN_OR_RETURN(
          plan_->returning_,
          ReturningList::Bind(insert_.returning, plan_->sources_, plan_->table_, scope_));
    }
    size_t bytes = sizeof(InsertPlan) + plan_->targets_.size() * sizeof(size_t);
    for (const auto& row : plan_->values_) {
      for (const ExprPtr& e : row) bytes += sizeof(ExprPtr) + (e ? 300 : 0);
    }
    if (plan_->source_ != nullptr) bytes += plan_->source_->memory_bytes();
    plan_->memory_ = bytes;
    return DmlPlanPtr(std::move(plan_));
  }

 private:
  Status BindColumns() {
    const Schema& schema = *plan_->table_->schema;
    if (insert_.columns.empty()) {
      plan_->targets_.assign(schema.stored().begin(), schema.stored().end());
      return Status::Ok();
    }
    for (size_t i = 0; i < insert_.columns.size(); ++i) {
      const std::string& name = insert_.columns[i];
      const int location = i < insert_.column_locations.size() ? insert_.column_locations[i] : -1;
      KDB_ASSIGN_OR_RETURN(size_t ordinal, FindTargetColumn(*plan_->table_, name).At(location));
      if (std::find(plan_->targets_.begin(), plan_->targets_.end(), ordinal) !=
          plan_->targets_.end()) {
        return InvalidOperation(fmt::format("Column '{}' specified more than once", name));
      }
      plan_->targets_.push_back(ordinal);
    }
    return Status::Ok();
  }

  // Without a column list fewer values are the first columns', as in PostgreSQL.
  Status FitWidth(size_t width) {
    if (insert_.columns.empty() && width < plan_->targets_.size()) plan_->targets_.resize(width);
    return InsertPlan::Builder::CheckWidth(width, plan_->targets_.size());
  }

  Status BindSource() {
    if (insert_.source == nullptr) {
      if (!insert_.columns.empty()) return InvalidSql("DEFAULT VALUES takes no column list");
      plan_->targets_.clear();
      plan_->values_.emplace_back();
      return Status::Ok();
    }
    const sql::Select& source = *insert_.source;
    const bool plain_values = !source.values.empty() && source.with.empty() &&
                              source.order_by.empty() && source.limit == nullptr &&
                              source.offset == nullptr;
    if (plain_values) {
      Status bound = BindValues(source);
      if (bound.ok() || bound.code() != ErrorCode::kNeedsAnalytics) return bound;
      for (const auto& row : source.values) {
        for (const sql::ExprPtr& value : row) {
          if (value == nullptr) {
            return NotImplemented("DEFAULT beside subqueries in VALUES");
          }
        }
      }
      plan_->values_.clear();
    }
    PlanOptions options = options_;
    options.default_limit = options.max_limit = 0;
    KDB_ASSIGN_OR_RETURN(plan_->source_, PlanSelect(source, plan_->sources_, analytics_, options));
    const size_t width = plan_->source_->columns().size();
    return width == 0 ? Status::Ok() : FitWidth(width);
  }

  Status BindValues(const sql::Select& source) {
    BindScope scope;
    scope.params = options_.params;
    KDB_RETURN_IF_ERROR(FitWidth(source.values[0].size()));
    plan_->values_.reserve(source.values.size());
    for (const std::vector<sql::ExprPtr>& row : source.values) {
      if (row.size() != source.values[0].size()) {
        return InvalidSql("VALUES lists must all be the same length");
      }
      std::vector<ExprPtr> bound;
      bound.reserve(row.size());
      for (size_t i = 0; i < row.size(); ++i) {
        if (row[i] == nullptr) {
          bound.push_back(nullptr);
          continue;
        }
        const Column& column = plan_->table_->schema->column(plan_->targets_[i]);
        KDB_ASSIGN_OR_RETURN(ExprPtr value, ExprBinder(scope).BindForColumn(*row[i], column));
        bound.push_back(std::move(value));
      }
      plan_->values_.push_back(std::move(bound));
    }
    return Status::Ok();
  }

  Status BindOnConflict() {
    if (!insert_.on_conflict) return Status::Ok();
    const sql::OnConflict& conflict = *insert_.on_conflict;
    const Schema& schema = *plan_->table_->schema;
    const std::optional<size_t> pk = schema.primary_key();
    if (!pk) return InvalidOperation("ON CONFLICT needs a table with a primary key");
    const std::string& key = schema.column(*pk).name;
    const bool on_key = conflict.target.size() == 1 && conflict.target[0] == key;
    if (!on_key && !(conflict.target.empty() && conflict.do_nothing)) {
      return InvalidOperation(
          fmt::format("ON CONFLICT target must be the primary key column '{}'", key));
    }
    auto bound = std::make_shared<BoundConflict>();
    bound->do_nothing = conflict.do_nothing;
    if (!conflict.do_nothing) {
      BindScope scope = scope_;
      scope.allow_excluded = true;
      for (const sql::Assignment& assignment : conflict.set) {
        BoundAssignment item;
        KDB_ASSIGN_OR_RETURN(
            item.ordinal,
            FindTargetColumn(*plan_->table_, assignment.column).At(assignment.location));
        const Column& column = schema.column(item.ordinal);
        if (item.ordinal == *pk) {
          return InvalidOperation(
              fmt::format("UPDATE cannot modify primary key column '{}'", column.name));
        }
        for (const BoundAssignment& other : bound->set) {
          if (other.ordinal == item.ordinal) {
            return InvalidOperation(
                fmt::format("Column '{}' specified more than once", column.name));
          }
        }
        if (assignment.value != nullptr) {
          KDB_ASSIGN_OR_RETURN(item.value,
                               Own(ExprBinder(scope).BindForColumn(*assignment.value, column)));
        }
        bound->set.push_back(std::move(item));
      }
      if (bound->set.empty()) return InvalidSql("ON CONFLICT DO UPDATE requires an assignment");
      if (conflict.where != nullptr) {
        KDB_ASSIGN_OR_RETURN(bound->where, Own(ExprBinder(scope).Bind(*conflict.where)));
      }
    }
    plan_->conflict_ = std::move(bound);
    return Status::Ok();
  }

  // What runs in the writer sees its own row alone.
  static Result<ExprPtr> Own(Result<ExprPtr> bound) {
    if (bound.code() == ErrorCode::kNeedsAnalytics) {
      return NotImplemented("ON CONFLICT DO UPDATE takes expressions over the row alone");
    }
    return bound;
  }

  const sql::Insert& insert_;
  AnalyticalEngine* analytics_;
  const PlanOptions& options_;
  std::shared_ptr<InsertPlan> plan_;
  BindScope scope_;
};

Result<DmlPlanPtr> PlanInsert(const sql::Insert& insert, const Sources& sources,
                              AnalyticalEngine* analytics, const PlanOptions& options) {
  return InsertPlanner(insert, sources, analytics, options).Plan();
}

}  // namespace kalamdb::query
