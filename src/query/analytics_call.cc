// Calls: scalar functions, aggregates and windows, each by the spelling that the table of functions
// gives it.
#include <utility>

#include "query/analytics_sql.h"
#include "query/duckdb_functions.h"
#include "query/expr_binder.h"
#include "types/convert.h"

namespace kalamdb::query {
namespace {

Status WrongArguments(const sql::Expr& e) {
  return InvalidSql(fmt::format("wrong number of arguments for '{}': {}", e.name, e.args.size()));
}

// Whether the result is one of the arguments, or at least of their type.
bool ReturnsArgument(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "min",      "max",    "any_value", "first_value", "last_value", "nth_value", "lag",   "lead",
      "coalesce", "nullif", "nvl",       "greatest",    "least",      "mode",      "first", "last"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool Unifies(std::string_view name) {
  return name == "coalesce" || name == "nullif" || name == "nvl" || name == "greatest" ||
         name == "least";
}

bool MakesJson(std::string_view aggregate) {
  return aggregate == "json_agg" || aggregate == "jsonb_agg" || aggregate == "json_object_agg" ||
         aggregate == "jsonb_object_agg";
}

// The type of an evaluated call when the types of its arguments are not known: functions of numbers
// are then functions of DOUBLE.
DataType UsualType(std::string_view name) {
  static constexpr std::pair<std::string_view, TypeKind> kTypes[] = {
      {"?", TypeKind::kBoolean},
      {"=", TypeKind::kBoolean},
      {"<>", TypeKind::kBoolean},
      {"<", TypeKind::kBoolean},
      {"<=", TypeKind::kBoolean},
      {">", TypeKind::kBoolean},
      {">=", TypeKind::kBoolean},
      {"in", TypeKind::kBoolean},
      {"between", TypeKind::kBoolean},
      {"is distinct from", TypeKind::kBoolean},
      {"is not distinct from", TypeKind::kBoolean},
      {"<<", TypeKind::kBigInt},
      {">>", TypeKind::kBigInt},
      {"^", TypeKind::kDouble},
      {"date_trunc", TypeKind::kTimestamp},
      {"@>", TypeKind::kBoolean},
      {"similar to", TypeKind::kBoolean},
      {"json_contains", TypeKind::kBoolean},
      {"json_get_bool", TypeKind::kBoolean},
      {"octet_length", TypeKind::kInt},
      {"bit_length", TypeKind::kInt},
      {"json_get_int", TypeKind::kBigInt},
      {"json_length", TypeKind::kBigInt},
      {"json_array_length", TypeKind::kBigInt},
      {"jsonb_array_length", TypeKind::kBigInt},
      {"gcd", TypeKind::kBigInt},
      {"lcm", TypeKind::kBigInt},
      {"cbrt", TypeKind::kDouble},
      {"div", TypeKind::kDouble},
      {"exp", TypeKind::kDouble},
      {"factorial", TypeKind::kBigInt},
      {"log", TypeKind::kDouble},
      {"pow", TypeKind::kDouble},
      {"power", TypeKind::kDouble},
      {"round", TypeKind::kDouble},
      {"trunc", TypeKind::kDouble},
      {"date_part", TypeKind::kDouble},
      {"json_get_float", TypeKind::kDouble},
      {"cosine_distance", TypeKind::kFloat},
      {"make_time", TypeKind::kTime},
      {"make_timestamp", TypeKind::kTimestamp},
      {"to_timestamp", TypeKind::kTimestamp},
      {"decode", TypeKind::kBytes}};
  for (const auto& [known, kind] : kTypes) {
    if (known == name) return DataType::Of(kind);
  }
  return DataType::Of(TypeKind::kText);
}

// A literal that DATE_TRUNC of DuckDB takes and cuts as we do.
bool IsPlainUnit(const sql::Expr& e) {
  static constexpr std::string_view kUnits[] = {"microseconds", "milliseconds", "second", "minute",
                                                "hour",         "day",          "week",   "month",
                                                "quarter",      "year"};
  if (e.kind != sql::ExprKind::kLiteral || e.value.datum().kind != TypeKind::kText) return false;
  return std::find(std::begin(kUnits), std::end(kUnits), e.value.datum().text()) !=
         std::end(kUnits);
}

// The parenthesis that closes the one at `open`.
size_t Closing(std::string_view text, size_t open) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

}  // namespace

Result<std::string> ExpandTemplate(std::string_view function, std::string_view spelling,
                                   const std::vector<std::string>& args) {
  std::string sql;
  if (spelling.find('$') == std::string_view::npos &&
      spelling.find('(') == std::string_view::npos) {
    sql = std::string(spelling) + "(";
    for (size_t i = 0; i < args.size(); ++i) sql += (i > 0 ? ", " : "") + args[i];
    return sql + ")";
  }
  for (size_t i = 0; i < spelling.size(); ++i) {
    if (spelling[i] != '$' || i + 1 == spelling.size()) {
      sql.push_back(spelling[i]);
      continue;
    }
    const char which = spelling[++i];
    if (which == '*') {
      for (size_t k = 0; k < args.size(); ++k) sql += (k > 0 ? ", " : "") + args[k];
    } else if (which >= '1' && which <= '9') {
      const auto k = static_cast<size_t>(which - '1');
      if (k >= args.size()) {
        return InvalidSql(
            fmt::format("wrong number of arguments for '{}': {}", function, args.size()));
      }
      sql += args[k];
    } else {
      sql.push_back('$');
      sql.push_back(which);
    }
  }
  return sql;
}

Status SqlWriter::CheckArguments(const sql::Expr& call, const expr::FunctionInfo& function) {
  const int n = static_cast<int>(call.args.size());
  const bool star = call.star && call.name == "count";
  if (!star && (n < function.min_args || (function.max_args >= 0 && n > function.max_args))) {
    return WrongArguments(call);
  }
  return Status::Ok();
}

Result<Fragment> SqlWriter::WriteCall(const sql::Expr& e, const Scope& scope) {
  const expr::FunctionInfo* function = expr::FindFunction(e.name);
  if (function == nullptr) return InvalidSql(fmt::format("Invalid function '{}'.", e.name));
  KDB_RETURN_IF_ERROR(CheckArguments(e, *function));
  if (e.star && e.name != "count") return InvalidSql(fmt::format("'{}' does not take *", e.name));
  const bool aggregate = function->kind == expr::FunctionKind::kAggregate ||
                         function->kind == expr::FunctionKind::kWindow;
  if (aggregate) return WriteAggregate(e, *function, scope);
  if (e.over != nullptr || e.filter != nullptr || e.distinct || e.within_group ||
      !e.order_by.empty()) {
    return InvalidSql(fmt::format("'{}' is not an aggregate function", e.name));
  }
  KDB_ASSIGN_OR_RETURN(std::optional<Fragment> context, WriteContextCall(e));
  if (context) return std::move(*context);
  return WriteScalarCall(e, *function, scope);
}

// What depends on the run and not on DuckDB.
Result<std::optional<Fragment>> SqlWriter::WriteContextCall(const sql::Expr& e) {
  if (!e.args.empty()) return std::optional<Fragment>();
  const std::string_view name = e.name;
  const DataType text = DataType::Of(TypeKind::kText);
  using Kind = BoundValue::Kind;
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto instant = [&](std::string_view type, TypeKind kind) {
    // CAST(CAST($1 AS TIMESTAMP) AS DATE): the parameter alone has no type.
    return std::optional(Fragment::Of(
        fmt::format("CAST(CAST({} AS TIMESTAMP) AS {})", Bind({Kind::kNow, 0, {}}), type),
        DataType::Of(kind)));
  };
  if (is({"now", "current_timestamp", "localtimestamp", "transaction_timestamp",
          "statement_timestamp"})) {
    return instant("TIMESTAMP", TypeKind::kTimestamp);
  }
  if (is({"current_date", "today"})) return instant("DATE", TypeKind::kDate);
  if (is({"current_time", "localtime"})) return instant("TIME", TypeKind::kTime);
  if (is({"current_user", "current_user_id", "kdb_current_user", "session_user", "user"})) {
    return std::optional(
        Fragment::Of(fmt::format("CAST({} AS VARCHAR)", Bind({Kind::kUser, 0, {}})), text));
  }
  if (is({"current_role", "kdb_current_role"})) {
    return std::optional(
        Fragment::Of(fmt::format("CAST({} AS VARCHAR)", Bind({Kind::kRole, 0, {}})), text));
  }
  const auto generated = [](std::string_view function, TypeKind kind) {
    return std::optional(Fragment::Of(std::string(function) + "()", DataType::Of(kind)));
  };
  if (name == "snowflake_id") return generated(kSnowflakeIdFunction, TypeKind::kBigInt);
  if (name == "uuid_v7") return generated(kUuidV7Function, TypeKind::kText);
  if (name == "ulid") return generated(kUlidFunction, TypeKind::kText);
  if (name == "current_schema")
    return std::optional(Fragment::Of(QuoteText(options_.default_ns), text));
  if (is({"current_database", "current_catalog"}))
    return std::optional(Fragment::Of("'kalam'", text));
  return std::optional<Fragment>();
}

// Both engines agree on the digits of a DECIMAL.
Fragment SqlWriter::WithType(std::string sql, const DataType& type) {
  if (type.kind == TypeKind::kDecimal && type.precision > 0) {
    sql = fmt::format("CAST({} AS DECIMAL({},{}))", sql, type.precision, type.scale);
  } else if (IsInteger(type.kind)) {
    sql = fmt::format("CAST({} AS {})", sql, DuckDbTypeName(type));
  } else if (IsFloating(type.kind)) {
    sql = fmt::format("CAST({} AS {})", sql, type.kind == TypeKind::kFloat ? "FLOAT" : "DOUBLE");
  }
  return Fragment::Of(std::move(sql), type);
}

Result<Fragment> SqlWriter::WriteScalarCall(const sql::Expr& e, const expr::FunctionInfo& function,
                                            const Scope& scope) {
  const bool series = function.kind == expr::FunctionKind::kTable;
  if (series && (scope.level == nullptr || !scope.level->in_select_list)) {
    return InvalidSql(fmt::format("set-returning function '{}' is not allowed here", e.name));
  }
  KDB_ASSIGN_OR_RETURN(Args args, WriteArgs(e.args, scope));
  std::vector<const sql::Expr*> asts;
  for (const sql::ExprPtr& arg : e.args) asts.push_back(arg.get());
  if (Unifies(e.name)) Unify(asts, &args);
  if (Unifies(e.name) && e.name != "nullif") KDB_RETURN_IF_ERROR(Meet(asts, &args).status());
  if (e.name == "concat" || e.name == "concat_ws") {
    for (Fragment& arg : args) {
      if (arg.type && !IsTextual(arg.type->kind))
        arg = Cast(arg, DataType::Of(TypeKind::kText), false);
    }
  }
  std::optional<DataType> type;
  if (ReturnsArgument(e.name) && !args.empty()) {
    type = args[0].type;
    for (const Fragment& arg : args) {
      if (arg.type != type && !arg.text_value) type.reset();
    }
  }
  std::vector<std::string> texts;
  for (const Fragment& arg : args) texts.push_back(arg.sql);
  if (e.name == "date_part" || e.name == "extract") return WriteDatePart(asts, args);
  if (e.name == "date_trunc" && !IsPlainUnit(*asts[0])) return WriteEvaluated(e.name, asts, args);
  if (e.name == "pg_typeof" && args[0].type && args[0].type->kind == TypeKind::kDateTime) {
    return Fragment::Of("CAST('timestamp with time zone' AS VARCHAR)",
                        DataType::Of(TypeKind::kText));
  }
  const std::string_view spelling = expr::DuckdbSpelling(function, static_cast<int>(args.size()));
  if (spelling.empty()) {
    if (function.row_engine) return WriteEvaluated(e.name, asts, args);
    return NotImplemented(fmt::format("Function '{}' is not available", e.name));
  }
  if (function.row_engine && Multiplies(spelling, args)) return WriteEvaluated(e.name, asts, args);
  KDB_ASSIGN_OR_RETURN(std::string sql, ExpandTemplate(e.name, spelling, texts));
  if (series && !spelling.starts_with("unnest")) sql = "unnest(" + sql + ")";
  if (function.row_engine) {
    std::optional<Result<DataType>> known = RowEngineType(e.name, asts, args);
    if (known && known->ok()) return WithType(std::move(sql), **known);
  }
  return Fragment::Of(std::move(sql), type);
}

bool SqlWriter::Multiplies(std::string_view spelling, const Args& args) {
  for (size_t k = 0; k < args.size() && k < 9; ++k) {
    if (args[k].sql.size() <= kMaxRepeatedBytes) continue;
    const std::string placeholder = fmt::format("${}", k + 1);
    const size_t first = spelling.find(placeholder);
    if (first != std::string_view::npos &&
        spelling.find(placeholder, first + 2) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::optional<Result<DataType>> SqlWriter::RowEngineType(std::string_view name,
                                                         const std::vector<const sql::Expr*>& asts,
                                                         const Args& args) {
  std::vector<expr::ExprPtr> probes;
  for (size_t i = 0; i < args.size(); ++i) {
    if (!args[i].type) return std::nullopt;
    const DataType& type = *args[i].type;
    Int128 unscaled = 0;
    if (type.kind == TypeKind::kDecimal &&
        ParseDecimal(FractionSpelling(*asts[i]), type.scale, &unscaled)) {
      probes.push_back(expr::MakeConstant(Value(Datum::Decimal(unscaled, type.scale)), type));
    } else if (asts[i]->kind == sql::ExprKind::kLiteral) {
      probes.push_back(
          expr::MakeConstant(asts[i]->value, DataType::Of(asts[i]->value.datum().kind)));
    } else if (type.kind == TypeKind::kList) {
      probes.push_back(expr::MakeColumn(i, DataType::Of(TypeKind::kText)));
    } else {
      probes.push_back(expr::MakeColumn(i, type));
    }
  }
  Result<expr::ExprPtr> probe = expr::MakeCall(name, std::move(probes));
  if (!probe.ok()) return Result<DataType>(probe.status());
  if ((*probe)->type().kind == TypeKind::kNull) return std::nullopt;
  return Result<DataType>((*probe)->type());
}

Result<Fragment> SqlWriter::WriteEvaluated(std::string_view name,
                                           const std::vector<const sql::Expr*>& asts,
                                           const Args& args) {
  DataType type = UsualType(name);
  if (std::optional<Result<DataType>> known = RowEngineType(name, asts, args); known) {
    if (!known->ok()) return known->status();
    type = **known;
  }
  std::vector<std::string> texts;
  std::vector<size_t> json;
  for (size_t i = 0; i < args.size(); ++i) {
    texts.push_back(args[i].sql);
    if (args[i].type && args[i].type->kind == TypeKind::kJson) json.push_back(i);
  }
  return Fragment::Of(EvaluatedCall(name, texts, type, json), type);
}

Result<Fragment> SqlWriter::WriteDatePart(const std::vector<const sql::Expr*>& asts,
                                          const Args& args) {
  if (args[1].type) return WriteEvaluated("date_part", asts, args);
  return Fragment::Of(fmt::format("CAST(date_part({}, {}) AS DOUBLE)", args[0].sql, args[1].sql),
                      DataType::Of(TypeKind::kDouble));
}

void SqlWriter::WriteJsonArguments(Args* args) {
  const DataType text = DataType::Of(TypeKind::kText);
  const auto as_json = [&](const Fragment& arg) {
    if (arg.type && arg.type->kind != TypeKind::kList) {
      const std::vector<size_t> json(arg.type->kind == TypeKind::kJson ? 1 : 0, 0);
      return EvaluatedCall("to_json", {arg.sql}, text, json);
    }
    return fmt::format("CAST(to_json({}) AS VARCHAR)", arg.sql);
  };
  Fragment& value = args->back();
  value = Fragment::Of(fmt::format("coalesce({}, 'null')", as_json(value)), text);
  if (args->size() < 2) return;
  Fragment& key = args->front();
  key = Fragment::Of(fmt::format("coalesce({}, error('field name must not be null'))",
                                 as_json(Cast(key, text, false))),
                     text);
}

// name([DISTINCT] args [ORDER BY ...]) [WITHIN GROUP (...)] [FILTER (...)] [OVER ...]. A spelling
// may wrap the call that takes the arguments: what modifies the aggregate stays with that one.
Result<Fragment> SqlWriter::WriteAggregate(const sql::Expr& e, const expr::FunctionInfo& function,
                                           const Scope& scope) {
  if (function.duckdb.empty()) {
    return NotImplemented(fmt::format("Function '{}' is not available", e.name));
  }
  if (function.kind == expr::FunctionKind::kWindow && e.over == nullptr) {
    return InvalidSql(fmt::format("window function '{}' requires an OVER clause", e.name));
  }
  if (e.over == nullptr && scope.level != nullptr) {
    if (scope.level->in_where) return InvalidSql("aggregate functions are not allowed in WHERE");
    scope.level->aggregates = true;
  }
  KDB_ASSIGN_OR_RETURN(Args args, WriteArgs(e.args, scope));
  // What steers an aggregate (a quantile) is a constant as it is written; DuckDB gives it the type
  // it wants.
  for (size_t i = 1; i < args.size(); ++i) {
    if (std::string spelling = FractionSpelling(*e.args[i]); !spelling.empty()) {
      args[i].sql = "(" + spelling + ")";
    }
  }
  const bool json = MakesJson(e.name);
  if (json) WriteJsonArguments(&args);
  std::string inside;
  for (size_t i = 0; i < args.size(); ++i) inside += (i > 0 ? ", " : "") + args[i].sql;
  if (e.distinct) inside = "DISTINCT " + inside;
  std::string ordered, behind;
  if (!e.order_by.empty()) {
    KDB_ASSIGN_OR_RETURN(std::string order, WriteOrderList(e.order_by, scope));
    if (e.within_group) {
      behind += " WITHIN GROUP (" + order + ")";
    } else {
      ordered = " " + order;
    }
  }
  inside += ordered;
  if (e.filter != nullptr) {
    KDB_ASSIGN_OR_RETURN(Fragment filter, WriteExpr(*e.filter, scope));
    behind += " FILTER (WHERE " + filter.sql + ")";
  }
  if (e.over != nullptr) {
    KDB_ASSIGN_OR_RETURN(std::string over, WriteOver(*e.over, scope));
    behind += " OVER " + over;
  }

  std::optional<DataType> type;
  if (ReturnsArgument(e.name) && !args.empty()) type = args[0].type;
  if (json) type = DataType::Of(TypeKind::kJson);
  if (e.name == "count") {
    tainted_ = false;  // how many there are tells nothing of what they hold
    if (e.star) inside = "*";
    return Fragment::Of("count(" + inside + ")" + behind, DataType::Of(TypeKind::kBigInt));
  }
  if (e.name == "sum" && args.size() == 1 && args[0].type) {
    const DataType& arg = *args[0].type;
    if (IsInteger(arg.kind)) type = DataType::Of(TypeKind::kBigInt);
    if (arg.kind == TypeKind::kDecimal && arg.precision > 0) {
      const int grown = std::min<int>(arg.precision + 10, kMaxDecimalPrecision);
      type = DataType::Decimal(static_cast<uint8_t>(grown), arg.scale);
      return Fragment::Of(fmt::format("CAST(sum({}){} AS DECIMAL({},{}))", inside, behind,
                                      type->precision, type->scale),
                          type);
    }
  }
  if (e.name == "avg" && args.size() == 1 && args[0].type &&
      args[0].type->kind == TypeKind::kDecimal && args[0].type->precision > 0) {
    // DuckDB averages decimals through doubles; the exact quotient is ours.
    const DataType& arg = *args[0].type;
    const auto scale =
        static_cast<uint8_t>(std::min<int>(arg.scale + kAverageDigits, kMaxDecimalPrecision));
    const DataType result = DataType::Decimal(
        static_cast<uint8_t>(std::min<int>(arg.precision + kAverageDigits, kMaxDecimalPrecision)),
        scale);
    return Fragment::Of(
        fmt::format("CAST({0}(sum({1}){2}, count({1}){2}) AS DECIMAL({3},{4}))", kAverageFunction,
                    inside, behind, result.precision, result.scale),
        result);
  }
  const std::string_view spelling = function.duckdb;
  const size_t first = spelling.find('$');
  if (first == std::string_view::npos && spelling.find('(') == std::string_view::npos) {
    return Fragment::Of(fmt::format("{}({}){}", spelling, inside, behind), type);
  }
  const size_t open = spelling.rfind('(', first);
  const size_t close = open == std::string_view::npos ? open : Closing(spelling, open);
  const bool one_call =
      close != std::string_view::npos && spelling.find('$', close) == std::string_view::npos;
  std::vector<std::string> texts;
  for (const Fragment& arg : args) texts.push_back(arg.sql);
  if (!one_call) {
    if (!behind.empty() || e.distinct || !e.order_by.empty()) {
      return NotImplemented(
          fmt::format("'{}' does not take DISTINCT, ORDER BY, FILTER or OVER", e.name));
    }
    KDB_ASSIGN_OR_RETURN(std::string sql, ExpandTemplate(e.name, spelling, texts));
    return Fragment::Of(std::move(sql), type);
  }
  KDB_ASSIGN_OR_RETURN(
      std::string call_args,
      ExpandTemplate(e.name, fmt::format("({})", spelling.substr(open + 1, close - open - 1)),
                     texts));
  call_args = call_args.substr(1, call_args.size() - 2);
  if (e.distinct) call_args = "DISTINCT " + call_args;
  call_args += ordered;
  return Fragment::Of(fmt::format("{}{}){}{}", spelling.substr(0, open + 1), call_args, behind,
                                  spelling.substr(close + 1)),
                      type);
}

Result<std::string> SqlWriter::WriteOver(const sql::Window& window, const Scope& scope) {
  const bool only_name = !window.refname.empty() && window.partition_by.empty() &&
                         window.order_by.empty() && !window.has_frame;
  if (only_name) return QuoteIdentifier(window.refname);
  KDB_ASSIGN_OR_RETURN(std::string body, WriteWindow(window, scope));
  return "(" + body + ")";
}

Result<std::string> SqlWriter::WriteWindow(const sql::Window& window, const Scope& scope) {
  std::string sql;
  const auto add = [&](std::string_view part) {
    if (!sql.empty()) sql.push_back(' ');
    sql += part;
  };
  if (!window.refname.empty()) add(QuoteIdentifier(window.refname));
  for (size_t i = 0; i < window.partition_by.size(); ++i) {
    KDB_ASSIGN_OR_RETURN(Fragment key, WriteExpr(*window.partition_by[i], scope));
    if (i == 0) add("PARTITION BY");
    sql += (i > 0 ? ", " : " ") + key.sql;
  }
  if (!window.order_by.empty()) {
    KDB_ASSIGN_OR_RETURN(std::string order, WriteOrderList(window.order_by, scope));
    add(order);
  }
  if (!window.has_frame) return sql;
  add(window.mode == sql::Window::Mode::kRange  ? "RANGE"
      : window.mode == sql::Window::Mode::kRows ? "ROWS"
                                                : "GROUPS");
  KDB_ASSIGN_OR_RETURN(std::string start, WriteBound(window.start, scope));
  KDB_ASSIGN_OR_RETURN(std::string end, WriteBound(window.end, scope));
  add(fmt::format("BETWEEN {} AND {}", start, end));
  switch (window.exclude) {
    case sql::Window::Exclude::kNone:
      break;
    case sql::Window::Exclude::kCurrentRow:
      add("EXCLUDE CURRENT ROW");
      break;
    case sql::Window::Exclude::kGroup:
      add("EXCLUDE GROUP");
      break;
    case sql::Window::Exclude::kTies:
      add("EXCLUDE TIES");
      break;
  }
  return sql;
}

Result<std::string> SqlWriter::WriteBound(const sql::FrameBound& bound, const Scope& scope) {
  using Kind = sql::FrameBound::Kind;
  switch (bound.kind) {
    case Kind::kUnboundedPreceding:
      return std::string("UNBOUNDED PRECEDING");
    case Kind::kUnboundedFollowing:
      return std::string("UNBOUNDED FOLLOWING");
    case Kind::kCurrentRow:
      return std::string("CURRENT ROW");
    case Kind::kPreceding:
    case Kind::kFollowing:
      break;
  }
  if (bound.offset == nullptr) return InvalidSql("a frame bound without its offset");
  KDB_ASSIGN_OR_RETURN(Fragment offset, WriteExpr(*bound.offset, scope));
  return offset.sql + (bound.kind == Kind::kPreceding ? " PRECEDING" : " FOLLOWING");
}

}  // namespace kalamdb::query
