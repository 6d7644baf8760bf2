// The one way to read rows of a table: adds the owner, hides tombstones and expired STREAM rows,
// translates rows of older schema versions to the current one, and picks the access path that a
// predicate allows.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expr/expr.h"
#include "query/context.h"

namespace kalamdb::query {

// An encoded row as a ColumnSource in terms of the table's current schema: columns are matched by
// id; a column added later reads the default that it was added with, a column whose type was
// widened since is converted, `_seq` and `_deleted` come from the header. Points into the encoded
// bytes.
class StoredRow final : public expr::ColumnSource {
 public:
  explicit StoredRow(const catalog::TableInfo& table) : table_(&table) {}
  // Error when the bytes are no row of this table.
  Status Set(std::string_view encoded);
  [[nodiscard]] Datum Column(size_t ordinal) const override;
  [[nodiscard]] const RowView& view() const { return view_; }

 private:
  [[nodiscard]] Datum TranslatedColumn(size_t ordinal) const;
  [[nodiscard]] Datum AddedDefault(uint32_t column_id, const kalamdb::Column& current) const;

  const catalog::TableInfo* table_;
  RowView view_;
  const Schema* written_ = nullptr;
  mutable Arena arena_;  // converted values of rows of older versions
};

// How rows are found. Derived once from a predicate; keys are evaluated per run.
struct AccessPath {
  enum class Kind : uint8_t { kPoint, kKeys, kKeyRange, kSeqRange, kOwner } kind = Kind::kOwner;
  std::vector<expr::ExprPtr> keys;  // kPoint: one, kKeys: several
  expr::ExprPtr lower, upper;       // kKeyRange, kSeqRange; null: open
  bool lower_inclusive = true, upper_inclusive = true;
  bool exact = false;  // kPoint, kKeys: the predicate says nothing more than the path
};
AccessPath ChooseAccessPath(const catalog::TableInfo& table, const expr::ExprPtr& predicate);

struct ScanSpec {
  catalog::TablePtr table;
  AccessPath path;
  expr::ExprPtr predicate;  // null: all; evaluated on every row that the path yields
  bool include_deleted = false;
  bool by_seq = false;   // in _seq order instead of key order (kOwner; kSeqRange always is)
  bool reverse = false;  // not for kPoint and kKeys
};

// `visit` gets each matching row; false stops. Order is key order (STREAM: _seq order).
// `key`: the primary key part of the storage key (STREAM: its 8 bytes of _seq).
// A null context.snapshot reads the newest state.
// Errors: evaluation errors, kNeedsPool when context.scan_budget rows were looked at, those of a
// StopToken (not for kPoint).
using RowVisitor = std::function<Result<bool>(std::string_view key, const StoredRow& row)>;
Status Scan(const Sources& sources, const ScanSpec& spec, const RunContext& context,
            const RowVisitor& visit);

// The frame that a statement's expressions run in. `context` and `arena` outlive it.
expr::EvalFrame MakeFrame(const Sources& sources, const RunContext& context, Arena* arena);

}  // namespace kalamdb::query
