#include "sql/type_name.h"

#include <fmt/format.h>

#include <charconv>

namespace kalamdb::sql {

Result<DataType> ResolveTypeSpelling(std::string_view name, std::span<const std::string> args) {
  const bool embedding = name == "embedding";
  if (embedding && args.size() != 1) {
    return InvalidSql(
        "EMBEDDING type requires exactly one dimension parameter, e.g., EMBEDDING(384)");
  }
  // Labels of ENUM('a', 'b') and SET(...) are not kept: such columns are text.
  if (name == "enum" || name == "set") return DataType::Of(TypeKind::kText);
  TypeArgs numbers;
  if (args.size() > 2) {
    return InvalidSql(
        fmt::format("Unsupported data type: {} with {} parameters", name, args.size()));
  }
  for (const std::string& arg : args) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(arg.data(), arg.data() + arg.size(), value);
    if (error != std::errc() || end != arg.data() + arg.size()) {
      if (embedding) {
        return InvalidSql(
            fmt::format("EMBEDDING dimension must be a positive integer, got '{}'", arg));
      }
      return InvalidSql(fmt::format("Unsupported data type: {}({})", name, arg));
    }
    numbers.value[numbers.count++] = value;
  }
  if (embedding && numbers.value[0] < 0) {
    return InvalidSql(
        fmt::format("EMBEDDING dimension must be a positive integer, got '{}'", args[0]));
  }
  Result<DataType> type = ResolveSqlType(name, numbers);
  if (!type.ok()) return InvalidSql(std::string(type.status().message()));
  return type;
}

}  // namespace kalamdb::sql
