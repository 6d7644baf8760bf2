// UPDATE and DELETE. Three ways to their rows:
//
//   fixed keys     WHERE id = x, id IN (...): no read here, the writer evaluates predicate and SET
//   scan           any other predicate of the row engine: rows of the snapshot, with the _seq they
//   had selection      what needs the analytical engine: a SELECT of key, _seq and the SET values
//   it has to compute
#include <unordered_set>

#include "query/clone_ast.h"
#include "query/dml_target.h"
#include "query/expr_binder.h"
#include "query/visibility.h"
#include "types/convert.h"

namespace kalamdb::query {

using expr::ExprPtr;

namespace {

// The predicate and SET of one run, for the writer: nothing in them varies any more but the row.
struct KeyedChange {
  WriterContext context;
  ExprPtr predicate;
  std::vector<BoundAssignment> set;
  DmlKind kind;
};

class KeyedMutation final : public shard::Mutation {
 public:
  explicit KeyedMutation(std::shared_ptr<const KeyedChange> change) : change_(std::move(change)) {}

  Result<Action> Decide(const RowView* current, std::string* row) override {
    if (current == nullptr) return Action::kNothing;
    const catalog::TableInfo& table = *change_->context.table;
    StoredRow old(table);
    KDB_RETURN_IF_ERROR(old.Set(current->bytes()));
    Arena arena;
    expr::EvalFrame frame = change_->context.Frame(&arena);
    frame.row = &old;
    const bool match = expr::EvalPredicate(*change_->predicate, frame);
    if (!frame.error.ok()) return std::move(frame.error);
    if (!match) return Action::kNothing;
    if (change_->kind == DmlKind::kDelete) return Action::kDelete;
    bool changed = false;
    KDB_RETURN_IF_ERROR(ApplyAssignments(table, old, change_->set, frame, row, &changed));
    return changed ? Action::kUpdate : Action::kNothing;
  }

 private:
  std::shared_ptr<const KeyedChange> change_;
};

// More keys than this in one statement are looked up on the snapshot instead of in the writer.
constexpr size_t kMaxKeyedWrites = 1024;

}  // namespace

class RowSelectionPlan final : public DmlPlan {
 public:
  Result<PreparedDml> Prepare(const RunContext& context) const override;
  [[nodiscard]] DmlKind kind() const override { return kind_; }
  [[nodiscard]] const catalog::TablePtr& table() const override { return table_; }
  [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return no_columns_; }
  [[nodiscard]] bool needs_snapshot() const override { return !keyed_; }
  [[nodiscard]] bool analytical() const override {
    return selection_ != nullptr && selection_->analytical();
  }
  [[nodiscard]] bool stale() const override {
    return table_->stale.load(std::memory_order_acquire) ||
           (selection_ != nullptr && selection_->stale());
  }
  [[nodiscard]] size_t memory_bytes() const override { return memory_; }

 private:
  friend class SelectionPlanner;
  class Builder;
  class SelectedRows;

  Result<bool> PrepareKeyed(const RunContext& context, shard::RowCommand* command) const;

  Sources sources_;
  DmlKind kind_ = DmlKind::kUpdate;
  catalog::TablePtr table_;
  ScanSpec scan_;
  std::vector<BoundAssignment> set_;
  bool keyed_ = false;
  // The columns of `selection_` are key, _seq, and one per entry of `selected_`: an index into
  // set_.
  SelectPlanPtr selection_;
  std::vector<size_t> selected_;
  std::vector<ResultColumn> no_columns_;
  size_t memory_ = 0;
};

// Collects the writes of rows that were found on the snapshot.
class RowSelectionPlan::Builder {
 public:
  Builder(const RowSelectionPlan& plan, const RunContext& context)
      : plan_(plan),
        frame_(MakeFrame(plan.sources_, context, &arena_)),
        values_(plan.set_.size()) {}

  // `selected`: values that the selection computed, uncoerced.
  Status Add(std::string_view key, const StoredRow& row, std::span<const Datum> selected) {
    if (row.view().deleted()) return Status::Ok();
    if (arena_.bytes() > 0) arena_.Reset();
    const Schema& schema = *plan_.table_->schema;
    shard::RowWrite write;
    write.expected_seq = row.view().seq();
    if (plan_.kind_ == DmlKind::kDelete) {
      if (plan_.table_->kind == TableKind::kStream) {
        write.op = shard::WriteOp::kStreamDelete;
        std::string distinct;
        const Datum value = row.Column(*schema.primary_key());
        if (!value.null && AppendKey(value, &distinct).ok()) keys_.insert(std::move(distinct));
      } else {
        write.op = shard::WriteOp::kDelete;
        write.key = key;
      }
    } else {
      frame_.row = &row;
      for (size_t i = 0; i < plan_.set_.size(); ++i) {
        const BoundAssignment& item = plan_.set_[i];
        const Column& column = schema.column(item.ordinal);
        auto at = std::find(plan_.selected_.begin(), plan_.selected_.end(), i);
        if (at != plan_.selected_.end()) {
          const Datum& d = selected[static_cast<size_t>(at - plan_.selected_.begin())];
          KDB_ASSIGN_OR_RETURN(values_[i], CoerceForColumn(d, column.type, column.name, &arena_));
        } else if (item.value == nullptr) {
          KDB_ASSIGN_OR_RETURN(values_[i], EvalDefault(column, frame_));
        } else {
          values_[i] = item.value->Eval(frame_);
          if (!frame_.error.ok()) return std::move(frame_.error);
        }
      }
      bool changed = false;
      KDB_RETURN_IF_ERROR(
          ApplyValues(*plan_.table_, row, plan_.set_, values_, &write.row, &changed));
      if (!changed) return Status::Ok();
      write.op = shard::WriteOp::kUpdate;
      write.key = key;
    }
    bytes_ += sizeof(write) + write.key.size() + write.row.size();
    if (bytes_ > kMaxStatementBytes) {
      return ExecutionError(
          fmt::format("The statement writes more than {} bytes", kMaxStatementBytes));
    }
    writes_.push_back(std::move(write));
    return Status::Ok();
  }

  std::vector<shard::RowWrite> TakeWrites() { return std::move(writes_); }
  [[nodiscard]] size_t distinct_keys() const { return keys_.size(); }

 private:
  const RowSelectionPlan& plan_;
  Arena arena_;
  expr::EvalFrame frame_;
  std::vector<Datum> values_;
  std::vector<shard::RowWrite> writes_;
  std::unordered_set<std::string> keys_;  // of STREAM deletes
  size_t bytes_ = 0;
};

// Takes key, _seq and values from the selection and reads the rest of each row on the same
// snapshot.
class RowSelectionPlan::SelectedRows final : public ResultSink {
 public:
  SelectedRows(const RowSelectionPlan& plan, const RunContext& context, Builder* builder)
      : plan_(plan), context_(context), builder_(builder), row_(*plan.table_) {
    AppendVisiblePrefix(*plan.table_, context, &prefix_);
  }

  Status Begin(const std::vector<ResultColumn>& columns) override {
    return columns.size() == 2 + plan_.selected_.size()
               ? Status::Ok()
               : InternalError("selection of another shape");
  }
  Status Row(std::span<const Datum> cells) override {
    std::string key = prefix_;
    if (plan_.table_->kind == TableKind::kStream) {
      storage::AppendSeqKey(&key, cells[1].i);
    } else {
      const Column& pk = plan_.table_->schema->column(*plan_.table_->schema->primary_key());
      Arena arena;
      KDB_ASSIGN_OR_RETURN(Datum value, CoerceForColumn(cells[0], pk.type, pk.name, &arena));
      KDB_RETURN_IF_ERROR(AppendKey(value, &key));
    }
    KDB_ASSIGN_OR_RETURN(bool found, plan_.sources_.store->Get(storage::Family::kRows, key,
                                                               context_.snapshot.get(), &value_));
    if (!found) return Status::Ok();
    KDB_RETURN_IF_ERROR(row_.Set(value_));
    // Without a snapshot of the caller's, the row may have moved on: the statement starts again.
    if (row_.view().seq() != cells[1].i) return {ErrorCode::kRetry, "the row was changed"};
    return builder_->Add(std::string_view(key).substr(prefix_.size()), row_, cells.subspan(2));
  }

 private:
  const RowSelectionPlan& plan_;
  const RunContext& context_;
  Builder* builder_;
  StoredRow row_;
  std::string prefix_, value_;
};

// False: the keys or expressions turn out to be nothing for the writer, scan instead.
Result<bool> RowSelectionPlan::PrepareKeyed(const RunContext& context,
                                            shard::RowCommand* command) const {
  Arena arena;
  expr::EvalFrame frame = MakeFrame(sources_, context, &arena);
  auto change = std::make_shared<KeyedChange>(
      KeyedChange{WriterContext(table_, sources_, context), scan_.predicate, set_, kind_});
  // The writer's work is a function of the row: time is settled here, chance is not sent at all.
  auto settle = [&](ExprPtr* e) -> Result<bool> {
    if (*e == nullptr || (*e)->deterministic()) return true;
    if ((*e)->changes_per_row()) return false;
    KDB_ASSIGN_OR_RETURN(*e, expr::Fold(*e, frame, false));
    return true;
  };
  KDB_ASSIGN_OR_RETURN(bool settled, settle(&change->predicate));
  if (!settled) return false;
  for (BoundAssignment& item : change->set) {
    KDB_ASSIGN_OR_RETURN(settled, settle(&item.value));
    if (!settled) return false;
    if (item.value == nullptr &&
        IsGeneratedId(table_->schema->column(item.ordinal).default_value)) {
      return false;
    }
  }
  auto mutation = std::make_shared<KeyedMutation>(std::move(change));
  std::unordered_set<std::string> seen;
  for (const ExprPtr& key : scan_.path.keys) {
    const Datum value = key->Eval(frame);
    if (!frame.error.ok()) return std::move(frame.error);
    if (value.null) continue;
    shard::RowWrite write;
    write.op = shard::WriteOp::kMutate;
    // What cannot be a key equals no key.
    if (!AppendKey(value, &write.key).ok()) continue;
    if (scan_.path.keys.size() > 1 && !seen.insert(write.key).second) continue;
    write.mutation = mutation;
    command->writes.push_back(std::move(write));
  }
  return true;
}

Result<PreparedDml> RowSelectionPlan::Prepare(const RunContext& context) const {
  if (stale()) return Status(ErrorCode::kRetry, "the table was changed");
  TableLookup lookup;
  lookup.table = table_;
  KDB_RETURN_IF_ERROR(CheckRead(lookup, context.role));
  KDB_RETURN_IF_ERROR(CheckWrite(*table_, context.role));
  PreparedDml prepared;
  prepared.kind = kind_;
  // Events without a declared key cannot be told apart.
  if (table_->kind == TableKind::kStream && !table_->schema->primary_key()) return prepared;
  shard::RowCommand command;
  command.table = table_;
  command.owner = OwnerOf(*table_, context);
  bool done = false;
  if (keyed_) {
    KDB_ASSIGN_OR_RETURN(done, PrepareKeyed(context, &command));
  }
  if (!done) {
    Builder builder(*this, context);
    if (selection_ != nullptr) {
      SelectedRows rows(*this, context, &builder);
      KDB_RETURN_IF_ERROR(selection_->Run(context, rows, nullptr));
    } else {
      KDB_RETURN_IF_ERROR(
          Scan(sources_, scan_, context,
               [&builder](std::string_view key, const StoredRow& row) -> Result<bool> {
                 KDB_RETURN_IF_ERROR(builder.Add(key, row, {}));
                 return true;
               }));
    }
    command.writes = builder.TakeWrites();
    prepared.distinct_keys_ = builder.distinct_keys();
  }
  if (!command.writes.empty()) prepared.rows.push_back(std::move(command));
  return prepared;
}

class SelectionPlanner {
 public:
  SelectionPlanner(DmlKind kind, const Sources& sources, AnalyticalEngine* analytics,
                   const PlanOptions& options)
      : kind_(kind),
        analytics_(analytics),
        options_(options),
        plan_(std::make_shared<RowSelectionPlan>()) {
    plan_->sources_ = sources;
    plan_->kind_ = kind;
  }

  Result<DmlPlanPtr> Plan(const std::string& schema, const std::string& table, int location,
                          const std::string& alias, const std::vector<sql::Assignment>* set,
                          const sql::Expr* where) {
    const bool update = kind_ == DmlKind::kUpdate;
    KDB_ASSIGN_OR_RETURN(plan_->table_, FindTarget(plan_->sources_, update ? "update" : "delete",
                                                   schema, table, options_)
                                            .At(location));
    const catalog::TableInfo& info = *plan_->table_;
    if (update && info.kind == TableKind::kStream) {
      return InvalidOperation("UPDATE not supported for STREAM tables");
    }
    const Status missing = InvalidOperation(update ? "UPDATE requires a WHERE clause"
                                                   : "DELETE requires a WHERE clause");
    if (where == nullptr) return missing;
    scope_.schema = info.schema.get();
    scope_.ns = info.ns;
    scope_.table = info.name;
    scope_.alias = alias;
    scope_.params = options_.params;

    Result<ExprPtr> predicate = ExprBinder(scope_).Bind(*where);
    bool select = predicate.code() == ErrorCode::kNeedsAnalytics;
    if (!predicate.ok() && !select) return predicate.status();
    if (predicate.ok()) {
      const expr::Expr& e = **predicate;
      if (e.type().kind != TypeKind::kBoolean && e.type().kind != TypeKind::kNull) {
        return InvalidSql(
            fmt::format("WHERE needs a boolean expression, not {}", SqlTypeName(e.type())));
      }
      if (e.node() == expr::Node::kConstant && !e.constant().null() && e.constant().datum().b) {
        return missing;
      }
      plan_->scan_.predicate = *predicate;
    }
    if (set != nullptr) KDB_RETURN_IF_ERROR(BindSet(*set));
    select = select || !plan_->selected_.empty() || options_.engine == EngineChoice::kAnalyticsOnly;
    if (select) {
      KDB_RETURN_IF_ERROR(PlanSelection(schema, table, alias, set, *where));
    } else {
      plan_->scan_.table = plan_->table_;
      plan_->scan_.path = ChooseAccessPath(info, plan_->scan_.predicate);
      const AccessPath::Kind path = plan_->scan_.path.kind;
      plan_->keyed_ = (path == AccessPath::Kind::kPoint || path == AccessPath::Kind::kKeys) &&
                      plan_->scan_.path.keys.size() <= kMaxKeyedWrites;
    }
    size_t bytes = sizeof(RowSelectionPlan) + plan_->set_.size() * 300;
    if (plan_->scan_.predicate != nullptr) bytes += 1000;
    if (plan_->selection_ != nullptr) bytes += plan_->selection_->memory_bytes();
    plan_->memory_ = bytes;
    return DmlPlanPtr(std::move(plan_));
  }

 private:
  Status BindSet(const std::vector<sql::Assignment>& set) {
    const Schema& schema = *plan_->table_->schema;
    if (set.empty()) return InvalidOperation("UPDATE requires at least one assignment");
    for (const sql::Assignment& assignment : set) {
      const std::optional<size_t> ordinal = schema.Find(assignment.column);
      if (ordinal && schema.slot(*ordinal) < 0) {
        return {ErrorCode::kSystemColumn,
                fmt::format("UPDATE cannot modify system column '{}'", assignment.column)};
      }
      if (!ordinal) {
        return InvalidOperation(fmt::format("Column '{}' does not exist", assignment.column))
            .At(assignment.location);
      }
      const Column& column = schema.column(*ordinal);
      if (column.primary_key) {
        return InvalidOperation(
            fmt::format("UPDATE cannot modify primary key column '{}'", column.name));
      }
      for (const BoundAssignment& other : plan_->set_) {
        if (other.ordinal == *ordinal) {
          return InvalidOperation(fmt::format("Column '{}' specified more than once", column.name));
        }
      }
      BoundAssignment item;
      item.ordinal = *ordinal;
      if (assignment.value != nullptr) {
        Result<ExprPtr> value = ExprBinder(scope_).BindForColumn(*assignment.value, column);
        if (value.code() == ErrorCode::kNeedsAnalytics) {
          plan_->selected_.push_back(plan_->set_.size());
        } else if (!value.ok()) {
          return value.status();
        } else {
          item.value = value.Take();
        }
      }
      plan_->set_.push_back(std::move(item));
    }
    return Status::Ok();
  }

  static sql::SelectItem ColumnItem(const std::string& table, std::string column) {
    sql::SelectItem item;
    item.expr = std::make_unique<sql::Expr>();
    item.expr->kind = sql::ExprKind::kColumn;
    item.expr->path = {table, std::move(column)};
    return item;
  }

  // SELECT key, _seq, values ... FROM t WHERE predicate
  Status PlanSelection(const std::string& schema, const std::string& table,
                       const std::string& alias, const std::vector<sql::Assignment>* set,
                       const sql::Expr& where) {
    const Schema& columns = *plan_->table_->schema;
    const std::string& name = alias.empty() ? table : alias;
    sql::Select select;
    // A STREAM row is found by its _seq; its first column only holds the place.
    select.items.push_back(ColumnItem(name, columns.primary_key()
                                                ? columns.column(*columns.primary_key()).name
                                                : std::string(kSeqColumn)));
    select.items.push_back(ColumnItem(name, std::string(kSeqColumn)));
    for (size_t i : plan_->selected_) {
      sql::SelectItem item;
      item.expr = CloneExpr(*(*set)[i].value);
      item.alias = fmt::format("set_{}", i);
      select.items.push_back(std::move(item));
    }
    auto from = std::make_unique<sql::TableRef>();
    from->schema = schema;
    from->table = table;
    from->alias = alias;
    select.from.push_back(std::move(from));
    select.where = CloneExpr(where);
    PlanOptions options = options_;
    options.default_limit = options.max_limit = 0;
    KDB_ASSIGN_OR_RETURN(plan_->selection_,
                         PlanSelect(select, plan_->sources_, analytics_, options));
    return Status::Ok();
  }

  DmlKind kind_;
  AnalyticalEngine* analytics_;
  const PlanOptions& options_;
  std::shared_ptr<RowSelectionPlan> plan_;
  BindScope scope_;
};

Result<DmlPlanPtr> PlanUpdate(const sql::Update& update, const Sources& sources,
                              AnalyticalEngine* analytics, const PlanOptions& options) {
  return SelectionPlanner(DmlKind::kUpdate, sources, analytics, options)
      .Plan(update.schema, update.table, update.location, update.alias, &update.set,
            update.where.get());
}

Result<DmlPlanPtr> PlanDelete(const sql::Delete& statement, const Sources& sources,
                              AnalyticalEngine* analytics, const PlanOptions& options) {
  return SelectionPlanner(DmlKind::kDelete, sources, analytics, options)
      .Plan(statement.schema, statement.table, statement.location, statement.alias, nullptr,
            statement.where.get());
}

}  // namespace kalamdb::query
