// A table that is stated, not written: its columns as a constant list and one function that makes
// its rows. Every table of this room is a TableSpec in the file of its family.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/virtual_table.h"
#include "system/sources.h"

namespace kalamdb::system {

enum class Nullability : uint8_t { kNotNull, kNullable, kKey };

struct ColumnSpec {
  std::string_view name;
  TypeKind type;
  Nullability nullability = Nullability::kNotNull;
};

// For the lists of columns: T, I, S, B, F, Ts, Flag, J as the documentation abbreviates types.
inline constexpr TypeKind T = TypeKind::kText;
inline constexpr TypeKind I = TypeKind::kInt;
inline constexpr TypeKind S = TypeKind::kSmallInt;
inline constexpr TypeKind B = TypeKind::kBigInt;
inline constexpr TypeKind F = TypeKind::kFloat;
inline constexpr TypeKind Ts = TypeKind::kTimestamp;
inline constexpr TypeKind Flag = TypeKind::kBoolean;
inline constexpr TypeKind J = TypeKind::kJson;
inline constexpr Nullability kNullable = Nullability::kNullable;
inline constexpr Nullability kKey = Nullability::kKey;

using EmitRow = std::function<bool(std::span<const Datum>)>;

// Fills one row after the other, cell by cell in column order.
class RowWriter {
 public:
  RowWriter(std::span<const ColumnSpec> columns, const EmitRow& emit)
      : columns_(columns), emit_(emit) {
    cells_.reserve(columns.size());
  }
  // The bytes must live until Emit; of a text that does not, Owned takes hold.
  RowWriter& Text(std::string_view text);
  RowWriter& TextOrNull(std::string_view text);  // empty: NULL
  RowWriter& Owned(std::string text);
  RowWriter& Number(int64_t value);
  RowWriter& Real(double value);
  RowWriter& Bool(bool value);
  RowWriter& Millis(int64_t unix_millis);        // a TIMESTAMP
  RowWriter& MillisOrNull(int64_t unix_millis);  // 0: NULL
  RowWriter& Null();
  // Ends the row. False: the reader wants no more.
  bool Emit();

 private:
  [[nodiscard]] TypeKind next() const { return columns_[cells_.size()].type; }

  std::span<const ColumnSpec> columns_;
  const EmitRow& emit_;
  std::vector<Datum> cells_;
  std::deque<std::string> owned_;
};

struct ScanContext {
  const SystemSources& sources;
  std::string_view user;
  Role role;
};

struct TableSpec {
  std::string_view ns;
  std::string_view name;
  bool persisted;  // a BASE TABLE of information_schema, listed in system.schemas; else a VIEW
  std::span<const ColumnSpec> columns;
  // Null: the table has no rows.
  Status (*fill)(const ScanContext& context, RowWriter& rows);
};

SchemaPtr SchemaOf(const TableSpec& spec);

class ComputedTable final : public query::VirtualTable {
 public:
  // `spec` is one of the constants, `sources` outlives the table.
  ComputedTable(const TableSpec& spec, const SystemSources* sources);
  [[nodiscard]] const SchemaPtr& schema() const override { return schema_; }
  [[nodiscard]] std::string_view ns() const override { return spec_.ns; }
  [[nodiscard]] std::string_view name() const override { return spec_.name; }
  [[nodiscard]] bool admin_only() const override;
  Status Scan(std::string_view user, Role role, const EmitRow& emit) const override;

 private:
  const TableSpec& spec_;
  const SystemSources* sources_;
  SchemaPtr schema_;
};

}  // namespace kalamdb::system
