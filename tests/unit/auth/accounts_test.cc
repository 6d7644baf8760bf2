// Accounts, logins and tokens on a real store and commit pipeline.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "auth/audit.h"
#include "auth/authenticator.h"
#include "auth/jwt.h"
#include "auth/users.h"
#include "base/logging.h"

namespace kalamdb::auth {
namespace {

constexpr int64_t kNow = 1'800'000'000'000'000;  // microseconds
constexpr int64_t kMinute = 60'000'000;

class Accounts : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::path(testing::TempDir()) /
                 ("accounts_" + std::string(info->name()) + std::to_string(getpid()));
    std::filesystem::remove_all(directory_);
    Open();
    config_.jwt_secret = "0123456789abcdef0123456789abcdef";
    config_.bcrypt_cost = 4;
    auth_ = std::make_unique<Authenticator>(config_, users_.get(), &clock_);
  }
  void TearDown() override {
    Close();
    std::filesystem::remove_all(directory_);
  }
  void Open() {
    auto store = storage::HotStore::Open(directory_.string(), {});
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = std::move(*store);
    auto executor = shard::LocalExecutor::Open(store_.get(), &clock_, log_.get(), {});
    ASSERT_TRUE(executor.ok()) << executor.status().message();
    executor_ = std::move(*executor);
    users_ = std::make_unique<Users>(store_.get(), executor_.get(), &clock_);
    users_->set_on_rights_changed(
        [this](std::string_view user) { ended_ += std::string(user) + ";"; });
  }
  void Close() {
    auth_.reset();
    executor_.reset();
    users_.reset();
    store_.reset();
  }
  void Add(const std::string& id, Role role, const std::string& password = "pw") {
    User user;
    user.id = id;
    user.role = role;
    if (!password.empty()) user.password_hash = *auth_->HashPassword(password, 4);
    const Status s = users_->Create(std::move(user));
    ASSERT_TRUE(s.ok()) << s.message();
  }
  void Set(const std::string& id, const std::function<void(User*)>& f) {
    const Status s = users_->Change(id, [&](User* user) {
      f(user);
      return Status::Ok();
    });
    ASSERT_TRUE(s.ok()) << s.message();
  }
  AuthFailure Login(const std::string& id, const std::string& password, bool local = true) {
    return auth_->Login(id, password, local).failure;
  }
  std::string Signed(Claims claims) { return SignHs256(claims, config_.jwt_secret); }
  Claims Good(const std::string& user) {
    Claims claims;
    claims.issuer = "kalamdb";
    claims.subject = user;
    claims.issued_at = clock_.WallMicros() / 1'000'000;
    claims.expires = claims.issued_at + 3600;
    claims.token_type = "access";
    return claims;
  }

  ManualClock clock_{kNow};
  std::unique_ptr<Logger> log_ = Logger::Null();
  std::filesystem::path directory_;
  std::unique_ptr<storage::HotStore> store_;
  std::unique_ptr<Users> users_;
  std::unique_ptr<shard::LocalExecutor> executor_;
  AuthConfig config_;
  std::unique_ptr<Authenticator> auth_;
  std::string ended_;
};

TEST_F(Accounts, AreThereAgainAfterARestart) {
  Add("alice", Role::kService);
  Close();
  Open();
  auto user = users_->Find("alice");
  ASSERT_TRUE(user.ok());
  ASSERT_NE(*user, nullptr);
  EXPECT_EQ((*user)->role, Role::kService);
  EXPECT_EQ((*user)->created_millis, kNow / 1000);
  EXPECT_EQ(*users_->Find("bob"), nullptr);
  EXPECT_EQ(*users_->Count(), 1U);
}

TEST_F(Accounts, AreCreatedOnceAlsoWhenDropped) {
  Add("alice", Role::kUser);
  User again;
  again.id = "alice";
  EXPECT_EQ(users_->Create(again).code(), ErrorCode::kAlreadyExists);
  Set("alice", [](User* u) { u->deleted_millis = 1; });
  EXPECT_EQ(users_->Create(again).code(), ErrorCode::kAlreadyExists);
  ASSERT_NE(*users_->Find("alice"), nullptr) << "a dropped account stays listed";
  EXPECT_EQ(users_->Change("alice", [](User*) { return Status::Ok(); }).code(),
            ErrorCode::kNotFound);
  for (const char* bad : {"", "a/b", "..", "a\\b"}) {
    again.id = bad;
    EXPECT_FALSE(users_->Create(again).ok()) << bad;
  }
}

TEST_F(Accounts, AChangeThatFailsWritesNothing) {
  Add("alice", Role::kUser);
  const uint64_t version = users_->version();
  const Status s = users_->Change("alice", [](User* u) {
    u->role = Role::kDba;
    return InvalidOperation("no");
  });
  EXPECT_EQ(s.code(), ErrorCode::kInvalidOperation);
  EXPECT_EQ((*users_->Find("alice"))->role, Role::kUser);
  EXPECT_EQ(users_->version(), version);
}

TEST_F(Accounts, ChangesAreSeenAtOnceAndEndSessionsOnlyWhenRightsChange) {
  Add("alice", Role::kUser);
  ASSERT_EQ((*users_->Find("alice"))->role, Role::kUser);
  clock_.Advance(kMinute);
  Set("alice", [](User* u) { u->email = "a@x"; });
  EXPECT_EQ((*users_->Find("alice"))->email, "a@x");
  EXPECT_EQ((*users_->Find("alice"))->updated_millis, (kNow + kMinute) / 1000);
  EXPECT_EQ(ended_, "");
  Set("alice", [](User* u) { u->role = Role::kDba; });
  EXPECT_EQ(ended_, "alice;");
  Set("alice", [](User* u) { u->deleted_millis = 1; });
  EXPECT_EQ(ended_, "alice;alice;");
}

TEST_F(Accounts, ConcurrentChangesLoseNothing) {
  Add("alice", Role::kUser);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) Set("alice", [](User* u) { ++u->failed_logins; });
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ((*users_->Find("alice"))->failed_logins, 100);
}

TEST_F(Accounts, ReadersNeverKeepAStaleRecord) {
  Add("alice", Role::kUser);
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) {
      users_->TrimCache();
      (void)users_->Find("alice");
    }
  });
  for (int i = 1; i <= 300; ++i) {
    Set("alice", [&](User* u) { u->failed_logins = i; });
    ASSERT_EQ((*users_->Find("alice"))->failed_logins, i);
  }
  stop = true;
  reader.join();
}

TEST_F(Accounts, LoginTakesTheRightPasswordOnly) {
  Add("alice", Role::kUser, "secret");
  EXPECT_EQ(Login("alice", "secret"), AuthFailure::kNone);
  EXPECT_EQ(Login("alice", "Secret"), AuthFailure::kInvalid);
  EXPECT_EQ(Login("Alice", "secret"), AuthFailure::kInvalid);
  EXPECT_EQ(Login("alice", ""), AuthFailure::kInvalid);
  EXPECT_EQ(Login("", ""), AuthFailure::kInvalid);
  EXPECT_EQ(Login("  ", "x"), AuthFailure::kInvalid);
  EXPECT_EQ(Login("../x", "x"), AuthFailure::kInvalid);
  EXPECT_EQ(Login("nobody", "x"), AuthFailure::kInvalid);
  Set("alice", [](User* u) { u->deleted_millis = 1; });
  EXPECT_EQ(Login("alice", "secret"), AuthFailure::kInvalid);
}

TEST_F(Accounts, ASuccessfulLoginIsNotedAndForgivesFailures) {
  Add("alice", Role::kUser, "secret");
  EXPECT_EQ(Login("alice", "x"), AuthFailure::kInvalid);
  EXPECT_EQ((*users_->Find("alice"))->failed_logins, 1);
  clock_.Advance(kMinute);
  LoginResult r = auth_->Login("alice", "secret", false);
  ASSERT_EQ(r.failure, AuthFailure::kNone);
  EXPECT_EQ(r.user->id, "alice");
  auto user = *users_->Find("alice");
  EXPECT_EQ(user->failed_logins, 0);
  EXPECT_EQ(user->last_login_millis, (kNow + kMinute) / 1000);
  EXPECT_EQ(user->updated_millis, kNow / 1000) << "a login is no change of the account";
}

TEST_F(Accounts, FiveFailuresLockForAQuarterOfAnHour) {
  Add("alice", Role::kUser, "secret");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Login("alice", "x"), AuthFailure::kInvalid) << i;
  LoginResult r = auth_->Login("alice", "secret", true);
  EXPECT_EQ(r.failure, AuthFailure::kLocked);
  EXPECT_EQ(r.lock_minutes, 15);
  clock_.Advance(14 * kMinute + 1'000'000);
  r = auth_->Login("alice", "secret", true);
  EXPECT_EQ(r.failure, AuthFailure::kLocked);
  EXPECT_EQ(r.lock_minutes, 1) << "rounded up";
  clock_.Advance(kMinute);
  EXPECT_EQ(Login("alice", "x"), AuthFailure::kInvalid);
  EXPECT_EQ(Login("alice", "secret"), AuthFailure::kLocked) << "the count outlives the lock";
  clock_.Advance(15 * kMinute);
  EXPECT_EQ(Login("alice", "secret"), AuthFailure::kNone);
  EXPECT_EQ(Login("alice", "x"), AuthFailure::kInvalid);
  EXPECT_EQ(Login("alice", "secret"), AuthFailure::kNone);
}

TEST_F(Accounts, ANewPasswordCountsFromTheNextLoginOnAndLeavesTokens) {
  Add("alice", Role::kUser, "old");
  const Tokens tokens = auth_->Issue(**users_->Find("alice"));
  const std::string hash = *auth_->HashPassword("new", 4);
  Set("alice", [&](User* u) { u->password_hash = hash; });
  EXPECT_EQ(Login("alice", "old"), AuthFailure::kInvalid);
  EXPECT_EQ(Login("alice", "new"), AuthFailure::kNone);
  EXPECT_TRUE(auth_->CheckAccessToken(tokens.access).ok());
}

TEST_F(Accounts, RootIsMadeOnceAndNeedsSetupWithoutAPassword) {
  ASSERT_TRUE(auth_->EnsureRoot("").ok());
  auto root = *users_->Find("root");
  ASSERT_NE(root, nullptr);
  EXPECT_EQ(root->role, Role::kSystem);
  EXPECT_EQ(root->auth_type, AuthType::kInternal);
  EXPECT_EQ(root->email, "root@localhost");
  EXPECT_EQ(root->storage_id, "local");
  EXPECT_EQ(root->password_hash, "");
  EXPECT_TRUE(*auth_->NeedsSetup());
  EXPECT_EQ(Login("root", "", true), AuthFailure::kSetupRequired);
  EXPECT_EQ(Login("root", "", false), AuthFailure::kSetupRequired);
  EXPECT_EQ(Login("root", "x", false), AuthFailure::kRemoteDenied);
  EXPECT_EQ(Login("root", "x", true), AuthFailure::kInvalid);
  ASSERT_TRUE(auth_->EnsureRoot("ignored").ok());
  EXPECT_TRUE(*auth_->NeedsSetup());
}

TEST_F(Accounts, RootTakesThePasswordOfTheFirstStart) {
  ASSERT_TRUE(auth_->EnsureRoot("rootpw").ok());
  EXPECT_FALSE(*auth_->NeedsSetup());
  EXPECT_TRUE((*users_->Find("root"))->password_hash.starts_with("$2b$12$"));
  EXPECT_EQ(Login("root", "rootpw", false), AuthFailure::kNone);
}

TEST_F(Accounts, OauthAccountsHaveNoPasswordLogin) {
  User user;
  user.id = "sub";
  user.auth_type = AuthType::kOauth;
  user.password_hash = *auth_->HashPassword("pw", 4);
  ASSERT_TRUE(users_->Create(user).ok());
  EXPECT_EQ(Login("sub", "pw"), AuthFailure::kInvalid);
}

TEST_F(Accounts, TokensTellWhoTheyWereIssuedTo) {
  Add("alice", Role::kService);
  const Tokens tokens = auth_->Issue(**users_->Find("alice"));
  EXPECT_EQ(tokens.access_expires_seconds, kNow / 1'000'000 + 24 * 3600);
  EXPECT_EQ(tokens.refresh_expires_seconds, kNow / 1'000'000 + 7 * 24 * 3600);
  for (int i = 0; i < 3; ++i) {
    const TokenCheck check = auth_->CheckAccessToken(tokens.access);
    ASSERT_TRUE(check.ok());
    EXPECT_EQ(check.identity.user, "alice");
    EXPECT_EQ(check.identity.role, Role::kService);
  }
  EXPECT_EQ(auth_->CheckAccessToken(tokens.refresh).failure, AuthFailure::kInvalid);
  EXPECT_EQ(auth_->CheckRefreshToken(tokens.access).failure, AuthFailure::kNotRefresh);
  EXPECT_TRUE(auth_->CheckRefreshToken(tokens.refresh).ok());
  EXPECT_EQ(auth_->CheckAccessToken("").failure, AuthFailure::kMissing);
  EXPECT_EQ(auth_->CheckAccessToken("x").failure, AuthFailure::kMalformed);
  EXPECT_EQ(auth_->CheckAccessToken(std::string(100000, 'x')).failure, AuthFailure::kMalformed);
}

TEST_F(Accounts, ATokenEndsWhenItsTimeIsOverAlsoWhenItIsCached) {
  Add("alice", Role::kUser);
  const Tokens tokens = auth_->Issue(**users_->Find("alice"));
  ASSERT_TRUE(auth_->CheckAccessToken(tokens.access).ok());
  clock_.Advance(24 * 60 * kMinute + 59'000'000);
  EXPECT_TRUE(auth_->CheckAccessToken(tokens.access).ok()) << "60 s leeway";
  clock_.Advance(2'000'000);
  EXPECT_EQ(auth_->CheckAccessToken(tokens.access).failure, AuthFailure::kExpired);
  EXPECT_EQ(auth_->CheckAccessToken(tokens.access).failure, AuthFailure::kExpired);
  EXPECT_TRUE(auth_->CheckRefreshToken(tokens.refresh).ok());
  clock_.SetWall(kNow - 2 * kMinute);
  EXPECT_EQ(auth_->CheckAccessToken(tokens.access).failure, AuthFailure::kInvalid)
      << "from the future";
}

TEST_F(Accounts, ARoleChangeOrADropCountsFromTheNextRequestOn) {
  Add("alice", Role::kUser);
  const Tokens tokens = auth_->Issue(**users_->Find("alice"));
  ASSERT_TRUE(auth_->CheckAccessToken(tokens.access).ok());
  Set("alice", [](User* u) { u->role = Role::kService; });
  EXPECT_EQ(auth_->CheckAccessToken(tokens.access).failure, AuthFailure::kRoleChanged);
  EXPECT_EQ(auth_->CheckRefreshToken(tokens.refresh).failure, AuthFailure::kRoleChanged);
  const Tokens fresh = auth_->Issue(**users_->Find("alice"));
  ASSERT_TRUE(auth_->CheckAccessToken(fresh.access).ok());
  Set("alice", [](User* u) { u->deleted_millis = 1; });
  EXPECT_EQ(auth_->CheckAccessToken(fresh.access).failure, AuthFailure::kUserGone);
  EXPECT_EQ(auth_->CheckRefreshToken(fresh.refresh).failure, AuthFailure::kUserGone);
}

TEST_F(Accounts, ATokenWithoutRoleClaimHasTheStoredRole) {
  Add("alice", Role::kUser);
  const std::string token = Signed(Good("alice"));
  EXPECT_EQ(auth_->CheckAccessToken(token).identity.role, Role::kUser);
  Set("alice", [](User* u) { u->role = Role::kDba; });
  EXPECT_EQ(auth_->CheckAccessToken(token).identity.role, Role::kDba);
}

TEST_F(Accounts, ForeignAndIncompleteTokensAreRefused) {
  Add("alice", Role::kUser);
  const auto failure = [&](const std::function<void(Claims*)>& change) {
    Claims claims = Good("alice");
    change(&claims);
    return auth_->CheckAccessToken(Signed(claims)).failure;
  };
  EXPECT_EQ(failure([](Claims*) {}), AuthFailure::kNone);
  EXPECT_EQ(failure([](Claims* c) { c->issuer = "https://id.example"; }), AuthFailure::kInvalid);
  EXPECT_EQ(failure([](Claims* c) { c->subject = ""; }), AuthFailure::kEmptySubject);
  EXPECT_EQ(failure([](Claims* c) { c->subject = "bob"; }), AuthFailure::kUserGone);
  EXPECT_EQ(failure([](Claims* c) { c->token_type.reset(); }), AuthFailure::kInvalid);
  EXPECT_EQ(failure([](Claims* c) { c->role = "anonymous"; }), AuthFailure::kInvalid);
  EXPECT_EQ(failure([](Claims* c) { c->role = "dba"; }), AuthFailure::kRoleChanged);
  EXPECT_EQ(failure([](Claims* c) { c->issued_at += 120; }), AuthFailure::kInvalid);
  EXPECT_EQ(failure([](Claims* c) { c->not_before = c->issued_at + 120; }), AuthFailure::kInvalid);
  EXPECT_EQ(failure([](Claims* c) { c->expires = c->issued_at - 120; }), AuthFailure::kExpired);
  EXPECT_EQ(auth_->CheckAccessToken(SignHs256(Good("alice"), "another secret")).failure,
            AuthFailure::kInvalid);
}

TEST_F(Accounts, TheTokenCacheStaysWithinItsBound) {
  Add("alice", Role::kUser);
  Claims claims = Good("alice");
  claims.role = "user";
  for (int i = 0; i < 20000; ++i) {
    ++claims.expires;
    ASSERT_TRUE(auth_->CheckAccessToken(Signed(claims)).ok());
  }
  EXPECT_LE(auth_->memory_bytes(), size_t{1} << 20);
  EXPECT_GT(auth_->memory_bytes(), 0U);
  auth_->TrimCache();
  EXPECT_EQ(auth_->memory_bytes(), 0U);
}

TEST_F(Accounts, ManyThreadsCheckTokensWhileAccountsChange) {
  Add("alice", Role::kUser);
  Add("bob", Role::kUser);
  const Tokens alice = auth_->Issue(**users_->Find("alice"));
  const Tokens bob = auth_->Issue(**users_->Find("bob"));
  std::atomic<bool> dropped{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) {
        const bool must_fail = dropped;
        if (must_fail && auth_->CheckAccessToken(bob.access).ok()) ++wrong;
        if (!auth_->CheckAccessToken(alice.access).ok()) ++wrong;
      }
    });
  }
  for (int i = 0; i < 50; ++i) Set("alice", [&](User* u) { u->failed_logins = i; });
  Set("bob", [](User* u) { u->deleted_millis = 1; });
  dropped = true;
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Accounts, AuditEntriesComeBackInTheirOrder) {
  AuditLog audit(store_.get(), executor_.get(), &clock_);
  for (int i = 0; i < 3; ++i) {
    shard::Command command;
    AuditEntry entry;
    entry.actor = "root";
    entry.action = "CREATE_TABLE";
    entry.target = "app.t" + std::to_string(i);
    if (i == 1) entry.details = "Type: user";
    audit.AddTo(&command.meta.emplace(), entry);
    ASSERT_TRUE(executor_->Execute(std::move(command)).status.ok());
    clock_.Advance(1000);
  }
  std::vector<AuditEntry> entries;
  ASSERT_TRUE(audit
                  .ForEach([&](const AuditEntry& e) {
                    entries.push_back(e);
                    return true;
                  })
                  .ok());
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[1].target, "app.t1");
  EXPECT_EQ(entries[1].details, "Type: user");
  EXPECT_EQ(entries[1].millis, kNow / 1000 + 1);
  EXPECT_TRUE(entries[0].audit_id.starts_with("audit_1800000000000_"));
  EXPECT_EQ(entries[0].audit_id.size(), 6U + 13 + 1 + 32);
}

TEST_F(Accounts, AnAuditEntryThatIsNotWaitedForTellsItsFate) {
  AuditLog audit(store_.get(), executor_.get(), &clock_);
  std::atomic<int> written{0};
  AuditEntry entry;
  entry.action = "LOGIN";
  audit.RecordAsync(entry, [&](const Status& s) { written = s.ok() ? 1 : -1; });
  audit.RecordAsync(entry, nullptr);
  executor_.reset();  // finishes what was submitted
  EXPECT_EQ(written, 1);
}

}  // namespace
}  // namespace kalamdb::auth
