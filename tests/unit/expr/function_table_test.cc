#include "expr/functions.h"

#include <set>

#include "build.h"
#include "expr/scalar.h"

namespace kalamdb::expr::test {
namespace {

// Written by constructs of their own instead of overloads.
const std::set<std::string_view> kConstructs = {
    "coalesce", "nullif", "nvl", "greatest", "least", "mod", "cosine_distance"};

TEST(FunctionTable, SaysRowEngineExactlyWhereThereIsCode) {
  for (const FunctionInfo& f : AllFunctions()) {
    if (f.kind != FunctionKind::kScalar) {
      EXPECT_FALSE(HasOverload(f.name)) << f.name;
      continue;
    }
    EXPECT_EQ(f.row_engine, HasOverload(f.name) || kConstructs.contains(f.name)) << f.name;
    EXPECT_TRUE(f.row_engine || !f.duckdb.empty()) << f.name << " exists nowhere";
  }
}

TEST(FunctionTable, FindsEveryNameAndNoOther) {
  for (const FunctionInfo& f : AllFunctions()) {
    EXPECT_EQ(FindFunction(f.name), &f);
    EXPECT_TRUE(f.max_args < 0 || f.min_args <= f.max_args) << f.name;
    for (const char c : f.name)
      EXPECT_TRUE(c == '_' || std::isdigit(c) || std::islower(c)) << f.name;
  }
  for (const char* name : {"", "read_csv", "read_parquet", "pragma_version", "getenv", "UPPER",
                           "duckdb_settings", "glob", "zzz", "and", "="}) {
    EXPECT_EQ(FindFunction(name), nullptr) << name;
  }
}

TEST(FunctionTable, TemplatesNameOnlyArgumentsThatAreGiven) {
  for (const FunctionInfo& f : AllFunctions()) {
    for (int n = f.min_args; n <= (f.max_args < 0 ? f.min_args : f.max_args); ++n) {
      const std::string_view spelling = DuckdbSpelling(f, n);
      for (size_t at = spelling.find('$'); at != spelling.npos; at = spelling.find('$', at + 1)) {
        ASSERT_LT(at + 1, spelling.size()) << f.name;
        const char c = spelling[at + 1];
        EXPECT_TRUE(c == '*' || (c >= '1' && c <= '0' + n)) << f.name << " with " << n;
      }
    }
  }
}

TEST(FunctionTable, AggregatesOfTheRowEngine) {
  for (const char* name : {"count", "sum", "avg", "min", "max"}) {
    const FunctionInfo* f = FindFunction(name);
    ASSERT_NE(f, nullptr) << name;
    EXPECT_EQ(f->kind, FunctionKind::kAggregate);
    EXPECT_TRUE(f->row_engine);
    EXPECT_EQ(f->duckdb, name);
  }
  EXPECT_EQ(FindFunction("row_number")->kind, FunctionKind::kWindow);
  EXPECT_EQ(FindFunction("generate_series")->kind, FunctionKind::kTable);
}

}  // namespace
}  // namespace kalamdb::expr::test
