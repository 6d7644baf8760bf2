// Accounts: records in kMeta, read through a bounded cache, changed through the commit pipeline.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "shard/executor.h"
#include "storage/hot_store.h"

namespace kalamdb::auth {

enum class AuthType : uint8_t { kPassword = 1, kOauth = 2, kInternal = 3 };

struct User {
  std::string id;
  std::string password_hash;  // bcrypt; empty: none
  Role role = Role::kUser;
  std::optional<std::string> email;
  AuthType auth_type = AuthType::kPassword;
  std::string auth_data;   // JSON, empty: NULL
  std::string storage_id;  // empty: NULL
  int32_t failed_logins = 0;
  int64_t locked_until_millis = 0;  // 0: not locked; likewise below
  int64_t last_login_millis = 0;
  int64_t created_millis = 0, updated_millis = 0;
  int64_t deleted_millis = 0;
  [[nodiscard]] bool deleted() const { return deleted_millis != 0; }
};
using UserPtr = std::shared_ptr<const User>;

// Thread-safe. Reads see what is committed at once, on every thread.
class Users {
 public:
  Users(storage::HotStore* store, shard::CommandExecutor* executor, const Clock* clock);
  ~Users();

  // Null: no such user. Soft-deleted users are returned, with deleted() set.
  Result<UserPtr> Find(std::string_view id);
  Status ForEach(const std::function<bool(const User&)>& visit);
  Result<size_t> Count();
  // Rises with every committed change of any user: cached token checks compare it.
  [[nodiscard]] uint64_t version() const;

  // Create fails with kAlreadyExists when the id exists, also soft-deleted. They wait for the
  // commit: worker threads only.
  Status Create(User user);
  // Reads, lets `change` alter a copy, commits; serialised with other changes. kNotFound when
  // missing or deleted; an error of `change` is returned and nothing is written. `updated_millis`
  // is set here.
  Status Change(std::string_view id, const std::function<Status(User*)>& change);
  // Called on the commit thread after a user was dropped or changed role: sessions end.
  void set_on_rights_changed(std::function<void(std::string_view user)> f);

  [[nodiscard]] size_t memory_bytes() const;
  void TrimCache();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kalamdb::auth
