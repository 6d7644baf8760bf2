#include <gtest/gtest.h>

#include "sql/parser.h"

namespace kalamdb::sql {
namespace {

using List = std::vector<std::string_view>;

List Split(std::string_view text) {
  Result<List> r = SplitBatch(text);
  EXPECT_TRUE(r.ok()) << text;
  return r.ok() ? *r : List{};
}

TEST(SplitBatch, CutsAtSemicolonsOutsideQuotes) {
  EXPECT_EQ(Split("SELECT 1; SELECT ';' ;SELECT \";\""),
            (List{"SELECT 1", "SELECT ';'", "SELECT \";\""}));
  EXPECT_EQ(Split("a $$;$$; b $x$;$$;$x$; `c;d`; E'\\';'"),
            (List{"a $$;$$", "b $x$;$$;$x$", "`c;d`", "E'\\';'"}));
}

TEST(SplitBatch, DropsEmptyStatementsAndComments) {
  EXPECT_EQ(Split(";; SELECT 1 ;-- x;\n/* ; /* ; */ */;"), (List{"SELECT 1"}));
  EXPECT_EQ(Split("  SELECT 1 ;\n"), (List{"SELECT 1"}));
  EXPECT_EQ(Split("/* a */ SELECT /* b */ 1 -- c"), (List{"SELECT /* b */ 1"}));
}

TEST(SplitBatch, RefusesNothing) {
  for (const char* text : {"", "  ", ";", "-- c", "/* */;;"}) {
    Result<List> r = SplitBatch(text);
    EXPECT_EQ(r.code(), ErrorCode::kEmptySql) << text;
    EXPECT_EQ(r.status().message(), "No SQL statements provided");
  }
}

TEST(SplitBatch, RefusesOpenQuotesAndComments) {
  EXPECT_EQ(SplitBatch("SELECT 1; SELECT 'x").status().message(),
            "Failed to parse SQL batch: Unterminated quoted string in SQL batch");
  EXPECT_EQ(SplitBatch("SELECT 1; /* x").status().message(),
            "Failed to parse SQL batch: Unterminated block comment in SQL batch");
  // A lone statement is cut without looking; parsing it finds the same.
  Result<List> lone = SplitBatch("SELECT 'x");
  ASSERT_TRUE(lone.ok());
  EXPECT_EQ(ParseStatement((*lone)[0], Role::kUser).code(), ErrorCode::kBatchParse);
}

TEST(SplitBatch, RefusesTextThatIsTooLong) {
  EXPECT_EQ(SplitBatch(std::string(kMaxSqlBytes + 1, 'x')).code(), ErrorCode::kInvalidSql);
  EXPECT_TRUE(SplitBatch(std::string(kMaxSqlBytes, 'x')).ok());
}

}  // namespace
}  // namespace kalamdb::sql
