#include "auth/users.h"

#include <fmt/format.h>

#include <mutex>
#include <shared_mutex>

#include "auth/generation_cache.h"
#include "auth/user_record.h"
#include "catalog/meta_keys.h"

namespace kalamdb::auth {

namespace {

using storage::Family;

// Some 300 KiB when full of usual accounts.
constexpr size_t kMaxCached = 1024;
constexpr size_t kMaxCachedBytes = 512 << 10;

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

size_t BytesOf(const User& user) {
  // The key, the shared record and its control block.
  return user.id.size() * 2 + sizeof(User) + 32 + user.password_hash.size() +
         (user.email ? user.email->size() : 0) + user.auth_data.size() + user.storage_id.size();
}

// Whether more than the bookkeeping of logins differs.
bool IsEdited(const User& a, const User& b) {
  return a.role != b.role || a.password_hash != b.password_hash || a.email != b.email ||
         a.auth_type != b.auth_type || a.auth_data != b.auth_data || a.storage_id != b.storage_id ||
         a.deleted_millis != b.deleted_millis;
}

Status NotFoundUser(std::string_view id) {
  return NotFound(fmt::format("User '{}' not found", id));
}

}  // namespace

struct Users::Impl {
  storage::HotStore* store;
  shard::CommandExecutor* executor;
  const Clock* clock;

  std::mutex change_mutex;  // one change is read, decided and committed at a time

  std::atomic<uint64_t> version{1};
  std::shared_mutex mutex;  // guards `cache`, and `version` against the filling of it
  GenerationCache<std::string, UserPtr, TextHash, std::equal_to<>> cache{kMaxCached,
                                                                         kMaxCachedBytes};
  std::function<void(std::string_view)> on_rights_changed;

  Result<UserPtr> Read(std::string_view id) {
    std::string record;
    KDB_ASSIGN_OR_RETURN(const bool found,
                         store->Get(Family::kMeta, catalog::UserKey(id), nullptr, &record));
    if (!found) return UserPtr();
    KDB_ASSIGN_OR_RETURN(User user, DecodeUser(id, record));
    return UserPtr(std::make_shared<const User>(std::move(user)));
  }

  // On the commit thread, right after `user` became the stored record.
  void Applied(const UserPtr& user, bool rights_changed) {
    {
      const std::unique_lock lock(mutex);
      cache.Erase(std::string_view(user->id));
      cache.Add(user->id, user, BytesOf(*user));
      version.fetch_add(1, std::memory_order_release);
    }
    if (rights_changed && on_rights_changed) on_rights_changed(user->id);
  }

  Status Commit(User user, bool rights_changed) {
    auto stored = std::make_shared<const User>(std::move(user));
    shard::Command command;
    catalog::MetaChange& change = command.meta.emplace();
    change.batch.Put(Family::kMeta, catalog::UserKey(stored->id), EncodeUser(*stored));
    change.applied = [this, stored, rights_changed] { Applied(stored, rights_changed); };
    return executor->Execute(std::move(command)).status;
  }
};

Users::Users(storage::HotStore* store, shard::CommandExecutor* executor, const Clock* clock)
    : impl_(std::make_unique<Impl>()) {
  impl_->store = store;
  impl_->executor = executor;
  impl_->clock = clock;
}

Users::~Users() = default;

Result<UserPtr> Users::Find(std::string_view id) {
  uint64_t seen = 0;
  UserPtr user;
  {
    const std::shared_lock lock(impl_->mutex);
    bool old = false;
    if (const UserPtr* cached = impl_->cache.Find(id, &old)) {
      user = *cached;
      if (!old) return user;
    }
    seen = impl_->version.load(std::memory_order_acquire);
  }
  if (user == nullptr) {
    KDB_ASSIGN_OR_RETURN(user, impl_->Read(id));
    if (user == nullptr) return user;
  }
  const std::unique_lock lock(impl_->mutex);
  // A change that was committed since the record was read must not be covered by it.
  if (impl_->version.load(std::memory_order_acquire) == seen) {
    impl_->cache.Add(user->id, user, BytesOf(*user));
  }
  return user;
}

Status Users::ForEach(const std::function<bool(const User&)>& visit) {
  const std::string prefix = catalog::UserKey("");
  storage::Iterator it =
      impl_->store->NewIterator(Family::kMeta, prefix, storage::PrefixEnd(prefix), nullptr);
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    KDB_ASSIGN_OR_RETURN(const User user, DecodeUser(it.key().substr(prefix.size()), it.value()));
    if (!visit(user)) return {};
  }
  return it.status();
}

Result<size_t> Users::Count() {
  size_t n = 0;
  KDB_RETURN_IF_ERROR(ForEach([&](const User&) {
    ++n;
    return true;
  }));
  return n;
}

uint64_t Users::version() const { return impl_->version.load(std::memory_order_acquire); }

Status Users::Create(User user) {
  if (const std::string_view reason = BadIdReason(user.id); !reason.empty()) {
    return InvalidOperation(fmt::format("User id {}", reason));
  }
  const std::lock_guard lock(impl_->change_mutex);
  KDB_ASSIGN_OR_RETURN(const UserPtr existing, impl_->Read(user.id));
  if (existing != nullptr) return AlreadyExists(fmt::format("User '{}' already exists", user.id));
  user.created_millis = impl_->clock->WallMillis();
  user.updated_millis = user.created_millis;
  return impl_->Commit(std::move(user), false);
}

Status Users::Change(std::string_view id, const std::function<Status(User*)>& change) {
  const std::lock_guard lock(impl_->change_mutex);
  KDB_ASSIGN_OR_RETURN(const UserPtr existing, impl_->Read(id));
  if (existing == nullptr || existing->deleted()) return NotFoundUser(id);
  User user = *existing;
  KDB_RETURN_IF_ERROR(change(&user));
  user.id = existing->id;
  if (IsEdited(user, *existing)) user.updated_millis = impl_->clock->WallMillis();
  const bool rights_changed = user.role != existing->role || user.deleted();
  return impl_->Commit(std::move(user), rights_changed);
}

void Users::set_on_rights_changed(std::function<void(std::string_view user)> f) {
  impl_->on_rights_changed = std::move(f);
}

size_t Users::memory_bytes() const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->cache.bytes();
}

void Users::TrimCache() {
  const std::unique_lock lock(impl_->mutex);
  impl_->cache.Clear();
}

}  // namespace kalamdb::auth
