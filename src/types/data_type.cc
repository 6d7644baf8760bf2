// Names of the data types.
#include "types/data_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace kalamdb {

namespace {

// What may stand in parentheses behind a spelling.
enum class Arguments : uint8_t {
  kNone,
  kIgnored,  // a length, width or precision that is accepted and not enforced
  kDecimal,
  kEmbedding,
};

struct Spelling {
  std::string_view name;
  TypeKind kind;
  Arguments arguments;
};

constexpr Spelling kSpellings[] = {
    {"bigint", TypeKind::kBigInt, Arguments::kIgnored},
    {"bigserial", TypeKind::kBigInt, Arguments::kNone},
    {"binary", TypeKind::kBytes, Arguments::kIgnored},
    {"blob", TypeKind::kBytes, Arguments::kIgnored},
    {"bool", TypeKind::kBoolean, Arguments::kNone},
    {"boolean", TypeKind::kBoolean, Arguments::kNone},
    {"bpchar", TypeKind::kText, Arguments::kIgnored},
    {"bytea", TypeKind::kBytes, Arguments::kIgnored},
    {"bytes", TypeKind::kBytes, Arguments::kIgnored},
    {"char", TypeKind::kText, Arguments::kIgnored},
    {"clob", TypeKind::kText, Arguments::kIgnored},
    {"date", TypeKind::kDate, Arguments::kNone},
    {"datetime", TypeKind::kDateTime, Arguments::kIgnored},
    {"dec", TypeKind::kDecimal, Arguments::kDecimal},
    {"decimal", TypeKind::kDecimal, Arguments::kDecimal},
    {"double", TypeKind::kDouble, Arguments::kNone},
    {"double precision", TypeKind::kDouble, Arguments::kNone},
    {"embedding", TypeKind::kEmbedding, Arguments::kEmbedding},
    {"file", TypeKind::kFile, Arguments::kNone},
    {"float", TypeKind::kFloat, Arguments::kIgnored},
    {"float4", TypeKind::kFloat, Arguments::kNone},
    {"float64", TypeKind::kDouble, Arguments::kNone},
    {"float8", TypeKind::kDouble, Arguments::kNone},
    {"int", TypeKind::kInt, Arguments::kIgnored},
    {"int1", TypeKind::kSmallInt, Arguments::kIgnored},
    {"int2", TypeKind::kSmallInt, Arguments::kIgnored},
    {"int4", TypeKind::kInt, Arguments::kIgnored},
    {"int64", TypeKind::kBigInt, Arguments::kNone},
    {"int8", TypeKind::kBigInt, Arguments::kIgnored},
    {"integer", TypeKind::kInt, Arguments::kIgnored},
    {"json", TypeKind::kJson, Arguments::kNone},
    {"jsonb", TypeKind::kJson, Arguments::kNone},
    {"mediumint", TypeKind::kInt, Arguments::kIgnored},
    {"numeric", TypeKind::kDecimal, Arguments::kDecimal},
    {"nvarchar", TypeKind::kText, Arguments::kIgnored},
    {"real", TypeKind::kFloat, Arguments::kNone},
    {"serial", TypeKind::kInt, Arguments::kNone},
    {"serial2", TypeKind::kSmallInt, Arguments::kNone},
    {"serial4", TypeKind::kInt, Arguments::kNone},
    {"serial8", TypeKind::kBigInt, Arguments::kNone},
    {"smallint", TypeKind::kSmallInt, Arguments::kIgnored},
    {"smallserial", TypeKind::kSmallInt, Arguments::kNone},
    {"time", TypeKind::kTime, Arguments::kIgnored},
    {"time with time zone", TypeKind::kTime, Arguments::kIgnored},
    {"time without time zone", TypeKind::kTime, Arguments::kIgnored},
    {"timestamp", TypeKind::kTimestamp, Arguments::kIgnored},
    {"timestamp with time zone", TypeKind::kTimestamp, Arguments::kIgnored},
    {"timestamp without time zone", TypeKind::kTimestamp, Arguments::kIgnored},
    {"timestamptz", TypeKind::kTimestamp, Arguments::kIgnored},
    {"timetz", TypeKind::kTime, Arguments::kIgnored},
    {"tinyint", TypeKind::kSmallInt, Arguments::kIgnored},
    {"uuid", TypeKind::kUuid, Arguments::kNone},
    {"varbinary", TypeKind::kBytes, Arguments::kIgnored},
    {"varchar", TypeKind::kText, Arguments::kIgnored},
};
static_assert(std::is_sorted(std::begin(kSpellings), std::end(kSpellings),
                             [](const Spelling& a, const Spelling& b) { return a.name < b.name; }));

const Spelling* FindSpelling(std::string_view name) {
  const auto* at =
      std::lower_bound(std::begin(kSpellings), std::end(kSpellings), name,
                       [](const Spelling& s, std::string_view n) { return s.name < n; });
  return at != std::end(kSpellings) && at->name == name ? at : nullptr;
}

// Families of which every member is text.
bool IsTextSpelling(std::string_view name) {
  return name.starts_with("character") || name.starts_with("struct") || name.ends_with("text") ||
         name.ends_with("string");
}

// Known to SQL, but without a type of ours.
bool IsForeign(std::string_view name) {
  return name.starts_with("interval") || name.find("unsigned") != std::string_view::npos;
}

Status Unsupported(std::string_view name, const TypeArgs& args) {
  std::string text(name);
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (args.count == 1) text += fmt::format("({})", args.value[0]);
  if (args.count >= 2) text += fmt::format("({}, {})", args.value[0], args.value[1]);
  return InvalidSql("Unsupported data type: " + text);
}

Result<DataType> ResolveDecimal(std::string_view name, const TypeArgs& args) {
  if (args.count > 2) return Unsupported(name, args);
  if (args.count == 0) return DataType::Decimal(kMaxDecimalPrecision, 10);
  const int64_t precision = args.value[0];
  const int64_t scale = args.count == 2 ? args.value[1] : 0;
  if (precision < 1 || precision > kMaxDecimalPrecision) {
    return InvalidSql(fmt::format("DECIMAL precision must be between 1 and 38, got {}", precision));
  }
  if (scale < 0)
    return InvalidSql(fmt::format("DECIMAL scale must not be negative, got {}", scale));
  if (scale > precision) {
    return InvalidSql(
        fmt::format("DECIMAL scale ({}) cannot exceed precision ({})", scale, precision));
  }
  return DataType::Decimal(static_cast<uint8_t>(precision), static_cast<uint8_t>(scale));
}

Result<DataType> ResolveEmbedding(const TypeArgs& args) {
  if (args.count != 1) {
    return InvalidSql(
        "EMBEDDING type requires exactly one dimension parameter, e.g., EMBEDDING(384)");
  }
  const int64_t n = args.value[0];
  if (n < 0) {
    return InvalidSql(fmt::format("EMBEDDING dimension must be a positive integer, got '{}'", n));
  }
  if (n == 0) return InvalidSql("EMBEDDING dimension must be at least 1");
  if (n > kMaxEmbeddingDimension) {
    return InvalidSql(fmt::format("EMBEDDING dimension must be at most {} (found {})",
                                  kMaxEmbeddingDimension, n));
  }
  return DataType::Embedding(static_cast<uint16_t>(n));
}

}  // namespace

std::string_view WireTypeName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return "Boolean";
    case TypeKind::kSmallInt:
      return "SmallInt";
    case TypeKind::kInt:
      return "Int";
    case TypeKind::kBigInt:
      return "BigInt";
    case TypeKind::kDouble:
      return "Double";
    case TypeKind::kFloat:
      return "Float";
    case TypeKind::kTimestamp:
      return "Timestamp";
    case TypeKind::kDate:
      return "Date";
    case TypeKind::kDateTime:
      return "DateTime";
    case TypeKind::kTime:
      return "Time";
    case TypeKind::kJson:
      return "Json";
    case TypeKind::kBytes:
      return "Bytes";
    case TypeKind::kUuid:
      return "Uuid";
    case TypeKind::kFile:
      return "File";
    case TypeKind::kEmbedding:
      return "Embedding";
    case TypeKind::kDecimal:
      return "Decimal";
    case TypeKind::kText:
    case TypeKind::kNull:
    case TypeKind::kList:
      break;
  }
  return "Text";
}

std::string WireTypeJson(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kEmbedding:
      return fmt::format("{{\"Embedding\":{}}}", type.dimension);
    case TypeKind::kDecimal:
      return fmt::format("{{\"Decimal\":{{\"precision\":{},\"scale\":{}}}}}", type.precision,
                         type.scale);
    default:
      return fmt::format("\"{}\"", WireTypeName(type.kind));
  }
}

std::string SqlTypeName(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kNull:
      return "NULL";
    case TypeKind::kBoolean:
      return "BOOLEAN";
    case TypeKind::kSmallInt:
      return "SMALLINT";
    case TypeKind::kInt:
      return "INT";
    case TypeKind::kBigInt:
      return "BIGINT";
    case TypeKind::kDouble:
      return "DOUBLE";
    case TypeKind::kFloat:
      return "FLOAT";
    case TypeKind::kText:
      return "TEXT";
    case TypeKind::kTimestamp:
      return "TIMESTAMP";
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kDateTime:
      return "DATETIME";
    case TypeKind::kTime:
      return "TIME";
    case TypeKind::kJson:
      return "JSON";
    case TypeKind::kBytes:
      return "BYTES";
    case TypeKind::kUuid:
      return "UUID";
    case TypeKind::kFile:
      return "FILE";
    case TypeKind::kList:
      return "LIST";
    case TypeKind::kEmbedding:
      return fmt::format("EMBEDDING({})", type.dimension);
    case TypeKind::kDecimal:
      return fmt::format("DECIMAL({}, {})", type.precision, type.scale);
  }
  return "UNKNOWN";
}

Result<DataType> ResolveSqlType(std::string_view name, const TypeArgs& args) {
  if (IsForeign(name)) return Unsupported(name, args);
  const Spelling* spelling = FindSpelling(name);
  if (spelling == nullptr) {
    if (IsTextSpelling(name)) return DataType::Of(TypeKind::kText);
    return InvalidSql(fmt::format("Unsupported custom data type '{}'", name));
  }
  switch (spelling->arguments) {
    case Arguments::kDecimal:
      return ResolveDecimal(name, args);
    case Arguments::kEmbedding:
      return ResolveEmbedding(args);
    case Arguments::kNone:
      if (args.count != 0) return Unsupported(name, args);
      break;
    case Arguments::kIgnored:
      break;
  }
  return DataType::Of(spelling->kind);
}

bool IsSerialTypeName(std::string_view name) {
  return name == "serial" || name == "serial2" || name == "serial4" || name == "serial8" ||
         name == "smallserial" || name == "bigserial";
}

}  // namespace kalamdb
