#include "live/page_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "live/row_encoding.h"
#include "query/scan.h"

namespace kalamdb::live {

namespace {
constexpr size_t kMaxPageBytes = 4 << 20;
// A page of the newest rows has no successor: beyond this it is refused.
constexpr size_t kMaxLastRowsBytes = 16 << 20;
}  // namespace

Result<Page> ReadPage(const query::Sources& sources, const PageRequest& request,
                      const storage::SnapshotPtr& snapshot, int64_t now_micros,
                      size_t scan_budget) {
  Page page;
  const SubscriptionQuery& q = *request.query;
  const bool reports_deletes =
      request.known_until.has_value() && q.table->kind != TableKind::kStream;
  const uint64_t limit = request.last_rows ? *request.last_rows : request.limit;
  if (limit == 0 || request.after >= request.boundary) return page;

  query::ScanSpec spec;
  spec.table = q.table;
  spec.by_seq = true;
  spec.reverse = request.last_rows.has_value();
  spec.include_deleted = reports_deletes;
  spec.predicate = reports_deletes ? nullptr : q.filter;
  spec.path.kind = query::AccessPath::Kind::kSeqRange;
  const DataType seq_type = DataType::Of(TypeKind::kBigInt);
  spec.path.lower = expr::MakeConstant(Value(Datum::BigInt(request.after)), seq_type);
  spec.path.lower_inclusive = false;
  spec.path.upper = expr::MakeConstant(Value(Datum::BigInt(request.boundary)), seq_type);

  query::RunContext context;
  context.user = q.owner;
  context.role = Role::kSystem;  // rights were checked when the subscription was made
  context.now_micros = now_micros;
  context.snapshot = snapshot;
  context.scan_budget = scan_budget;

  Arena arena;
  size_t bytes = 0;
  const auto visit = [&](std::string_view, const query::StoredRow& row) -> Result<bool> {
    const int64_t seq = row.view().seq();
    bool matches = !row.view().deleted();
    if (reports_deletes && matches && q.filter != nullptr) {
      arena.Reset();
      expr::EvalFrame frame;
      frame.row = &row;
      frame.arena = &arena;
      frame.now_micros = now_micros;
      matches = expr::EvalPredicate(*q.filter, frame);
      KDB_RETURN_IF_ERROR(frame.error);
    }
    if (request.last_rows) {
      if (page.rows.size() >= limit) return false;
      if (bytes >= kMaxLastRowsBytes) {
        return InvalidOperation(
            fmt::format("the newest {} rows are larger than {} MiB; ask for fewer", limit,
                        kMaxLastRowsBytes >> 20));
      }
    } else if (page.rows.size() >= limit || bytes >= kMaxPageBytes) {
      page.has_more = true;
      return false;
    }
    PageRow out;
    out.seq = seq;
    if (matches) {
      AppendRow(&out.encoded, request.serialization, q, row, seq, false, false);
    } else {
      // A key that the client cannot have seen needs no delete.
      page.last_seq = seq;
      if (row.view().insert_seq() > *request.known_until) return true;
      out.is_delete = true;
      AppendKeyAndSeq(&out.encoded, request.serialization, q, row);
    }
    page.last_seq = seq;
    bytes += out.encoded.size();
    page.rows.push_back(std::move(out));
    return true;
  };
  KDB_RETURN_IF_ERROR(query::Scan(sources, spec, context, visit));
  if (request.last_rows) {
    std::reverse(page.rows.begin(), page.rows.end());
    if (!page.rows.empty()) page.last_seq = page.rows.back().seq;
  }
  return page;
}

}  // namespace kalamdb::live
