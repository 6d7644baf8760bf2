// Types while SQL is written: casts, and bringing operands to the type of what they meet.
#include <utility>

#include "query/analytics_sql.h"
#include "query/duckdb_functions.h"
#include "query/expr_binder.h"

namespace kalamdb::query {
namespace {

bool Known(const Fragment& f, TypeKind kind) { return f.type && f.type->kind == kind; }

// DECIMAL with just the digits of "-1.50".
DataType SpelledDecimal(std::string_view spelling) {
  const size_t point = spelling.find('.');
  const size_t fraction = point == std::string_view::npos ? 0 : spelling.size() - point - 1;
  const auto digits =
      std::count_if(spelling.begin(), spelling.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto precision = std::clamp<size_t>(static_cast<size_t>(digits), 1, kMaxDecimalPrecision);
  return DataType::Decimal(static_cast<uint8_t>(precision),
                           static_cast<uint8_t>(std::min(fraction, precision)));
}

}  // namespace

std::string DuckDbTypeName(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "BOOLEAN";
    case TypeKind::kSmallInt:
      return "SMALLINT";
    case TypeKind::kInt:
      return "INTEGER";
    case TypeKind::kBigInt:
      return "BIGINT";
    case TypeKind::kDouble:
      return "DOUBLE";
    case TypeKind::kFloat:
      return "FLOAT";
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
      return "TIMESTAMP";
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kTime:
      return "TIME";
    case TypeKind::kBytes:
      return "BLOB";
    case TypeKind::kUuid:
      return "UUID";
    case TypeKind::kDecimal:
      return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    case TypeKind::kEmbedding:
      return fmt::format("FLOAT[{}]", type.dimension);
    default:
      return "VARCHAR";
  }
}

void SqlWriter::Unify(const std::vector<const sql::Expr*>& asts, Args* args) {
  std::optional<DataType> target;  // of what is neither text nor a bare value
  uint8_t scale = 0;
  bool decimals = false;
  for (const Fragment& arg : *args) {
    if (!arg.type || arg.text_value || arg.type->kind == TypeKind::kNull) continue;
    if (arg.type->kind == TypeKind::kDecimal) {
      decimals = true;
      scale = std::max(scale, arg.type->scale);
    }
    // Instants win over numbers, which are then microseconds or days.
    const bool instant = !IsNumeric(arg.type->kind) && !IsTextual(arg.type->kind);
    if (!target || (instant && IsNumeric(target->kind))) target = arg.type;
  }
  if (!target) return;
  const TypeKind kind = target->kind;
  for (size_t i = 0; i < args->size(); ++i) {
    Fragment& arg = (*args)[i];
    if (decimals) {
      if (std::string spelling = FractionSpelling(*asts[i]); !spelling.empty()) {
        arg = Fragment::Of("(" + spelling + ")", SpelledDecimal(spelling));
        continue;
      }
      if (asts[i]->kind == sql::ExprKind::kParam && Known(arg, TypeKind::kDouble)) {
        arg =
            Cast(arg, DataType::Decimal(kMaxDecimalPrecision, std::max<uint8_t>(scale, 10)), false);
        continue;
      }
    }
    const bool number_for_instant =
        (IsDateTimeKind(kind) || kind == TypeKind::kDate) && arg.type && IsInteger(arg.type->kind);
    const bool text_for_value = arg.text_value && !IsTextual(kind) && kind != TypeKind::kList;
    if (number_for_instant || text_for_value) arg = Cast(arg, *target, false);
  }
}

Result<std::optional<DataType>> SqlWriter::Meet(const std::vector<const sql::Expr*>& asts,
                                                Args* args) {
  std::optional<Result<DataType>> known = RowEngineType("coalesce", asts, *args);
  if (!known) return std::optional<DataType>();
  if (!known->ok()) return known->status();
  const DataType& type = **known;
  for (Fragment& arg : *args) {
    // DuckDB gives up digits behind the point where the sum of digits exceeds what a number has.
    const bool number = arg.type && IsNumeric(arg.type->kind) && type.kind == TypeKind::kDecimal;
    if (number && *arg.type != type) arg = Cast(arg, type, false);
  }
  return std::optional(type);
}

Fragment SqlWriter::Cast(const Fragment& arg, const DataType& to, bool try_cast) {
  if (arg.column && arg.type == to) return arg;
  Fragment out = Fragment::Of("", to);
  out.masked = arg.masked;
  const std::string_view word = try_cast ? "TRY_CAST" : "CAST";
  const auto native = [&] {
    out.sql = fmt::format("{}({} AS {})", word, arg.sql, DuckDbTypeName(to));
  };
  const bool same_form = arg.type && DuckDbTypeName(*arg.type) == DuckDbTypeName(to);
  const bool from_number = arg.type && IsNumeric(arg.type->kind);
  const bool from_bool = Known(arg, TypeKind::kBoolean);
  const bool from_null = Known(arg, TypeKind::kNull);
  // What DuckDB does as we do; everything else is done by our own conversion.
  bool plain = from_null || (same_form && !IsFloating(to.kind)) || to.kind == TypeKind::kDecimal ||
               to.kind == TypeKind::kEmbedding;
  if (IsInteger(to.kind)) plain = plain || from_number;
  if (IsFloating(to.kind)) plain = plain || from_number;
  if (IsTextual(to.kind)) {
    plain = plain || (arg.type && (IsInteger(arg.type->kind) || from_bool));
  }
  if (plain) {
    native();
    return out;
  }
  const EvaluatedCast* cast = FindEvaluatedCast(to.kind, try_cast);
  if (cast == nullptr) {
    native();
  } else {
    out.sql = fmt::format("{}({})", cast->function, arg.sql);
  }
  return out;
}

}  // namespace kalamdb::query
