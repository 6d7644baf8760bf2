// The one way to read rows of a table: adds the owner, hides tombstones and expired STREAM rows, translates rows of older schema
// versions to the current one, and picks the access path that a predicate allows.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expr/expr.h"
#include "query/context.h"

namespace kalamdb::query {

// An encoded row as a ColumnSource in terms of the table's current schema: columns are matched by id; a column added later reads
// its default, `_seq` and `_deleted` come from the header.
class StoredRow final : public expr::ColumnSource {
 public:
  explicit StoredRow(const catalog::TableInfo& table) : table_(&table) {}
  // Error when the bytes are no row of this table.
  Status Set(std::string_view encoded);
  [[nodiscard]] Datum Column(size_t ordinal) const override;
  [[nodiscard]] const RowView& view() const { return view_; }

 private:
  const catalog::TableInfo* table_;
  RowView view_;
  const Schema* written_ = nullptr;
};

// How rows are found. Derived once from a predicate; keys are evaluated per run.
struct AccessPath {
  enum class Kind : uint8_t { kPoint, kKeys, kKeyRange, kSeqRange, kOwner } kind = Kind::kOwner;
  std::vector<expr::ExprPtr> keys;          // kPoint: one, kKeys: several; already coerced to the key's type
  expr::ExprPtr lower, upper;               // kKeyRange, kSeqRange; null: open
  bool lower_inclusive = true, upper_inclusive = true;
};
AccessPath ChooseAccessPath(const catalog::TableInfo& table, const expr::Expr* predicate);

struct ScanSpec {
  catalog::TablePtr table;
  AccessPath path;
  expr::ExprPtr predicate;       // null: all; evaluated on every row that the path yields
  bool include_deleted = false;
  bool by_seq = false;           // in _seq order instead of key order (kOwner, kSeqRange)
  bool reverse = false;
};

// `visit` gets each matching row; false stops. Order is key order (STREAM: _seq order).
// `key`: the primary key part of the storage key (STREAM: its 8 bytes of _seq).
// Errors: evaluation errors, kNeedsPool when context.scan_budget rows were looked at.
using RowVisitor = std::function<Result<bool>(std::string_view key, const StoredRow& row)>;
Status Scan(const Sources& sources, const ScanSpec& spec, const RunContext& context, const RowVisitor& visit);

}  // namespace kalamdb::query
