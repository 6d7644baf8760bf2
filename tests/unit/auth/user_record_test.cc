// The stored form of an account, and the bounded map behind the caches.
#include "auth/user_record.h"

#include <gtest/gtest.h>

#include "auth/generation_cache.h"

namespace kalamdb::auth {
namespace {

TEST(UserRecord, ReadsBackEveryMember) {
  User user;
  user.id = "alice";
  user.password_hash = "$2b$";
  user.role = Role::kDba;
  user.email = "";
  user.auth_type = AuthType::kOauth;
  user.auth_data = R"({"issuer":"i"})";
  user.storage_id = "s3";
  user.failed_logins = 4;
  user.locked_until_millis = 1;
  user.last_login_millis = 2;
  user.created_millis = 3;
  user.updated_millis = 4;
  user.deleted_millis = 5;
  auto back = DecodeUser("alice", EncodeUser(user));
  ASSERT_TRUE(back.ok()) << back.status().message();
  EXPECT_EQ(back->id, "alice");
  EXPECT_EQ(back->password_hash, "$2b$");
  EXPECT_EQ(back->role, Role::kDba);
  EXPECT_EQ(back->email, std::optional<std::string>(""));
  EXPECT_EQ(back->auth_type, AuthType::kOauth);
  EXPECT_EQ(back->auth_data, R"({"issuer":"i"})");
  EXPECT_EQ(back->storage_id, "s3");
  EXPECT_EQ(back->failed_logins, 4);
  EXPECT_EQ(back->locked_until_millis, 1);
  EXPECT_EQ(back->last_login_millis, 2);
  EXPECT_EQ(back->created_millis, 3);
  EXPECT_EQ(back->updated_millis, 4);
  EXPECT_TRUE(back->deleted());
  user.email.reset();
  EXPECT_FALSE(DecodeUser("alice", EncodeUser(user))->email.has_value());
}

TEST(UserRecord, RefusesTruncatedAndForeignBytes) {
  User user;
  user.password_hash = std::string(60, 'h');
  const std::string record = EncodeUser(user);
  for (size_t n = 0; n < record.size(); ++n) {
    EXPECT_FALSE(DecodeUser("u", record.substr(0, n)).ok()) << n;
  }
  EXPECT_FALSE(DecodeUser("u", record + "x").ok());
  std::string other = record;
  other[0] = 2;
  EXPECT_FALSE(DecodeUser("u", other).ok()) << "a version that we do not know";
  other = record;
  other[1] = 9;
  EXPECT_FALSE(DecodeUser("u", other).ok()) << "no such role";
}

using IntCache = GenerationCache<int, int, std::hash<int>, std::equal_to<int>>;

TEST(GenerationCache, NeverHoldsMoreThanItsBounds) {
  IntCache by_entries(100, 1 << 20);
  IntCache by_bytes(1 << 20, 10000);
  for (int i = 0; i < 5000; ++i) {
    by_entries.Add(i, i, 0);
    by_bytes.Add(i, i, 50);
    ASSERT_LE(by_entries.size(), 100U);
    ASSERT_LE(by_bytes.bytes(), 10000U);
  }
  EXPECT_GE(by_entries.size(), 50U);
  EXPECT_GT(by_bytes.size(), 30U);
  by_bytes.Add(7, 7, 20000);
  bool old = false;
  EXPECT_EQ(by_bytes.Find(7, &old), nullptr) << "an entry above the bound is not kept";
}

TEST(GenerationCache, KeepsWhatIsUsedAndForgetsTheRest) {
  IntCache cache(100, 1 << 20);
  cache.Add(-1, 1, 0);
  for (int i = 0; i < 1000; ++i) {
    bool old = false;
    const int* kept = cache.Find(-1, &old);
    ASSERT_NE(kept, nullptr);
    if (old) cache.Add(-1, *kept, 0);
    cache.Add(i, i, 0);
  }
  bool old = false;
  EXPECT_EQ(cache.Find(0, &old), nullptr);
  cache.Erase(-1);
  EXPECT_EQ(cache.Find(-1, &old), nullptr);
}

}  // namespace
}  // namespace kalamdb::auth
