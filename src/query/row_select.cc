// Planning a SELECT for the row engine: what it can do is bound here, everything else is declined
// with kNeedsAnalytics.
#include "query/row_plan.h"

namespace kalamdb::query {

using expr::ExprPtr;

namespace {

// Aliases keep their case, references are lower case.
bool SameName(std::string_view alias, std::string_view lower) {
  return alias.size() == lower.size() &&
         std::equal(alias.begin(), alias.end(), lower.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

}  // namespace

class RowPlanner {
 public:
  RowPlanner(const sql::Select& select, const Sources& sources, const PlanOptions& options)
      : select_(select), options_(options), plan_(std::make_shared<RowPlan>()) {
    plan_->sources_ = sources;
    plan_->default_limit_ = options.default_limit;
    plan_->max_limit_ = options.max_limit;
  }

  Result<SelectPlanPtr> Plan() {
    KDB_RETURN_IF_ERROR(CheckShape());
    KDB_RETURN_IF_ERROR(BindFrom());
    KDB_RETURN_IF_ERROR(BindWhere());
    KDB_RETURN_IF_ERROR(BindItems());
    KDB_RETURN_IF_ERROR(BindOrder());
    KDB_RETURN_IF_ERROR(BindCount(select_.limit.get(), &plan_->limit_));
    KDB_RETURN_IF_ERROR(BindCount(select_.offset.get(), &plan_->offset_));
    plan_->memory_ = Measure();
    return SelectPlanPtr(std::move(plan_));
  }

 private:
  Status CheckShape() const {
    if (!select_.with.empty() || select_.set_op != sql::SetOp::kNone || !select_.values.empty() ||
        select_.distinct || !select_.distinct_on.empty() || !select_.group_by.empty() ||
        select_.having != nullptr || !select_.windows.empty() || select_.with_ties ||
        select_.from.size() > 1) {
      return NeedsAnalytics("more than one table, or grouping");
    }
    if (select_.from.size() == 1) {
      const sql::TableRef& ref = *select_.from[0];
      if (ref.kind != sql::TableRef::Kind::kTable || !ref.column_aliases.empty()) {
        return NeedsAnalytics("joins, subqueries and table functions");
      }
    }
    return Status::Ok();
  }

  Status BindFrom() {
    scope_.params = options_.params;
    if (select_.from.empty()) return Status::Ok();
    const sql::TableRef& ref = *select_.from[0];
    KDB_ASSIGN_OR_RETURN(
        plan_->from_,
        FindSource(plan_->sources_, ref.schema, ref.table, options_.default_ns).At(ref.location));
    const TableLookup& from = plan_->from_;
    plan_->scan_.table = from.table;
    scope_.schema = from.table ? from.table->schema.get() : from.virtual_table->schema().get();
    scope_.ns = from.table ? std::string_view(from.table->ns) : from.virtual_table->ns();
    // The name as it was written: a table may have aliases.
    scope_.table = ref.table;
    scope_.alias = ref.alias;
    return Status::Ok();
  }

  Status BindWhere() {
    ScanSpec& scan = plan_->scan_;
    if (select_.where != nullptr) {
      scope_.mentions_deleted = &scan.include_deleted;
      KDB_ASSIGN_OR_RETURN(scan.predicate, ExprBinder(scope_).Bind(*select_.where));
      scope_.mentions_deleted = nullptr;
      const TypeKind kind = scan.predicate->type().kind;
      if (kind != TypeKind::kBoolean && kind != TypeKind::kNull) {
        return InvalidSql(fmt::format("WHERE needs a boolean expression, not {}",
                                      SqlTypeName(scan.predicate->type())));
      }
    }
    if (scan.table != nullptr) scan.path = ChooseAccessPath(*scan.table, scan.predicate);
    return Status::Ok();
  }

  Status BindItems() {
    for (const sql::SelectItem& item : select_.items) {
      if (item.expr->kind != sql::ExprKind::kStar && ContainsAggregate(*item.expr)) {
        plan_->aggregated_ = true;
      }
    }
    AggregateBinder aggregates(scope_);
    ExprBinder binder(scope_, plan_->aggregated_ ? &aggregates : nullptr);
    for (const sql::SelectItem& item : select_.items) {
      if (item.expr->kind == sql::ExprKind::kStar) {
        if (plan_->aggregated_) return NeedsAnalytics("columns beside aggregates");
        KDB_RETURN_IF_ERROR(ExpandStar(*item.expr));
        continue;
      }
      KDB_ASSIGN_OR_RETURN(ExprPtr bound, binder.Bind(*item.expr));
      AddOutput(std::move(bound), item.alias.empty() ? DefaultColumnName(*item.expr) : item.alias);
    }
    plan_->aggregates_ = aggregates.Take();
    if (plan_->aggregated_) MaskAggregates();
    return Status::Ok();
  }

  Status ExpandStar(const sql::Expr& star) {
    if (scope_.schema == nullptr) {
      return InvalidSql("SELECT * with no tables specified is not valid");
    }
    if (!star.path.empty()) {
      // The qualifier is checked by binding a column with it.
      sql::Expr probe;
      probe.kind = sql::ExprKind::kColumn;
      probe.path = star.path;
      probe.path.push_back(scope_.schema->column(0).name);
      probe.location = star.location;
      KDB_RETURN_IF_ERROR(ExprBinder(scope_).Bind(probe).status());
    }
    for (const std::string& left_out : star.except) {
      if (!scope_.schema->Find(left_out)) return UnknownColumn(left_out, scope_).At(star.location);
    }
    for (size_t i = 0; i < scope_.schema->size(); ++i) {
      const Column& column = scope_.schema->column(i);
      if (std::find(star.except.begin(), star.except.end(), column.name) != star.except.end()) {
        continue;
      }
      AddOutput(expr::MakeColumn(i, column.type), column.name);
    }
    if (plan_->outputs_.empty()) return InvalidSql("The select list is empty");
    return Status::Ok();
  }

  // Values of secret columns stay secret whatever is computed from them.
  void MaskAggregates() {
    for (size_t i = 0; i < plan_->columns_.size(); ++i) {
      const expr::Expr& output = *plan_->outputs_[i].expr;
      plan_->columns_[i].masked = AnySecretAggregate(output);
    }
  }
  [[nodiscard]] bool AnySecretAggregate(const expr::Expr& e) const {
    if (e.node() == expr::Node::kColumn) {
      const Aggregate& aggregate = plan_->aggregates_[e.index()];
      // A count tells nothing of the values.
      return aggregate.kind != AggregateKind::kCount && aggregate.arg != nullptr &&
             ReadsSecret(*aggregate.arg, *scope_.schema);
    }
    return std::any_of(e.args().begin(), e.args().end(),
                       [this](const ExprPtr& arg) { return AnySecretAggregate(*arg); });
  }

  void AddOutput(ExprPtr bound, std::string name) {
    ResultColumn column;
    column.name = std::move(name);
    column.type = bound->type();
    if (!plan_->aggregated_) {
      if (bound->node() == expr::Node::kColumn) {
        const Column& source = scope_.schema->column(bound->index());
        column.primary_key = source.primary_key;
        column.not_null = !source.nullable;
      }
      column.masked = scope_.schema != nullptr && ReadsSecret(*bound, *scope_.schema);
    }
    plan_->columns_.push_back(std::move(column));
    plan_->outputs_.emplace_back(std::move(bound));
  }

  // An ORDER BY item means, in this order: an output by position, an output by name, any
  // expression.
  Result<ExprPtr> BindOrderItem(const sql::Expr& ast) {
    if (ast.kind == sql::ExprKind::kLiteral && !ast.value.null() &&
        IsInteger(ast.value.datum().kind)) {
      const int64_t position = ast.value.datum().i;
      if (position < 1 || static_cast<uint64_t>(position) > plan_->outputs_.size()) {
        return InvalidSql(fmt::format("ORDER BY position {} is not in select list", position));
      }
      return plan_->outputs_[static_cast<size_t>(position) - 1].expr;
    }
    if (ast.kind == sql::ExprKind::kLiteral) return InvalidSql("non-integer constant in ORDER BY");
    if (ast.kind == sql::ExprKind::kColumn && ast.path.size() == 1) {
      ExprPtr named;
      for (size_t i = 0; i < plan_->outputs_.size(); ++i) {
        if (!SameName(plan_->columns_[i].name, ast.path[0])) continue;
        const ExprPtr& output = plan_->outputs_[i].expr;
        if (named != nullptr &&
            !(named->node() == expr::Node::kColumn && output->node() == expr::Node::kColumn &&
              named->index() == output->index())) {
          return InvalidSql(fmt::format("ORDER BY \"{}\" is ambiguous", ast.path[0]));
        }
        named = output;
      }
      if (named != nullptr) return named;
    }
    return ExprBinder(scope_).Bind(ast);
  }

  Status BindOrder() {
    if (plan_->aggregated_) {
      // One row is in every order, but the names in it still have to be right.
      return select_.order_by.empty() ? Status::Ok() : NeedsAnalytics("ORDER BY of aggregates");
    }
    ScanSpec& scan = plan_->scan_;
    if (select_.order_by.empty()) return DefaultOrder();
    for (const sql::OrderItem& item : select_.order_by) {
      KDB_ASSIGN_OR_RETURN(ExprPtr bound, BindOrderItem(*item.expr));
      const TypeKind kind = bound->type().kind;
      if (kind != TypeKind::kNull && !IsComparable(kind, kind)) return NeedsAnalytics("this order");
      SortKey key;
      key.descending = item.descending;
      key.nulls_first = item.nulls == sql::OrderItem::Nulls::kFirst ||
                        (item.nulls == sql::OrderItem::Nulls::kDefault && item.descending);
      plan_->sort_exprs_.emplace_back(std::move(bound));
      plan_->sort_keys_.push_back(key);
    }
    if (scan.table == nullptr) return Status::Ok();
    // A unique column in first place decides alone; its order may be the storage's.
    const OutputExpr& first = plan_->sort_exprs_[0];
    if (!first.plain) return Status::Ok();
    const Schema& schema = *scan.table->schema;
    const bool stream = scan.table->kind == TableKind::kStream;
    const AccessPath::Kind path = scan.path.kind;
    const bool descending = plan_->sort_keys_[0].descending;
    const bool single = path == AccessPath::Kind::kPoint;
    bool stored_order = single;
    if (!stream && schema.primary_key() == first.ordinal) {
      stored_order = path != AccessPath::Kind::kSeqRange;
    } else if (first.ordinal == schema.seq_ordinal()) {
      if (stream || path == AccessPath::Kind::kSeqRange) {
        stored_order = true;
      } else if (path == AccessPath::Kind::kOwner && select_.limit != nullptr &&
                 scan.predicate == nullptr) {
        // The newest few: walking by _seq costs a look-up a row, and stops early.
        scan.by_seq = stored_order = true;
      }
    }
    if (stored_order) {
      scan.reverse = descending && !single;
      plan_->sort_exprs_.clear();
      plan_->sort_keys_.clear();
    }
    return Status::Ok();
  }

  // By primary key when it is in the output. Rows come so by themselves, unless they were found by
  // _seq.
  Status DefaultOrder() {
    const ScanSpec& scan = plan_->scan_;
    if (scan.table == nullptr || scan.table->kind == TableKind::kStream ||
        scan.path.kind != AccessPath::Kind::kSeqRange) {
      return Status::Ok();
    }
    const std::optional<size_t> pk = scan.table->schema->primary_key();
    for (const OutputExpr& output : plan_->outputs_) {
      if (!pk || !output.plain || output.ordinal != *pk) continue;
      plan_->sort_exprs_.push_back(output);
      plan_->sort_keys_.push_back(SortKey{});
      break;
    }
    return Status::Ok();
  }

  Status BindCount(const sql::Expr* ast, ExprPtr* out) {
    if (ast == nullptr) return Status::Ok();
    BindScope scope;
    scope.params = options_.params;
    KDB_ASSIGN_OR_RETURN(ExprPtr bound, BindExpr(*ast, scope));
    KDB_ASSIGN_OR_RETURN(*out, expr::MakeCast(std::move(bound), DataType::Of(TypeKind::kBigInt)));
    return Status::Ok();
  }

  [[nodiscard]] size_t Measure() const {
    size_t bytes = sizeof(RowPlan);
    if (plan_->scan_.predicate != nullptr) bytes += ExprBytes(*plan_->scan_.predicate);
    for (const OutputExpr& output : plan_->outputs_) bytes += ExprBytes(*output.expr);
    for (const OutputExpr& key : plan_->sort_exprs_) bytes += ExprBytes(*key.expr);
    for (const ResultColumn& column : plan_->columns_) bytes += sizeof column + column.name.size();
    return bytes;
  }

  const sql::Select& select_;
  const PlanOptions& options_;
  std::shared_ptr<RowPlan> plan_;
  BindScope scope_;
};

Result<SelectPlanPtr> PlanRowSelect(const sql::Select& select, const Sources& sources,
                                    const PlanOptions& options) {
  return RowPlanner(select, sources, options).Plan();
}

}  // namespace kalamdb::query
