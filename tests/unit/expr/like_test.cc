#include "build.h"

namespace kalamdb::expr::test {
namespace {

struct Case {
  const char* text;
  const char* pattern;
  bool matches;
};

TEST(Like, MatchesTheWholeTextByCharacters) {
  const Case cases[] = {
      {"abc", "abc", true},
      {"abc", "ab", false},
      {"abc", "a_c", true},
      {"añc", "a_c", true},
      {"añc", "a__c", false},
      {"abc", "%", true},
      {"", "%", true},
      {"", "", true},
      {"", "_", false},
      {"abc", "", false},
      {"abcabc", "%abc", true},
      {"aXbXc", "a%b%c", true},
      {"ab", "%ab%", true},
      {"abc", "abc%", true},
      {"abc", "%bc%d", false},
      {"mississippi", "m%iss%ip_i", true},
      {"ab", "_%_", true},
      {"a", "_%_", false},
      {"aab", "a%ab", true},
      {"ab", "ab%ab", false},
      {"日本語", "日_語", true},
      {"日本語", "%本%", true},
      {"日本語", "___", true},
      {"日本語", "__", false},
      {"ABC", "abc", false},
      {"xaybzc", "%a_b_c", true},
      {"xaybzcd", "%a_b_c", false},
      {"aaaa", "%a_a%", true},
      {"a\nb", "a%b", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ValueOf("like", Text(c.text), Text(c.pattern)), c.matches ? "true" : "false")
        << c.text << " LIKE " << c.pattern;
    // Once more with a pattern that is known only when the row is.
    const Row row({Value::Text(c.text), Value::Text(c.pattern)});
    EXPECT_EQ(Eval(Call("like", Column(0, TypeKind::kText), Column(1, TypeKind::kText)), row),
              c.matches ? "true" : "false");
  }
}

TEST(Like, EscapesWithABackslashOrWhatIsAskedFor) {
  EXPECT_EQ(ValueOf("like", Text("a%c"), Text("a\\%c")), "true");
  EXPECT_EQ(ValueOf("like", Text("abc"), Text("a\\%c")), "false");
  EXPECT_EQ(ValueOf("like", Text("a%c"), Text("a!%c"), Text("!")), "true");
  EXPECT_EQ(ValueOf("like", Text("a!c"), Text("a!!c"), Text("!")), "true");
  EXPECT_EQ(ValueOf("like", Text("a%c"), Text("aé%c"), Text("é")), "true");
  EXPECT_EQ(ValueOf("like", Text("a\\b"), Text("a\\b"), Text("")), "true");
  (void)Refused("like", Text("a"), Text("a\\"));
  (void)Refused("like", Text("a"), Text("a"), Text("!!"));
  EXPECT_EQ(ValueOf("like", Text("a"), Text("a"), Null()), "NULL");
}

TEST(Like, IsUnknownForNull) {
  EXPECT_EQ(ValueOf("like", Null(), Text("a%")), "NULL");
  EXPECT_EQ(ValueOf("like", Text("a"), Null()), "NULL");
}

TEST(Like, IlikeIgnoresCaseBeyondAscii) {
  EXPECT_EQ(ValueOf("ilike", Text("ÀB"), Text("àb")), "true");
  EXPECT_EQ(ValueOf("ilike", Text("Привет"), Text("%ИВЕ_")), "true");
  EXPECT_EQ(ValueOf("ilike", Text("ABC"), Text("a%C")), "true");
  EXPECT_EQ(ValueOf("ilike", Text("abd"), Text("A_C")), "false");
}

TEST(Like, BytesThatAreNoTextNeverCrash) {
  EXPECT_EQ(ValueOf("like", Text("\xff\xfe"), Text("__")), "true");
  EXPECT_EQ(ValueOf("like", Text("\xc3"), Text("_")), "true");
  EXPECT_EQ(ValueOf("ilike", Text("\xe2\x82"), Text("%")), "true");
}

TEST(Like, ManyPercentSignsAreNoWork) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "%a";
  EXPECT_EQ(ValueOf("like", Text(std::string(100'000, 'a')), Text(pattern + "b%")), "false");
}

TEST(Regex, AnswersAsPostgreSqlWhereItHasAPosixForm) {
  const Case cases[] = {
      {"abc", "b", true},         {"abc", "^b", false},
      {"a1", "\\d", true},        {"éa", "^.a$", true},
      {"foo.bar", "o\\.b", true}, {"line1\nline2", "1.l", true},
      {"ab", "(?i)AB", true},     {"word boundary", "\\ybound", true},
      {"aaa", "^a{3}$", true},    {"aaa", "^a{2}$", false},
      {"a]b", "[]]", true},       {"x1", "[\\d]", true},
      {"ab", "a(?:b|c)", true},   {"abc", "a.*?c", true},
      {"a<b", "a\\<b", true},     {"", "^$", true},
      {"tab\t", "\\s", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ValueOf("~", Text(c.text), Text(c.pattern)), c.matches ? "true" : "false")
        << c.pattern;
    EXPECT_EQ(ValueOf("!~", Text(c.text), Text(c.pattern)), c.matches ? "false" : "true")
        << c.pattern;
  }
  EXPECT_EQ(ValueOf("~*", Text("ABC"), Text("b")), "true");
  EXPECT_EQ(ValueOf("!~*", Text("ABC"), Text("b")), "false");
  EXPECT_EQ(ValueOf("~", Null(), Text("b")), "NULL");
}

TEST(Regex, SimilarToMatchesTheWholeTextWithItsOwnWildcards) {
  const Case cases[] = {
      {"abc", "a%", true},   {"abc", "%(b|d)%", true}, {"abc", "b", false},    {"aXc", "a_c", true},
      {"a.c", "a.c", true},  {"abc", "a.c", false},    {"aaa", "a{3}", true},  {"a%", "a\\%", true},
      {"ab", "a\\%", false}, {"b", "[a-c]", true},     {"ac", "a(b|c)", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ValueOf("similar to", Text(c.text), Text(c.pattern)), c.matches ? "true" : "false")
        << c.pattern;
  }
}

TEST(Regex, RefusesWhatItCannotBound) {
  (void)Refused("~", Text("a"), Text("("));
  (void)Refused("~", Text("a"), Text("(a)\\1"));
  (void)Refused("~", Text("a"), Text("(?=a)"));
  (void)Refused("~", Text("a"), Text("((a{200}){200}){200}"));
  (void)Refused("~", Text("a"), Text("a{99999}"));
  (void)Refused("~", Text("a"), Text(std::string(5000, 'a')));
  EXPECT_EQ(Refused("~", Text("a"), Column(0, TypeKind::kText)).code(), ErrorCode::kNeedsAnalytics);
}

}  // namespace
}  // namespace kalamdb::expr::test
