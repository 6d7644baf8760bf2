// Expressions: columns, literals, operators, CASE, casts and subqueries.
#include <cmath>
#include <utility>

#include "query/analytics_sql.h"
#include "query/duckdb_functions.h"
#include "query/expr_binder.h"
#include "types/convert.h"

namespace kalamdb::query {
namespace {

DataType Bool() { return DataType::Of(TypeKind::kBoolean); }
DataType Text() { return DataType::Of(TypeKind::kText); }

bool Known(const Fragment& f, TypeKind kind) { return f.type && f.type->kind == kind; }
bool KnownText(const Fragment& f) { return f.type && IsTextual(f.type->kind); }
bool KnownNumber(const Fragment& f) { return f.type && IsNumeric(f.type->kind); }

bool IsZeroLiteral(const sql::Expr& e) {
  if (e.kind != sql::ExprKind::kLiteral || e.value.null()) return false;
  const Datum& d = e.value.datum();
  return IsInteger(d.kind) ? d.i == 0 : IsFloating(d.kind) && d.d == 0;
}
bool IsNumberLiteral(const sql::Expr& e) {
  return e.kind == sql::ExprKind::kLiteral && !e.value.null() && IsNumeric(e.value.datum().kind);
}
bool IsListLike(const sql::Expr& e, const Fragment& f) {
  return e.kind == sql::ExprKind::kArray || (e.kind == sql::ExprKind::kCast && e.array_depth > 0) ||
         Known(f, TypeKind::kList);
}

// Whether the operands of a comparison have more digits together than DuckDB's numbers.
bool TooManyDigits(const std::vector<Fragment>& args) {
  int whole = 0, fraction = 0;
  bool decimals = false;
  for (const Fragment& arg : args) {
    if (!arg.type || arg.type->kind != TypeKind::kDecimal) continue;
    decimals = true;
    whole = std::max(whole, arg.type->precision - arg.type->scale);
    fraction = std::max<int>(fraction, arg.type->scale);
  }
  return decimals && whole + fraction > kMaxDecimalPrecision;
}

std::optional<DataType> CommonType(const std::vector<Fragment>& args, size_t from, size_t step) {
  std::optional<DataType> type;
  for (size_t i = from; i < args.size(); i += step) {
    if (args[i].text_value || Known(args[i], TypeKind::kNull)) continue;
    if (!args[i].type || (type && *type != *args[i].type)) return std::nullopt;
    type = args[i].type;
  }
  return type;
}

}  // namespace

Result<Fragment> SqlWriter::WriteExpr(const sql::Expr& e, const Scope& scope) {
  if (++depth_ > expr::kMaxDepth) return InvalidSql("Expression is nested too deeply");
  const bool outside = std::exchange(tainted_, false);
  Result<Fragment> written = WriteNode(e, scope);
  --depth_;
  if (written.ok() && written->sql.size() > kMaxExpressionBytes) {
    written = InvalidSql("Expression is too long");
  }
  if (written.ok()) written->masked = written->masked || tainted_;
  tainted_ = tainted_ || outside;
  return std::move(written).At(e.location);
}

Result<SqlWriter::Args> SqlWriter::WriteArgs(const std::vector<sql::ExprPtr>& args,
                                             const Scope& scope) {
  Args written;
  written.reserve(args.size());
  for (const sql::ExprPtr& arg : args) {
    if (arg == nullptr) return InvalidSql("DEFAULT is not allowed in this context");
    KDB_ASSIGN_OR_RETURN(Fragment fragment, WriteExpr(*arg, scope));
    written.push_back(std::move(fragment));
  }
  return written;
}

Result<Fragment> SqlWriter::WriteNode(const sql::Expr& e, const Scope& scope) {
  switch (e.kind) {
    case sql::ExprKind::kLiteral:
      return WriteLiteral(e);
    case sql::ExprKind::kParam:
      return WriteParam(e);
    case sql::ExprKind::kColumn:
      return WriteColumn(e, scope);
    case sql::ExprKind::kStar:
      return InvalidSql("'*' is only allowed in a select list and in count(*)");
    case sql::ExprKind::kCall:
      return WriteCall(e, scope);
    case sql::ExprKind::kOperator:
      return WriteOperator(e, scope);
    case sql::ExprKind::kCase:
      return WriteCase(e, scope);
    case sql::ExprKind::kCast: {
      const sql::Expr& operand = *e.args.at(0);
      KDB_ASSIGN_OR_RETURN(Fragment arg, WriteExpr(operand, scope));
      if (e.array_depth > 0) {
        std::string type = DuckDbTypeName(e.type);
        for (int i = 0; i < e.array_depth; ++i) type += "[]";
        return Fragment::Of(
            fmt::format("{}({} AS {})", e.is_try ? "TRY_CAST" : "CAST", arg.sql, type),
            DataType::Of(TypeKind::kList));
      }
      if (e.type.kind == TypeKind::kDecimal) {
        // The digits that are written, not the nearest double.
        if (std::string spelling = FractionSpelling(operand); !spelling.empty()) {
          arg = Fragment::Of(QuoteText(spelling), Text());
        }
      } else if (IsInteger(e.type.kind)) {
        // Rounded as the decimal number that is written: CAST(2.5 AS INT) is 3.
        const std::string spelling = FractionSpelling(operand);
        const size_t point = spelling.find('.');
        const size_t scale = point == std::string::npos ? 0 : spelling.size() - point - 1;
        if (!spelling.empty() && spelling.size() <= kMaxDecimalPrecision) {
          const auto exact = DataType::Decimal(kMaxDecimalPrecision, static_cast<uint8_t>(scale));
          arg = Fragment::Of(
              fmt::format("CAST({} AS {})", QuoteText(spelling), DuckDbTypeName(exact)), exact);
        }
      }
      return Cast(arg, e.type, e.is_try);
    }
    case sql::ExprKind::kSubquery:
      return WriteSubquery(e, scope);
    case sql::ExprKind::kArray: {
      KDB_ASSIGN_OR_RETURN(Args args, WriteArgs(e.args, scope));
      std::string sql = "[";
      for (size_t i = 0; i < args.size(); ++i) sql += (i > 0 ? ", " : "") + args[i].sql;
      return Fragment::Of(sql + "]", DataType::Of(TypeKind::kList));
    }
    case sql::ExprKind::kRow: {
      KDB_ASSIGN_OR_RETURN(Args args, WriteArgs(e.args, scope));
      std::string sql = "row(";
      for (size_t i = 0; i < args.size(); ++i) sql += (i > 0 ? ", " : "") + args[i].sql;
      return Fragment::Of(sql + ")");
    }
    case sql::ExprKind::kInterval:
      if (e.text.find('\0') != std::string::npos) return InvalidSql("invalid interval");
      return Fragment::Of(fmt::format("CAST({} AS INTERVAL)", QuoteText(e.text)));
    case sql::ExprKind::kExtract: {
      KDB_ASSIGN_OR_RETURN(Fragment arg, WriteExpr(*e.args.at(0), scope));
      sql::Expr field;
      field.value = kalamdb::Value::Text(e.name);
      KDB_ASSIGN_OR_RETURN(Fragment name, WriteLiteral(field));
      return WriteDatePart({&field, e.args[0].get()}, {name, arg});
    }
    case sql::ExprKind::kIndex: {
      KDB_ASSIGN_OR_RETURN(Args args, WriteArgs(e.args, scope));
      if (args.size() != 2) return InvalidSql("array slices are not supported");
      return Fragment::Of(fmt::format("({})[{}]", args[0].sql, args[1].sql));
    }
  }
  return InternalError("unknown kind of expression");
}

std::string SqlWriter::Bind(BoundValue value) {
  // The same value is the same parameter: GROUP BY recognises expressions by their text.
  for (size_t i = 0; i < statement_.values.size(); ++i) {
    const BoundValue& there = statement_.values[i];
    if (there.kind == value.kind && there.param == value.param &&
        value.kind != BoundValue::Kind::kLiteral) {
      return fmt::format("${}", i + 1);
    }
  }
  statement_.values.push_back(std::move(value));
  return fmt::format("${}", statement_.values.size());
}

Result<Fragment> SqlWriter::WriteLiteral(const sql::Expr& e) {
  const Datum& d = e.value.datum();
  if (d.null) return Fragment::Of("NULL", DataType::Of(TypeKind::kNull));
  const DataType type = DataType::Of(d.kind);
  switch (d.kind) {
    case TypeKind::kBoolean:
      return Fragment::Of(d.b ? "true" : "false", type);
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
      if (d.i == INT64_MIN) return Fragment::Of("CAST('-9223372036854775808' AS BIGINT)", type);
      return Fragment::Of(d.i < 0 ? fmt::format("({})", d.i) : fmt::format("{}", d.i), type);
    case TypeKind::kFloat:
    case TypeKind::kDouble: {
      const DataType number = DataType::Of(TypeKind::kDouble);
      if (!std::isfinite(d.d))
        return Fragment::Of(fmt::format("CAST('{}' AS DOUBLE)", d.d), number);
      return Fragment::Of(fmt::format("({:.17e})", d.d), number);
    }
    case TypeKind::kText: {
      Fragment text;
      if (d.text().find('\0') != std::string_view::npos) {
        text = Fragment::Of(Bind({BoundValue::Kind::kLiteral, 0, e.value}), type);
      } else {
        text = Fragment::Of(QuoteText(d.text()), type);
      }
      text.text_value = true;
      return text;
    }
    case TypeKind::kBytes:
      return Fragment::Of(fmt::format("unhex('{}')", HexEncode(d.text())), type);
    default: {
      std::string text;
      AppendText(&text, d);
      return Fragment::Of(fmt::format("CAST({} AS {})", QuoteText(text), DuckDbTypeName(type)),
                          type);
    }
  }
}

Result<Fragment> SqlWriter::WriteParam(const sql::Expr& e) {
  if (e.number < 1) return InvalidSql("Placeholders are numbered from $1");
  const auto index = static_cast<size_t>(e.number - 1);
  if (options_.params.empty()) {
    return Status(
        ErrorCode::kParameterBinding,
        fmt::format("Placeholder '${}' was not provided a value for execution.", e.number));
  }
  if (index >= options_.params.size()) {
    return Status(ErrorCode::kParameterBinding,
                  fmt::format("No value found for placeholder with id ${}", e.number));
  }
  const DataType type = DataType::Of(options_.params[index].datum().kind);
  // A plan is made for kinds of values, and NULL is one.
  if (type.kind == TypeKind::kNull) return Fragment::Of("NULL", type);
  const std::string sql = Bind({BoundValue::Kind::kParam, index, {}});
  if (type.kind == TypeKind::kText) {
    Fragment text = Fragment::Of(sql, type);
    text.text_value = true;
    return text;
  }
  return Fragment::Of(fmt::format("CAST({} AS {})", sql, DuckDbTypeName(type)), type);
}

Result<Fragment> SqlWriter::WriteColumn(const sql::Expr& e, const Scope& scope) {
  const LevelState* level = scope.level;
  Result<ResolvedColumn> resolved = ResolveColumn(scope, e.path);
  // HAVING, ORDER BY and DISTINCT ON may use an output, where no input is called so.
  if (e.path.size() == 1 && level != nullptr && level->outputs != nullptr &&
      (!resolved.ok() || !resolved->local)) {
    const ScopeColumn* output = nullptr;
    for (const ScopeColumn& column : *level->outputs) {
      if (SameName(column.name, e.path[0])) output = &column;
    }
    if (output != nullptr) {
      tainted_ = tainted_ || output->masked;
      return Fragment::Of("(" + output->sql + ")", output->type);
    }
  }
  if (!resolved.ok()) return resolved.status();
  const ScopeColumn& column = resolved->column;
  if (column.scan >= 0 && column.name == kDeletedColumn && level != nullptr && level->in_where) {
    statement_.scans[static_cast<size_t>(column.scan)].spec.include_deleted = true;
  }
  tainted_ = tainted_ || column.masked;
  Fragment fragment = Fragment::Of(column.sql, column.type);
  fragment.column = column;
  return fragment;
}

Result<Fragment> SqlWriter::WriteOperator(const sql::Expr& e, const Scope& scope) {
  std::string_view op = e.name;
  if (op == "!=") op = "<>";
  for (std::string_view form :
       {"not in", "not between", "not like", "not ilike", "not similar to"}) {
    if (op != form) continue;
    KDB_ASSIGN_OR_RETURN(Fragment positive, WriteNamedOperator(op.substr(4), e, scope));
    return Fragment::Of("(NOT " + positive.sql + ")", Bool());
  }
  return WriteNamedOperator(op, e, scope);
}

Result<Fragment> SqlWriter::WriteNamedOperator(std::string_view op, const sql::Expr& e,
                                               const Scope& scope) {
  KDB_ASSIGN_OR_RETURN(Args args, WriteArgs(e.args, scope));
  const size_t n = args.size();
  std::vector<const sql::Expr*> asts;
  for (const sql::ExprPtr& arg : e.args) asts.push_back(arg.get());

  if ((op == "and" || op == "or") && n >= 1) {
    std::string sql = "(";
    for (size_t i = 0; i < n; ++i)
      sql += (i > 0 ? (op == "and" ? " AND " : " OR ") : "") + args[i].sql;
    return Fragment::Of(sql + ")", Bool());
  }
  if (op == "in" && n >= 2) {
    Unify(asts, &args);
    if (TooManyDigits(args)) return WriteEvaluated(op, asts, args);
    std::string sql = "(" + args[0].sql + " IN (";
    for (size_t i = 1; i < n; ++i) sql += (i > 1 ? ", " : "") + args[i].sql;
    return Fragment::Of(sql + "))", Bool());
  }
  if (n == 1) {
    if (op == "not") return Fragment::Of("(NOT " + args[0].sql + ")", Bool());
    if (op == "-" || op == "+") {
      std::string sql = fmt::format("({} {})", op, args[0].sql);
      return args[0].type ? WithType(std::move(sql), *args[0].type) : Fragment::Of(std::move(sql));
    }
    if (op == "~") return Fragment::Of("(~ " + args[0].sql + ")", args[0].type);
    static constexpr std::pair<std::string_view, std::string_view> kTests[] = {
        {"is null", "IS NULL"},    {"is not null", "IS NOT NULL"},
        {"is true", "IS TRUE"},    {"is not true", "IS NOT TRUE"},
        {"is false", "IS FALSE"},  {"is not false", "IS NOT FALSE"},
        {"is unknown", "IS NULL"}, {"is not unknown", "IS NOT NULL"}};
    for (const auto& [name, word] : kTests) {
      if (op == name) return Fragment::Of(fmt::format("({} {})", args[0].sql, word), Bool());
    }
  }
  if (op == "between" && n == 3) {
    Unify(asts, &args);
    if (TooManyDigits(args)) return WriteEvaluated(op, asts, args);
    return Fragment::Of(
        fmt::format("({} BETWEEN {} AND {})", args[0].sql, args[1].sql, args[2].sql), Bool());
  }
  if (op == "like" || op == "ilike" || op == "similar to") return WriteLike(op, e, args);
  if (n != 2) return InvalidSql(fmt::format("Invalid operator '{}'", e.name));

  for (std::string_view comparison :
       {"=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from"}) {
    if (op != comparison) continue;
    Unify(asts, &args);
    if (TooManyDigits(args)) return WriteEvaluated(op, asts, args);
    std::string word(op);
    for (char& c : word) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return Fragment::Of(fmt::format("({} {} {})", args[0].sql, word, args[1].sql), Bool());
  }
  if (op == "any" || op == "all") {
    for (std::string_view comparison : {"=", "<>", "<", "<=", ">", ">="}) {
      if (e.text != comparison) continue;
      return Fragment::Of(fmt::format("({} {} {}({}))", args[0].sql, comparison,
                                      op == "any" ? "ANY" : "ALL", args[1].sql),
                          Bool());
    }
    return InvalidSql(fmt::format("Invalid operator '{}' before {}", e.text, op));
  }
  if (op == "~" || op == "~*" || op == "!~" || op == "!~*") {
    std::string sql = fmt::format("regexp_matches({}, {}{})", args[0].sql, args[1].sql,
                                  op.back() == '*' ? ", 'i'" : "");
    if (op.front() == '!') sql = "(NOT " + sql + ")";
    return Fragment::Of(std::move(sql), Bool());
  }
  if (op == "<@") {
    std::swap(args[0], args[1]);
    std::swap(asts[0], asts[1]);
    op = "@>";
  }
  if (op == "@>" && (IsListLike(*asts[0], args[0]) || IsListLike(*asts[1], args[1]))) {
    return Fragment::Of(fmt::format("list_has_all({}, {})", args[0].sql, args[1].sql), Bool());
  }
  if (op == "&&")
    return Fragment::Of(fmt::format("list_has_any({}, {})", args[0].sql, args[1].sql), Bool());
  for (std::string_view json : {"->", "->>", "#>", "#>>", "?", "@>"}) {
    if (op == json) return WriteEvaluated(op, asts, args);
  }
  if (op == "||") {
    const bool lists = IsListLike(*asts[0], args[0]) || IsListLike(*asts[1], args[1]);
    if (!lists) {
      for (size_t i = 0; i < 2; ++i) {
        if (args[i].type && !KnownText(args[i]) && !Known(args[i], TypeKind::kBytes)) {
          args[i] = Cast(args[i], Text(), false);
        }
      }
    }
    std::string sql = fmt::format("({} || {})", args[0].sql, args[1].sql);
    if (lists) return Fragment::Of(std::move(sql));
    if (std::any_of(args.begin(), args.end(),
                    [](const Fragment& f) { return !f.type || Known(f, TypeKind::kBytes); })) {
      return Fragment::Of(std::move(sql), CommonType(args, 0, 1));
    }
    // A NULL that DuckDB sees through has no type there.
    return Fragment::Of("CAST(" + sql + " AS VARCHAR)", Text());
  }
  return WriteArithmetic(op, e, std::move(args));
}

Result<Fragment> SqlWriter::WriteLike(std::string_view op, const sql::Expr& e, const Args& args) {
  if (args.size() < 2 || args.size() > 3)
    return InvalidSql(fmt::format("Invalid operator '{}'", op));
  if (op == "similar to") {
    std::vector<const sql::Expr*> asts;
    for (const sql::ExprPtr& arg : e.args) asts.push_back(arg.get());
    return WriteEvaluated(op, asts, args);
  }
  std::string sql =
      fmt::format("({} {} {}", args[0].sql, op == "like" ? "LIKE" : "ILIKE", args[1].sql);
  if (args.size() == 3) {
    sql += " ESCAPE " + args[2].sql;
  } else {
    // The backslash escapes unless another character is named. A pattern without one stays a plain
    // LIKE, which DuckDB turns into prefix and suffix tests.
    const sql::Expr& pattern = *e.args[1];
    const bool plain = pattern.kind == sql::ExprKind::kLiteral && args[1].text_value &&
                       pattern.value.datum().text().find('\\') == std::string_view::npos;
    if (!plain) sql += " ESCAPE '\\'";
  }
  return Fragment::Of(sql + ")", Bool());
}

Result<Fragment> SqlWriter::WriteArithmetic(std::string_view op, const sql::Expr& e, Args args) {
  std::vector<const sql::Expr*> asts{e.args[0].get(), e.args[1].get()};
  const bool additive = op == "+" || op == "-";
  if (!additive && op != "*" && op != "/" && op != "%" && op != "^" && op != "&" && op != "|" &&
      op != "#" && op != "<<" && op != ">>") {
    return InvalidSql(fmt::format("Invalid operator '{}'", op));
  }
  // Decimals and texts beside numbers; dates and times keep their own rules (date + 1, timestamp -
  // timestamp).
  if ((args[0].type && KnownNumber(args[0])) || (args[1].type && KnownNumber(args[1]))) {
    const bool instants = (args[0].type && !KnownNumber(args[0]) && !args[0].text_value) ||
                          (args[1].type && !KnownNumber(args[1]) && !args[1].text_value);
    if (!instants) Unify(asts, &args);
  }
  std::optional<DataType> type;
  if (KnownNumber(args[0]) && KnownNumber(args[1])) {
    std::optional<Result<DataType>> known = RowEngineType(op, asts, args);
    if (known && !known->ok()) return known->status();
    if (known) type = **known;
    // A whole number is INTEGER at least; DuckDB would let it shrink to the other side.
    for (size_t i = 0; i < 2; ++i) {
      if (IsNumberLiteral(*asts[i]) && Known(args[1 - i], TypeKind::kSmallInt)) {
        args[i].sql = fmt::format("CAST({} AS {})", args[i].sql, DuckDbTypeName(*args[i].type));
      }
    }
  }
  // A moment moved by an interval stays what it is; a date becomes a moment.
  for (size_t i = 0; additive && i < 2; ++i) {
    if (asts[1 - i]->kind != sql::ExprKind::kInterval || !args[i].type) continue;
    if (IsDateTimeKind(args[i].type->kind)) type = args[i].type;
    if (args[i].type->kind == TypeKind::kDate) type = DataType::Of(TypeKind::kTimestamp);
  }
  if (op == "^" || op == "<<" || op == ">>") return WriteEvaluated(op, asts, args);
  if (op == "-" && Known(args[0], TypeKind::kDate) && Known(args[1], TypeKind::kDate)) {
    return Fragment::Of(fmt::format("CAST(({} - {}) AS INTEGER)", args[0].sql, args[1].sql),
                        DataType::Of(TypeKind::kInt));
  }
  // Days come in any size; DuckDB adds INTEGER ones.
  for (size_t i = 0; additive && i < 2; ++i) {
    Fragment& days = args[1 - i];
    if (!Known(args[i], TypeKind::kDate) || !days.type || !IsInteger(days.type->kind)) continue;
    if (Known(days, TypeKind::kBigInt)) days.sql = fmt::format("CAST({} AS INTEGER)", days.sql);
    type = args[i].type;
  }
  if (type && IsFloating(type->kind) && op != "%") return WriteFloating(op, args, *type);
  if (op == "#") return Fragment::Of(fmt::format("xor({}, {})", args[0].sql, args[1].sql), type);
  if ((op == "/" || op == "%") && (!IsNumberLiteral(*asts[1]) || IsZeroLiteral(*asts[1]))) {
    std::string& divisor = args[1].sql;
    const bool shorts =
        divisor.size() <= kMaxRepeatedBytes && args[0].sql.size() <= kMaxRepeatedBytes;
    if (!shorts && type) return WriteEvaluated(op, asts, args);
    if (shorts) {
      divisor = fmt::format(
          "(CASE WHEN {0} = 0 AND {1} IS NOT NULL THEN error('division by zero') ELSE {0} END)",
          divisor, args[0].sql);
    } else {
      divisor = fmt::format("{}({})", kNonZeroFunction, divisor);
    }
  }
  std::string sql = fmt::format("({} {} {})", args[0].sql, op, args[1].sql);
  return type ? WithType(std::move(sql), *type) : Fragment::Of(std::move(sql));
}

Fragment SqlWriter::WriteFloating(std::string_view op, const Args& args, const DataType& type) {
  const std::string_view function = op == "+"   ? kAddFunction
                                    : op == "-" ? kSubtractFunction
                                    : op == "*" ? kMultiplyFunction
                                                : kDivideFunction;
  const auto operand = [&](const Fragment& arg) {
    if (arg.type && arg.type->kind == type.kind) return arg.sql;
    return fmt::format("CAST({} AS {})", arg.sql, DuckDbTypeName(type));
  };
  return Fragment::Of(fmt::format("{}({}, {})", function, operand(args[0]), operand(args[1])),
                      type);
}

Result<Fragment> SqlWriter::WriteCase(const sql::Expr& e, const Scope& scope) {
  KDB_ASSIGN_OR_RETURN(Args args, WriteArgs(e.args, scope));
  std::string operand;
  if (e.operand != nullptr) {
    KDB_ASSIGN_OR_RETURN(Fragment written, WriteExpr(*e.operand, scope));
    operand = written.sql;
    for (size_t i = 0; i + 1 < args.size(); i += 2) {
      Args pair{written, args[i]};
      Unify({e.operand.get(), e.args[i].get()}, &pair);
      operand = pair[0].sql;
      args[i] = pair[1];
    }
  }
  Args results;
  std::vector<const sql::Expr*> asts;
  for (size_t i = 1; i < args.size(); i += 2) {
    results.push_back(std::move(args[i]));
    asts.push_back(e.args[i].get());
  }
  if (e.else_ != nullptr) {
    KDB_ASSIGN_OR_RETURN(Fragment otherwise, WriteExpr(*e.else_, scope));
    results.push_back(std::move(otherwise));
    asts.push_back(e.else_.get());
  }
  Unify(asts, &results);
  KDB_ASSIGN_OR_RETURN(std::optional<DataType> type, Meet(asts, &results));
  std::string sql = "(CASE ";
  if (!operand.empty()) sql += operand + " ";
  size_t next = 0;
  for (size_t i = 0; i + 1 < args.size(); i += 2) {
    sql += fmt::format("WHEN {} THEN {} ", args[i].sql, results[next++].sql);
  }
  if (next < results.size()) sql += "ELSE " + results[next].sql + " ";
  sql += "END)";
  if (std::all_of(results.begin(), results.end(),
                  [](const Fragment& f) { return Known(f, TypeKind::kNull); })) {
    type = DataType::Of(TypeKind::kNull);
  }
  return type ? WithType(std::move(sql), *type) : Fragment::Of(std::move(sql));
}

Result<Fragment> SqlWriter::WriteSubquery(const sql::Expr& e, const Scope& scope) {
  std::optional<Fragment> needle;
  if (!e.args.empty() && e.args[0] != nullptr) {
    KDB_ASSIGN_OR_RETURN(Fragment written, WriteExpr(*e.args[0], scope));
    needle = std::move(written);
  }
  // Order and limits inside decide nothing about the order of the whole.
  const bool ordered = ordered_;
  const bool tainted = tainted_;
  KDB_ASSIGN_OR_RETURN(Query query, WriteQuery(*e.subquery, &scope));
  ordered_ = ordered;
  tainted_ = tainted;
  switch (e.sublink) {
    case sql::SubLink::kExists:
      return Fragment::Of("EXISTS (" + query.sql + ")", Bool());
    case sql::SubLink::kScalar:
    case sql::SubLink::kArray: {
      if (query.columns.size() != 1) return InvalidSql("subquery must return only one column");
      tainted_ = tainted_ || query.columns[0].masked;
      if (e.sublink == sql::SubLink::kArray) {
        return Fragment::Of("ARRAY(" + query.sql + ")", DataType::Of(TypeKind::kList));
      }
      return Fragment::Of("(" + query.sql + ")", query.columns[0].type);
    }
    case sql::SubLink::kAny:
    case sql::SubLink::kAll: {
      if (!needle) return InvalidSql("a quantified subquery needs a left side");
      const std::string_view op = e.name.empty() ? "=" : std::string_view(e.name);
      bool known = false;
      for (std::string_view c : {"=", "<>", "<", "<=", ">", ">="}) known = known || op == c;
      if (!known) return InvalidSql(fmt::format("Invalid operator '{}' before a subquery", op));
      if (query.columns.size() == 1 && needle->text_value && query.columns[0].type) {
        needle = Cast(*needle, *query.columns[0].type, false);
      }
      return Fragment::Of(fmt::format("({} {} {} ({}))", needle->sql, op,
                                      e.sublink == sql::SubLink::kAny ? "ANY" : "ALL", query.sql),
                          Bool());
    }
  }
  return InternalError("unknown kind of subquery");
}

}  // namespace kalamdb::query
