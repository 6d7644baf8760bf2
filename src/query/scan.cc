// Pushing rows to a visitor: a lookup by one key is done right here, without an allocation of its
// own; everything else is a cursor's.
#include "query/scan.h"

#include "query/scan_cursor.h"
#include "query/visibility.h"

namespace kalamdb::query {
namespace {

// A buffer that grew beyond this is given back after the lookup that needed it.
constexpr size_t kKeptBufferBytes = 64 << 10;

struct Buffers {
  std::string key, value;
};

// Lends the thread's buffers to one lookup; a scan inside its visitor gets fresh ones.
class BorrowedBuffers {
 public:
  BorrowedBuffers() : buffers_(std::exchange(Kept(), {})) { buffers_.key.clear(); }
  ~BorrowedBuffers() {
    if (buffers_.value.capacity() <= kKeptBufferBytes) Kept() = std::move(buffers_);
  }
  BorrowedBuffers(const BorrowedBuffers&) = delete;
  BorrowedBuffers& operator=(const BorrowedBuffers&) = delete;
  Buffers* operator->() { return &buffers_; }

 private:
  static Buffers& Kept() {
    thread_local Buffers kept;
    return kept;
  }
  Buffers buffers_;
};

Status LookUp(const Sources& sources, const ScanSpec& spec, const RunContext& context,
              const RowVisitor& visit) {
  const catalog::TableInfo& table = *spec.table;
  Arena arena;
  expr::EvalFrame frame = MakeFrame(sources, context, &arena);
  const Datum value = spec.path.keys[0]->Eval(frame);
  if (!frame.error.ok()) return frame.error;
  if (value.null) return Status::Ok();

  BorrowedBuffers buffers;
  AppendVisiblePrefix(table, context, &buffers->key);
  const size_t prefix = buffers->key.size();
  // What cannot be a key (NaN, too long) equals no key.
  if (!AppendKey(value, &buffers->key).ok()) return Status::Ok();
  KDB_ASSIGN_OR_RETURN(bool found, sources.store->Get(storage::Family::kRows, buffers->key,
                                                      context.snapshot.get(), &buffers->value));
  if (!found) return Status::Ok();
  StoredRow row(table);
  KDB_RETURN_IF_ERROR(row.Set(buffers->value));
  if (!Visibility(table, context, spec.include_deleted).Sees(row.view())) return Status::Ok();
  if (spec.predicate != nullptr && !spec.path.exact) {
    frame.row = &row;
    const bool match = expr::EvalPredicate(*spec.predicate, frame);
    if (!frame.error.ok()) return frame.error;
    if (!match) return Status::Ok();
  }
  return visit(std::string_view(buffers->key).substr(prefix), row).status();
}

}  // namespace

expr::EvalFrame MakeFrame(const Sources& sources, const RunContext& context, Arena* arena) {
  expr::EvalFrame frame;
  frame.params = context.params;
  frame.user = context.user;
  frame.role = context.role;
  frame.now_micros = context.now_micros;
  frame.ids = sources.ids;
  frame.arena = arena;
  return frame;
}

Status Scan(const Sources& sources, const ScanSpec& spec, const RunContext& context,
            const RowVisitor& visit) {
  if (spec.path.kind == AccessPath::Kind::kPoint) return LookUp(sources, spec, context, visit);
  ScanCursor cursor(sources, spec, context);
  while (true) {
    KDB_ASSIGN_OR_RETURN(bool more, cursor.Next());
    if (!more) return Status::Ok();
    KDB_ASSIGN_OR_RETURN(bool wanted, visit(cursor.key(), cursor.row()));
    if (!wanted) return Status::Ok();
  }
}

}  // namespace kalamdb::query
