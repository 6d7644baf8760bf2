// bcrypt and the password policy.
#include "auth/password.h"

#include <gtest/gtest.h>

namespace kalamdb::auth {
namespace {

TEST(Bcrypt, MatchesThePasswordItHashedAndNoOther) {
  auto hash = HashBcrypt("correct horse", 4);
  ASSERT_TRUE(hash.ok()) << hash.status().message();
  EXPECT_TRUE(hash->starts_with("$2b$04$"));
  EXPECT_EQ(hash->size(), 60U);
  EXPECT_TRUE(MatchesBcrypt("correct horse", *hash));
  EXPECT_FALSE(MatchesBcrypt("correct horsE", *hash));
  EXPECT_FALSE(MatchesBcrypt("", *hash));
  EXPECT_NE(*HashBcrypt("correct horse", 4), *hash) << "each hash has a salt of its own";
}

TEST(Bcrypt, ReadsHashesOfOtherServers) {  // OpenBSD's test vector
  EXPECT_TRUE(MatchesBcrypt("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST(Bcrypt, ReadsSeventyTwoBytesHoweverLongThePasswordIs) {
  const std::string long_password(2000, 'x');
  auto hash = HashBcrypt(long_password, 4);
  ASSERT_TRUE(hash.ok()) << hash.status().message();
  EXPECT_TRUE(MatchesBcrypt(long_password, *hash));
  EXPECT_TRUE(MatchesBcrypt(std::string(72, 'x'), *hash));
  EXPECT_FALSE(MatchesBcrypt(std::string(71, 'x'), *hash));
}

TEST(Bcrypt, NulDoesNotCutAPassword) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(HashBcrypt("abc\0def"sv, 4).ok());
  auto hash = HashBcrypt("abc", 4);
  ASSERT_TRUE(hash.ok());
  EXPECT_FALSE(MatchesBcrypt("abc\0def"sv, *hash));
}

TEST(Bcrypt, DamagedHashesMatchNothing) {
  for (const char* hash : {"", "x", "*0", "$2b$04$", "$2b$99$......................", "$1$ab$cd"}) {
    EXPECT_FALSE(MatchesBcrypt("", hash)) << hash;
    EXPECT_FALSE(MatchesBcrypt("abc", hash)) << hash;
  }
  EXPECT_FALSE(HashBcrypt("abc", 3).ok());
  EXPECT_FALSE(HashBcrypt("abc", 32).ok());
}

TEST(Bcrypt, TheDecoyCostsARealCheckAndMatchesNothing) {
  const std::string decoy = DecoyHash(4);
  EXPECT_EQ(decoy.size(), 60U);
  EXPECT_FALSE(MatchesBcrypt("anything", decoy));
}

TEST(PasswordPolicy, NamesWhatIsMissing) {
  const auto reason = [](std::string_view password, bool complexity) {
    return std::string(CheckPassword(password, complexity).message());
  };
  EXPECT_EQ(reason("short", false), "Weak password: Password must be at least 8 characters (weak)");
  EXPECT_EQ(reason(std::string(73, 'a'), false),
            "Weak password: Password must be at most 72 characters (bcrypt limit, weak)");
  EXPECT_EQ(reason("password", false), "Weak password: Password is too common");
  EXPECT_EQ(reason("Password", false), "") << "the list is matched exactly";
  EXPECT_EQ(reason(std::string(72, 'a'), false), "");
  EXPECT_NE(reason("abcdefg1!", true).find("uppercase letter"), std::string::npos);
  EXPECT_NE(reason("ABCDEFG1!", true).find("lowercase letter"), std::string::npos);
  EXPECT_NE(reason("Abcdefgh!", true).find("digit"), std::string::npos);
  EXPECT_NE(reason("Abcdefgh1", true).find("special character"), std::string::npos);
  EXPECT_EQ(reason("Abcdefg1!", true), "");
}

}  // namespace
}  // namespace kalamdb::auth
