// Stored under AuditKey(audit_id); ids begin with their millisecond, so that key order is time
// order.
//
//   1 byte    version: 1
//   8 bytes   Unix ms
//   texts     actor, action, target, details, ip address, subject; each a varint length and bytes
#include "auth/audit.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/id_source.h"
#include "catalog/meta_keys.h"

namespace kalamdb::auth {

namespace {

using storage::Family;

constexpr uint8_t kVersion = 1;

std::string Encode(const AuditEntry& entry) {
  std::string out;
  out.push_back(static_cast<char>(kVersion));
  AppendFixed(&out, entry.millis);
  for (const std::string* text : {&entry.actor, &entry.action, &entry.target, &entry.details,
                                  &entry.ip_address, &entry.subject_user}) {
    AppendLengthPrefixed(&out, *text);
  }
  return out;
}

Result<AuditEntry> Decode(std::string_view id, std::string_view record) {
  ByteReader in(record);
  AuditEntry entry;
  entry.audit_id = std::string(id);
  const uint8_t version = in.Byte();
  entry.millis = in.Fixed<int64_t>();
  for (std::string* text : {&entry.actor, &entry.action, &entry.target, &entry.details,
                            &entry.ip_address, &entry.subject_user}) {
    *text = std::string(in.LengthPrefixed());
  }
  if (version != kVersion || !in.ok() || !in.empty()) {
    return Corruption(fmt::format("audit entry '{}' is damaged", id));
  }
  return entry;
}

}  // namespace

AuditLog::AuditLog(storage::HotStore* store, shard::CommandExecutor* executor, const Clock* clock)
    : store_(store), executor_(executor), clock_(clock) {}

void AuditLog::AddTo(catalog::MetaChange* change, AuditEntry entry) {
  entry.millis = clock_->WallMillis();
  // 13 digits order as numbers do until the year 2286.
  entry.audit_id = fmt::format("audit_{:013}_{}", entry.millis, RandomHex32());
  change->batch.Put(Family::kMeta, catalog::AuditKey(entry.audit_id), Encode(entry));
}

void AuditLog::RecordAsync(AuditEntry entry, std::function<void(const Status&)> done) {
  shard::Command command;
  AddTo(&command.meta.emplace(), std::move(entry));
  command.done = [done = std::move(done)](const shard::CommandOutcome& outcome) {
    if (done) done(outcome.status);
  };
  executor_->Submit(std::move(command));
}

Status AuditLog::ForEach(const std::function<bool(const AuditEntry&)>& visit) {
  const std::string prefix = catalog::AuditKey("");
  storage::Iterator it =
      store_->NewIterator(Family::kMeta, prefix, storage::PrefixEnd(prefix), nullptr);
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    KDB_ASSIGN_OR_RETURN(const AuditEntry entry,
                         Decode(it.key().substr(prefix.size()), it.value()));
    if (!visit(entry)) return {};
  }
  return it.status();
}

}  // namespace kalamdb::auth
