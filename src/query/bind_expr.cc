// Expressions: syntax tree -> bound tree of src/expr.
#include "expr/functions.h"
#include "query/expr_binder.h"
#include "types/convert.h"

namespace kalamdb::query {

using expr::ExprPtr;

namespace {

// Operators and functions whose operands are brought to one type.
bool Unifies(std::string_view name) {
  static constexpr std::string_view kNames[] = {"=",
                                                "<>",
                                                "<",
                                                "<=",
                                                ">",
                                                ">=",
                                                "+",
                                                "-",
                                                "*",
                                                "/",
                                                "%",
                                                "in",
                                                "between",
                                                "is distinct from",
                                                "is not distinct from",
                                                "coalesce",
                                                "nullif",
                                                "greatest",
                                                "least"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

Result<ExprPtr> DecimalConstant(const std::string& spelling) {
  size_t point = spelling.find('.');
  size_t fraction = point == std::string::npos ? 0 : spelling.size() - point - 1;
  size_t digits =
      std::count_if(spelling.begin(), spelling.end(), [](char c) { return c >= '0' && c <= '9'; });
  Int128 unscaled = 0;
  if (digits > kMaxDecimalPrecision ||
      !ParseDecimal(spelling, static_cast<uint8_t>(fraction), &unscaled)) {
    return Status(ErrorCode::kExecution, "number '" + spelling + "' is out of range");
  }
  auto scale = static_cast<uint8_t>(fraction);
  auto precision = static_cast<uint8_t>(std::max<size_t>(digits, 1));
  return expr::MakeConstant(Value(Datum::Decimal(unscaled, scale)),
                            DataType::Decimal(precision, scale));
}

// Next to a DECIMAL a number with a fraction means exactly what is written, not its nearest double.
Status UnifyDecimals(const std::vector<const sql::Expr*>& asts, std::vector<ExprPtr>* args) {
  uint8_t scale = 0;
  bool any = false;
  for (const ExprPtr& arg : *args) {
    if (arg->type().kind != TypeKind::kDecimal) continue;
    any = true;
    scale = std::max(scale, arg->type().scale);
  }
  if (!any) return Status::Ok();
  for (size_t i = 0; i < args->size() && i < asts.size(); ++i) {
    std::string spelling = FractionSpelling(*asts[i]);
    if (!spelling.empty()) {
      Result<ExprPtr> constant = DecimalConstant(spelling);
      if (constant.ok()) (*args)[i] = constant.Take();
    } else if ((*args)[i]->node() == expr::Node::kParam &&
               (*args)[i]->type().kind == TypeKind::kDouble) {
      // A JSON number that is compared with a DECIMAL: its shortest decimal text is what was meant.
      uint8_t wide = std::max<uint8_t>(scale, 10);
      KDB_ASSIGN_OR_RETURN(
          (*args)[i], expr::MakeCast((*args)[i], DataType::Decimal(kMaxDecimalPrecision, wide)));
    }
  }
  return Status::Ok();
}
Status UnifyDecimals(const sql::Expr& ast, std::vector<ExprPtr>* args) {
  std::vector<const sql::Expr*> asts;
  for (const sql::ExprPtr& arg : ast.args) asts.push_back(arg.get());
  return UnifyDecimals(asts, args);
}

}  // namespace

std::string FractionSpelling(const sql::Expr& ast) {
  if (ast.kind == sql::ExprKind::kOperator && ast.name == "-" && ast.args.size() == 1 &&
      ast.args[0]) {
    std::string inner = FractionSpelling(*ast.args[0]);
    if (inner.empty()) return inner;
    return inner[0] == '-' ? inner.substr(1) : "-" + inner;
  }
  if (ast.kind != sql::ExprKind::kLiteral || ast.text.empty() ||
      ast.value.datum().kind != TypeKind::kDouble) {
    return "";
  }
  return ast.text.find_first_not_of("+-.0123456789") == std::string::npos ? ast.text : "";
}

Status UnknownColumn(std::string_view written, const BindScope& scope) {
  std::string message = fmt::format("No field named {}.", written);
  if (scope.schema != nullptr && scope.schema->size() > 0) {
    std::string_view qualifier = scope.alias.empty() ? scope.table : scope.alias;
    message += " Valid fields are ";
    bool first = true;
    for (const Column& column : scope.schema->columns()) {
      if (!first) message += ", ";
      first = false;
      if (!qualifier.empty()) {
        message += qualifier;
        message += '.';
      }
      message += column.name;
    }
    message += '.';
  }
  return {ErrorCode::kColumnNotFound, std::move(message)};
}

Result<ExprPtr> BindExpr(const sql::Expr& ast, const BindScope& scope) {
  return ExprBinder(scope).Bind(ast);
}

Result<ExprPtr> ExprBinder::Bind(const sql::Expr& ast) {
  if (++depth_ > expr::kMaxDepth) {
    return InvalidSql("Expression is nested too deeply");
  }
  Result<ExprPtr> bound = BindNode(ast);
  --depth_;
  // The innermost expression that is wrong says where.
  return std::move(bound).At(ast.location);
}

Result<ExprPtr> ExprBinder::BindNode(const sql::Expr& ast) {
  switch (ast.kind) {
    case sql::ExprKind::kLiteral:
      return expr::MakeConstant(ast.value, DataType::Of(ast.value.datum().kind));
    case sql::ExprKind::kParam:
      return BindParam(ast);
    case sql::ExprKind::kColumn:
      return BindColumn(ast);
    case sql::ExprKind::kStar:
      return InvalidSql("'*' is only allowed in a select list and in count(*)");
    case sql::ExprKind::kCall:
      return BindCall(ast);
    case sql::ExprKind::kOperator:
      return BindOperator(ast);
    case sql::ExprKind::kCase:
      return BindCase(ast);
    case sql::ExprKind::kCast: {
      if (ast.array_depth > 0) return NeedsAnalytics("array types");
      const sql::Expr& operand = *ast.args.at(0);
      if (ast.type.kind == TypeKind::kDecimal) {
        std::string spelling = FractionSpelling(operand);
        if (!spelling.empty()) {
          return expr::MakeCast(
              expr::MakeConstant(Value(Datum::Text(spelling)), DataType::Of(TypeKind::kText)),
              ast.type, ast.is_try);
        }
      }
      if (IsInteger(ast.type.kind)) {
        // A written fraction rounds as the decimal number it spells: CAST(2.5 AS INT) is 3.
        if (const std::string spelling = FractionSpelling(operand); !spelling.empty()) {
          if (Result<ExprPtr> exact = DecimalConstant(spelling); exact.ok()) {
            return expr::MakeCast(exact.Take(), ast.type, ast.is_try);
          }
        }
      }
      if (ast.type.kind == TypeKind::kEmbedding && operand.kind == sql::ExprKind::kArray) {
        KDB_ASSIGN_OR_RETURN(ExprPtr text, BindArrayText(operand));
        return expr::MakeCast(std::move(text), ast.type, ast.is_try);
      }
      KDB_ASSIGN_OR_RETURN(ExprPtr arg, Bind(operand));
      return expr::MakeCast(std::move(arg), ast.type, ast.is_try);
    }
    case sql::ExprKind::kExtract: {
      KDB_ASSIGN_OR_RETURN(ExprPtr arg, Bind(*ast.args.at(0)));
      std::vector<ExprPtr> args;
      args.push_back(
          expr::MakeConstant(Value(Datum::Text(ast.name)), DataType::Of(TypeKind::kText)));
      args.push_back(std::move(arg));
      return expr::MakeCall(expr::FindFunction("extract") != nullptr ? "extract" : "date_part",
                            std::move(args));
    }
    case sql::ExprKind::kSubquery:
      return NeedsAnalytics("subqueries");
    case sql::ExprKind::kArray:
    case sql::ExprKind::kIndex:
      return NeedsAnalytics("arrays");
    case sql::ExprKind::kRow:
      return NeedsAnalytics("row constructors");
    case sql::ExprKind::kInterval:
      return NeedsAnalytics("intervals");
  }
  return InternalError("unknown kind of expression");
}

Result<ExprPtr> ExprBinder::BindParam(const sql::Expr& ast) {
  if (ast.number < 1) return InvalidSql("Placeholders are numbered from $1");
  auto index = static_cast<size_t>(ast.number - 1);
  if (scope_.params.empty()) {
    return Status(
        ErrorCode::kParameterBinding,
        fmt::format("Placeholder '${}' was not provided a value for execution.", ast.number));
  }
  if (index >= scope_.params.size()) {
    return Status(ErrorCode::kParameterBinding,
                  fmt::format("No value found for placeholder with id ${}", ast.number));
  }
  return expr::MakeParam(index, DataType::Of(scope_.params[index].datum().kind));
}

Result<ExprPtr> ExprBinder::BindColumn(const sql::Expr& ast) {
  const std::vector<std::string>& path = ast.path;
  std::string written = fmt::format("{}", fmt::join(path, "."));
  if (path.empty()) return InvalidSql("Empty column name");
  if (scope_.allow_excluded && path.size() == 2 && path[0] == "excluded") {
    std::optional<size_t> ordinal = scope_.schema->Find(path[1]);
    if (!ordinal) return UnknownColumn(written, scope_);
    return expr::MakeExcluded(*ordinal, scope_.schema->column(*ordinal).type);
  }
  if (scope_.schema == nullptr) return UnknownColumn(written, scope_);
  // The qualifier: alias or table, else ns.table, else kalam.ns.table.
  bool known = false;
  switch (path.size()) {
    case 1:
      known = true;
      break;
    case 2:
      known = path[0] == (scope_.alias.empty() ? scope_.table : scope_.alias);
      break;
    case 3:
      known = scope_.alias.empty() && path[0] == scope_.ns && path[1] == scope_.table;
      break;
    case 4:
      known = scope_.alias.empty() && path[0] == "kalam" && path[1] == scope_.ns &&
              path[2] == scope_.table;
      break;
    default:
      break;
  }
  std::optional<size_t> ordinal;
  if (known) ordinal = scope_.schema->Find(path.back());
  if (!ordinal) return UnknownColumn(written, scope_);
  if (aggregates_ != nullptr) return NeedsAnalytics("columns beside aggregates");
  const Column& column = scope_.schema->column(*ordinal);
  if (scope_.mentions_deleted != nullptr && column.name == kDeletedColumn) {
    *scope_.mentions_deleted = true;
  }
  return expr::MakeColumn(*ordinal, column.type);
}

Result<std::vector<ExprPtr>> ExprBinder::BindArgs(const sql::Expr& ast) {
  std::vector<ExprPtr> args;
  args.reserve(ast.args.size());
  for (const sql::ExprPtr& arg : ast.args) {
    if (arg == nullptr) return InvalidSql("DEFAULT is not allowed in this context");
    KDB_ASSIGN_OR_RETURN(ExprPtr bound, Bind(*arg));
    args.push_back(std::move(bound));
  }
  return args;
}

Result<ExprPtr> ExprBinder::BindOperator(const sql::Expr& ast) {
  std::string_view name = ast.name;
  if (name == "!=") name = "<>";
  bool negated = false;
  for (std::string_view form : {"not in", "not between", "not between symmetric", "not like",
                                "not ilike", "not similar to"}) {
    if (name == form) {
      negated = true;
      name.remove_prefix(4);
      break;
    }
  }
  if ((name == "+" || name == "-") && ast.args.size() == 2) {
    bool handled = false;
    Result<ExprPtr> shifted = BindIntervalShift(ast, &handled);
    if (handled) return shifted;
  }
  KDB_ASSIGN_OR_RETURN(std::vector<ExprPtr> args, BindArgs(ast));
  if (Unifies(name)) KDB_RETURN_IF_ERROR(UnifyDecimals(ast, &args));
  ExprPtr bound;
  if (name == "between symmetric" && args.size() == 3) {
    KDB_ASSIGN_OR_RETURN(ExprPtr up, expr::MakeCall("between", {args[0], args[1], args[2]}));
    KDB_ASSIGN_OR_RETURN(ExprPtr down, expr::MakeCall("between", {args[0], args[2], args[1]}));
    KDB_ASSIGN_OR_RETURN(bound, expr::MakeCall("or", {up, down}));
  } else {
    KDB_ASSIGN_OR_RETURN(bound, expr::MakeCall(name, std::move(args)));
  }
  if (!negated) return bound;
  return expr::MakeCall("not", {bound});
}

Result<ExprPtr> ExprBinder::BindCall(const sql::Expr& ast) {
  const expr::FunctionInfo* function = expr::FindFunction(ast.name);
  if (function == nullptr) return InvalidSql(fmt::format("Invalid function '{}'.", ast.name));
  if (ast.over != nullptr || function->kind == expr::FunctionKind::kWindow) {
    return NeedsAnalytics("window functions");
  }
  if (function->kind == expr::FunctionKind::kAggregate) {
    if (aggregates_ == nullptr) return NeedsAnalytics("aggregates");
    return aggregates_->Add(ast);
  }
  if (function->kind == expr::FunctionKind::kTable || ast.star || ast.distinct ||
      ast.filter != nullptr || !ast.order_by.empty()) {
    return NeedsAnalytics("set-returning functions");
  }
  std::vector<ExprPtr> args;
  args.reserve(ast.args.size());
  for (const sql::ExprPtr& arg : ast.args) {
    if (arg == nullptr) return InvalidSql("DEFAULT is not allowed in this context");
    // Vectors are written as arrays too; the functions take their text form.
    bool vector_text = arg->kind == sql::ExprKind::kArray && ast.name.ends_with("_distance");
    KDB_ASSIGN_OR_RETURN(ExprPtr bound, vector_text ? BindArrayText(*arg) : Bind(*arg));
    args.push_back(std::move(bound));
  }
  if (Unifies(ast.name)) KDB_RETURN_IF_ERROR(UnifyDecimals(ast, &args));
  return expr::MakeCall(ast.name, std::move(args));
}

Result<ExprPtr> ExprBinder::BindCase(const sql::Expr& ast) {
  std::vector<ExprPtr> conditions, results;
  std::vector<const sql::Expr*> written;  // the results
  ExprPtr operand;
  if (ast.operand != nullptr) {
    KDB_ASSIGN_OR_RETURN(operand, Bind(*ast.operand));
  }
  for (size_t i = 0; i + 1 < ast.args.size(); i += 2) {
    KDB_ASSIGN_OR_RETURN(ExprPtr when, Bind(*ast.args[i]));
    if (operand != nullptr) {
      std::vector<ExprPtr> compared{operand, std::move(when)};
      KDB_RETURN_IF_ERROR(UnifyDecimals({ast.operand.get(), ast.args[i].get()}, &compared));
      KDB_ASSIGN_OR_RETURN(when, expr::MakeCall("=", std::move(compared)));
    }
    KDB_ASSIGN_OR_RETURN(ExprPtr then, Bind(*ast.args[i + 1]));
    conditions.push_back(std::move(when));
    results.push_back(std::move(then));
    written.push_back(ast.args[i + 1].get());
  }
  if (ast.else_ != nullptr) {
    KDB_ASSIGN_OR_RETURN(ExprPtr otherwise, Bind(*ast.else_));
    results.push_back(std::move(otherwise));
    written.push_back(ast.else_.get());
  } else {
    results.push_back(expr::MakeConstant(Value(), DataType::Of(TypeKind::kNull)));
  }
  KDB_RETURN_IF_ERROR(UnifyDecimals(written, &results));
  std::vector<ExprPtr> args;
  for (size_t i = 0; i < conditions.size(); ++i) {
    args.push_back(std::move(conditions[i]));
    args.push_back(std::move(results[i]));
  }
  args.push_back(std::move(results.back()));
  return expr::MakeCase(std::move(args));
}

// ARRAY[a, b] -> '[' || a || ',' || b || ']'
Result<ExprPtr> ExprBinder::BindArrayText(const sql::Expr& ast) {
  const DataType text = DataType::Of(TypeKind::kText);
  bool all_literal = true;
  std::string literal = "[";
  for (const sql::ExprPtr& arg : ast.args) {
    std::string spelling = FractionSpelling(*arg);
    if (spelling.empty() && arg->kind == sql::ExprKind::kLiteral && !arg->value.null() &&
        IsInteger(arg->value.datum().kind)) {
      AppendText(&spelling, arg->value.datum());
    }
    if (spelling.empty()) {
      all_literal = false;
      break;
    }
    if (literal.size() > 1) literal += ',';
    literal += spelling;
  }
  if (all_literal) {
    literal += ']';
    return expr::MakeConstant(Value::Text(std::move(literal)), text);
  }
  ExprPtr sum = expr::MakeConstant(Value::Text("["), text);
  const ExprPtr comma = expr::MakeConstant(Value::Text(","), text);
  bool first = true;
  for (const sql::ExprPtr& arg : ast.args) {
    if (!first) {
      KDB_ASSIGN_OR_RETURN(sum, expr::MakeCall("||", {sum, comma}));
    }
    first = false;
    KDB_ASSIGN_OR_RETURN(ExprPtr item, Bind(*arg));
    KDB_ASSIGN_OR_RETURN(item, expr::MakeCast(std::move(item), text));
    KDB_ASSIGN_OR_RETURN(sum, expr::MakeCall("||", {sum, item}));
  }
  return expr::MakeCall("||", {sum, expr::MakeConstant(Value::Text("]"), text)});
}

Result<ExprPtr> ExprBinder::BindForColumn(const sql::Expr& ast, const Column& column) {
  ExprPtr value;
  std::string spelling;
  if (column.type.kind == TypeKind::kDecimal) spelling = FractionSpelling(ast);
  if (!spelling.empty()) {
    value = expr::MakeConstant(Value::Text(std::move(spelling)), DataType::Of(TypeKind::kText));
  } else if (column.type.kind == TypeKind::kEmbedding && ast.kind == sql::ExprKind::kArray) {
    KDB_ASSIGN_OR_RETURN(value, BindArrayText(ast));
  } else {
    KDB_ASSIGN_OR_RETURN(value, Bind(ast));
  }
  return expr::MakeColumnCoercion(std::move(value), column.type, column.name);
}

// timestamp +- INTERVAL without months is arithmetic in microseconds; everything else about
// intervals is the analytical engine's.
Result<ExprPtr> ExprBinder::BindIntervalShift(const sql::Expr& ast, bool* handled) {
  const sql::Expr* left = ast.args[0].get();
  const sql::Expr* right = ast.args[1].get();
  if (left == nullptr || right == nullptr) return NeedsAnalytics("intervals");
  if (ast.name == "+" && left->kind == sql::ExprKind::kInterval) std::swap(left, right);
  if (right->kind != sql::ExprKind::kInterval) return NeedsAnalytics("intervals");
  *handled = true;
  int64_t micros = 0;
  if (!ParseFixedInterval(right->text, &micros)) return NeedsAnalytics("intervals");
  KDB_ASSIGN_OR_RETURN(ExprPtr base, Bind(*left));
  DataType type = base->type();
  if (!IsDateTimeKind(type.kind)) return NeedsAnalytics("intervals");
  const DataType bigint = DataType::Of(TypeKind::kBigInt);
  KDB_ASSIGN_OR_RETURN(base, expr::MakeCast(std::move(base), bigint));
  ExprPtr shift = expr::MakeConstant(Value(Datum::BigInt(micros)), bigint);
  KDB_ASSIGN_OR_RETURN(base, expr::MakeCall(ast.name, {base, shift}));
  return expr::MakeCast(std::move(base), type);
}

}  // namespace kalamdb::query
