#include "sql/lexer.h"

#include <gtest/gtest.h>

namespace kalamdb::sql {
namespace {

std::vector<std::string> Words(std::string_view text) {
  std::vector<Token> tokens;
  EXPECT_TRUE(Lex(text, &tokens).ok()) << text;
  std::vector<std::string> words;
  for (const Token& t : tokens) words.emplace_back(t.In(text));
  return words;
}
using List = std::vector<std::string>;

TEST(Lexer, FindsTheOffsetOfEveryToken) {
  std::vector<Token> tokens;
  ASSERT_TRUE(Lex("  select a1\n,$12", &tokens).ok());
  ASSERT_EQ(tokens.size(), 4u);
  EXPECT_EQ(tokens[0].offset, 2u);
  EXPECT_EQ(tokens[1].offset, 9u);
  EXPECT_EQ(tokens[2].symbol, ',');
  EXPECT_EQ(tokens[3].kind, TokenKind::kParam);
  EXPECT_EQ(tokens[3].offset, 13u);
}

TEST(Lexer, KeepsQuotesWhole) {
  EXPECT_EQ(Words("'it''s; -- no' \"a\"\"b\" `c d`"),
            (List{"'it''s; -- no'", "\"a\"\"b\"", "`c d`"}));
  EXPECT_EQ(Words("E'a\\'b' 'a\\'"), (List{"E'a\\'b'", "'a\\'"}));
  EXPECT_EQ(Words("$$a;'b$$ $t$x $$ y$t$ x'0f'"), (List{"$$a;'b$$", "$t$x $$ y$t$", "x'0f'"}));
}

TEST(Lexer, SkipsCommentsThatNest) {
  EXPECT_EQ(Words("a /* x /* y; */ z */ b -- c ; d\ne"), (List{"a", "b", "e"}));
  EXPECT_EQ(Words("-- only a comment"), List{});
}

TEST(Lexer, CutsOperatorsAsPostgresDoes) {
  EXPECT_EQ(Words("a->>'k'"), (List{"a", "->>", "'k'"}));
  EXPECT_EQ(Words("a->-1"), (List{"a", "->", "-", "1"}));
  EXPECT_EQ(Words("a=-1"), (List{"a", "=", "-", "1"}));
  EXPECT_EQ(Words("a@-1"), (List{"a", "@-", "1"}));
  EXPECT_EQ(Words("a+--b\n1"), (List{"a", "+", "1"}));
  EXPECT_EQ(Words("a*/*b*/2"), (List{"a", "*", "2"}));
  EXPECT_EQ(Words("a::text"), (List{"a", "::", "text"}));
}

TEST(Lexer, ReadsNumbers) {
  EXPECT_EQ(Words("1 1.5 .5 1e10 1.5E-3 t.a 1..2"),
            (List{"1", "1.5", ".5", "1e10", "1.5E-3", "t", ".", "a", "1", ".", ".2"}));
}

TEST(Lexer, RefusesWhatStaysOpen) {
  for (const char* open :
       {"'abc", "\"abc", "`abc", "E'abc\\'", "E'\\", "$$abc", "$t$abc$$", "x'0"}) {
    std::vector<Token> tokens;
    const Status status = Lex(open, &tokens);
    EXPECT_EQ(status.code(), ErrorCode::kBatchParse) << open;
    EXPECT_EQ(status.message(),
              "Failed to parse SQL batch: Unterminated quoted string in SQL batch");
  }
  std::vector<Token> tokens;
  EXPECT_EQ(Lex("a /* /* */", &tokens).message(),
            "Failed to parse SQL batch: Unterminated block comment in SQL batch");
}

TEST(Lexer, UnquotesStrings) {
  std::string out;
  ASSERT_TRUE(StringValue("'it''s'", &out));
  EXPECT_EQ(out, "it's");
  ASSERT_TRUE(StringValue("E'a\\n\\x41\\u00e9''\\''", &out));
  EXPECT_EQ(out, "a\nA\xc3\xa9''");
  ASSERT_TRUE(StringValue("$t$a'b$t$", &out));
  EXPECT_EQ(out, "a'b");
  EXPECT_FALSE(StringValue("E'\\u0000'", &out));
  EXPECT_FALSE(StringValue("E'\\xff'", &out));  // no UTF-8
  ASSERT_TRUE(HexValue("X'00fF'", &out));
  EXPECT_EQ(out, std::string("\0\xff", 2));
  EXPECT_FALSE(HexValue("X'0'", &out));
  EXPECT_FALSE(HexValue("B'01'", &out));
}

TEST(Lexer, CountsLinesAndCharacters) {
  const std::string_view text = "ab\n\xc3\xa9x";
  EXPECT_EQ(PositionOf(text, 5).line, 2);
  EXPECT_EQ(PositionOf(text, 5).column, 2);
}

TEST(SqlText, RefusesNulBadUtf8AndExcessiveLength) {
  EXPECT_TRUE(CheckSqlText("SELECT 'é'").ok());
  EXPECT_EQ(CheckSqlText(std::string_view("SELECT \0", 8)).code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(CheckSqlText("SELECT '\xff'").code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(CheckSqlText(std::string(1048577, ' ')).message(),
            "SQL query too long: 1048577 bytes (maximum 1048576 bytes)");
}

}  // namespace
}  // namespace kalamdb::sql
