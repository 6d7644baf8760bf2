// The shape of a table at one schema version.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/datum.h"

namespace kalamdb {

inline constexpr std::string_view kSeqColumn = "_seq";
inline constexpr std::string_view kDeletedColumn = "_deleted";

struct ColumnDefault {
  enum class Kind : uint8_t { kNone = 0, kLiteral = 1, kFunction = 2 };
  enum class Function : uint8_t {
    kNow = 1,
    kSnowflakeId = 2,
    kUuidV7 = 3,
    kUlid = 4,
    kCurrentUser = 5
  };
  Kind kind = Kind::kNone;
  Value literal;  // already of the column's type
  Function function = Function::kNow;
};

struct Column {
  uint32_t id = 0;   // 1..n, never used again within a table
  std::string name;  // lower case
  DataType type;
  bool nullable = true;
  bool primary_key = false;
  ColumnDefault default_value;
  std::string comment;
  [[nodiscard]] bool is_system() const { return !name.empty() && name[0] == '_'; }
};

// Immutable; shared between tables that look alike.
class Schema {
 public:
  // `columns` in ordinal order, the system columns `_seq` and `_deleted` among them.
  // `version` from 1.
  Schema(uint32_t version, std::vector<Column> columns);

  [[nodiscard]] uint32_t version() const { return version_; }
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] const Column& column(size_t ordinal) const { return columns_[ordinal]; }
  [[nodiscard]] size_t size() const { return columns_.size(); }
  // Position (0-based) of a column by its lower-case name.
  [[nodiscard]] std::optional<size_t> Find(std::string_view lower_name) const;
  [[nodiscard]] std::optional<size_t> FindById(uint32_t column_id) const;
  [[nodiscard]] std::optional<size_t> primary_key() const { return primary_key_; }
  // Ordinals of the system columns; size() in a schema without them.
  [[nodiscard]] size_t seq_ordinal() const { return seq_; }
  [[nodiscard]] size_t deleted_ordinal() const { return deleted_; }
  // The columns that rows store: all but the system columns, in ordinal order; `slot` is the index
  // into this list, and the place of the column in an encoded row.
  [[nodiscard]] const std::vector<uint16_t>& stored() const { return stored_; }
  // Slot of a stored column by ordinal, -1 for system columns.
  [[nodiscard]] int slot(size_t ordinal) const { return slots_[ordinal]; }
  [[nodiscard]] size_t memory_bytes() const;

 private:
  uint32_t version_;
  std::vector<Column> columns_;
  std::vector<uint16_t> stored_;
  std::vector<int16_t> slots_;
  std::optional<size_t> primary_key_;
  size_t seq_ = 0;
  size_t deleted_ = 0;
};
using SchemaPtr = std::shared_ptr<const Schema>;

}  // namespace kalamdb
