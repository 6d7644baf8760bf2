// Both engines on statements that nobody thought of: the same table, the same SELECT, the same
// answer. Statements are made from a table of shapes by a generator with fixed seeds; a failure
// prints the statement, which is all that is needed to run it again.
//
// Shapes that can fail at run time (division, overflow, bad text) are asked about one row and one
// expression at a time: which of several rows or operands is evaluated first is nobody's promise,
// whether one row fails is.
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "analytical_engine_fixture.h"
#include "differential_shapes.h"
#include "expr/functions.h"

namespace kalamdb::query {
namespace {

// Functions that both engines have and no shape calls: what they give differs from call to call or
// from one engine's run to the next.
constexpr std::string_view kNotComparable[] = {"gen_random_uuid", "random", "uuid"};

constexpr const char* kTable =
    "CREATE TABLE app.v (id BIGINT PRIMARY KEY, b BOOLEAN, s SMALLINT, i INT, n BIGINT, w BIGINT, "
    "r DOUBLE, z DOUBLE, f FLOAT, m DECIMAL(10,2), big DECIMAL(38,10), t TEXT, x TEXT, ts "
    "TIMESTAMP, dt DATETIME, d DATE, c TIME, j JSON, y BYTES, u UUID, e EMBEDDING(3)) WITH "
    "(TYPE='SHARED')";

class DifferentialTest : public AnalyticalQueryTest {
 protected:
  DifferentialTest() : AnalyticalQueryTest(3600) {
    Create(kTable);
    Fill();
  }

  // Each column has its awkward values, NULL among them, at a stride of its own, so that they meet.
  void Fill() {
    const std::map<std::string, std::vector<std::string>> values = {
        {"b", {"true", "false", "NULL"}},
        {"s", {"0", "-1", "32767", "NULL", "-32768", "7", "181"}},
        {"i", {"0", "1", "-1", "2", "NULL", "3", "-7", "12", "5"}},
        {"n", {"4", "0", "-3", "NULL", "10", "2", "1", "-12"}},
        {"w",
         {"9223372036854775807", "-9223372036854775808", "0", "-1", "NULL", "4294967296",
          "9007199254740993", "32768"}},
        {"r", {"0.5", "-1.5", "2.5", "0", "NULL", "-0.1", "3.25", "123456.789", "1e-7"}},
        {"z",
         {"'NaN'::double", "'Infinity'::double", "'-Infinity'::double", "-0.0", "1e308", "5e-324",
          "NULL", "0.1", "-2.5", "1", "1e16"}},
        {"f", {"0.1", "NULL", "-1.5", "16777217", "1e-10", "'NaN'::float"}},
        {"m", {"1.50", "-0.25", "0", "NULL", "12345678.99", "-0.50", "2", "0.05"}},
        {"big",
         {"0.0000000001", "-1.5", "NULL", "9999999999999999999999999999.9999999999",
          "1234567890123456789.5"}},
        {"t",
         {"'abc'", "''", "NULL", "'Hällo Wörld'", "'a%b'", "'日本語'", "'a_c'", "' pad '", "'bca'",
          "'ABC'", "'é'", "'a\\b'", "'😀x'"}},
        {"x",
         {"'12'", "' 7 '", "'-3.5'", "'abc'", "''", "NULL", "'1e3'", "'true'", "'2024-02-29'",
          "'99999999999'", "'NaN'", "'0.125'", "'1969-12-31 23:59:59.5'", "'yes'"}},
        {"ts",
         {"'2024-02-29 12:34:56.789012'", "'1969-12-31 23:59:59.999999'", "NULL", "'2000-01-01'",
          "'1900-03-01 00:00:00'", "'2262-05-05 01:02:03'", "'0001-01-01 00:00:00'"}},
        {"dt", {"'2025-12-31T23:59:59Z'", "NULL", "'1970-01-01T00:00:00Z'"}},
        {"d", {"'2024-02-29'", "'1969-12-31'", "NULL", "'2100-12-31'", "'1582-10-15'"}},
        {"c", {"'00:00:00'", "'23:59:59.999999'", "NULL", "'12:30:01.5'"}},
        {"j",
         {"'{\"a\":1,\"k\":null}'", "'[1,\"two\",[3]]'", "NULL", "'{\"a\":{\"b\":[true,2.5]}}'",
          "'\"text\"'", "'null'", "'{\"a\":\"é\\\"\"}'", "'{\"a\":false}'", "'17'"}},
        {"y", {"X''", "X'00ff10'", "NULL", "X'616263'"}},
        {"u",
         {"'0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'", "NULL",
          "'ffffffff-0000-4000-8000-000000000000'"}},
        {"e", {"'[1, 0, -0.5]'", "NULL", "'[0, 2, 1]'"}},
    };
    std::string names = "id", rows;
    for (const auto& [name, list] : values) names += ", " + name;
    for (size_t row = 0; row < kRows; ++row) {
      rows += fmt::format("{}({}", row == 0 ? "" : ", ", static_cast<int>(row) - 3);
      size_t column = 0;
      for (const auto& [name, list] : values) {
        rows += ", " + list[(row + row / list.size() * column++) % list.size()];
      }
      rows += ")";
    }
    ASSERT_EQ(Change("INSERT INTO v (" + names + ") VALUES " + rows), kRows);
  }

  static bool Floating(const Datum& cell) { return !cell.null && IsFloating(cell.kind); }

  struct Outcome {
    Status status;
    std::vector<ResultColumn> columns;
    std::vector<std::vector<std::string>> cells;
    std::vector<std::vector<double>> reals;  // NaN where the cell is no floating point number
  };
  class Collector final : public ResultSink {
   public:
    explicit Collector(Outcome* out) : out_(out) {}
    Status Begin(const std::vector<ResultColumn>& columns) override {
      out_->columns = columns;
      return Status::Ok();
    }
    Status Row(std::span<const Datum> cells) override {
      auto& texts = out_->cells.emplace_back();
      auto& reals = out_->reals.emplace_back();
      for (const Datum& cell : cells) {
        std::string text;
        AppendCell(&text, cell);
        // The wire shows these as null.
        if (Floating(cell) && !std::isfinite(cell.d))
          text = std::isnan(cell.d) ? "NaN" : cell.d > 0 ? "inf" : "-inf";
        texts.push_back(std::move(text));
        reals.push_back(Floating(cell) ? cell.d : std::nan(""));
      }
      return Status::Ok();
    }

   private:
    Outcome* out_;
  };

  Outcome RunOn(EngineChoice choice, const sql::Select& select) {
    Outcome outcome;
    PlanOptions options = Options();
    options.engine = choice;
    Result<SelectPlanPtr> plan = PlanSelect(select, sources_, engine_.get(), options);
    if (!plan.ok()) {
      outcome.status = plan.status();
      return outcome;
    }
    Collector sink(&outcome);
    bool truncated = false;
    outcome.status = (*plan)->Run(Context(), sink, &truncated);
    return outcome;
  }

  static bool Near(double a, double b) {
    return std::isfinite(a) && std::isfinite(b) &&
           std::abs(a - b) <= 1e-14 * std::max({std::abs(a), std::abs(b), 1e-300});
  }
  static std::string Describe(const Outcome& o) {
    std::string text = o.status.ok() ? "" : fmt::format("error: {}", o.status.message());
    return text;
  }

  // Nothing when both engines say the same, what differs otherwise. `ordered`: rows have a place.
  std::string Difference(const std::string& text, bool ordered = true) {
    ++statements_;
    Result<sql::Statement> parsed = sql::ParseStatement(text, role_);
    if (!parsed.ok()) return fmt::format("does not parse: {}", parsed.status().message());
    const sql::Select& select = *std::get<sql::SelectPtr>(parsed->body);
    Outcome rows = RunOn(EngineChoice::kRowOnly, select);
    if (rows.status.code() == ErrorCode::kNeedsAnalytics) {
      ++refused_;
      return "";
    }
    Outcome analytics = RunOn(EngineChoice::kAnalyticsOnly, select);
    if (rows.status.ok() != analytics.status.ok()) {
      return fmt::format("row engine: {}\n analytics: {}",
                         rows.status.ok() ? Shown(rows) : Describe(rows),
                         analytics.status.ok() ? Shown(analytics) : Describe(analytics));
    }
    if (!rows.status.ok()) {
      ++failed_;
      return "";
    }
    if (rows.columns.size() != analytics.columns.size()) return "number of columns";
    for (size_t i = 0; i < rows.columns.size(); ++i) {
      const ResultColumn &a = rows.columns[i], &b = analytics.columns[i];
      if (a.name != b.name) return fmt::format("column names {} and {}", a.name, b.name);
      if (SqlTypeName(a.type) != SqlTypeName(b.type)) {
        return fmt::format("types of '{}': {} and {}", a.name, SqlTypeName(a.type),
                           SqlTypeName(b.type));
      }
      if (a.primary_key != b.primary_key || a.not_null != b.not_null || a.masked != b.masked) {
        return fmt::format("flags of {}", a.name);
      }
    }
    if (!ordered) {
      std::sort(rows.cells.begin(), rows.cells.end());
      std::sort(analytics.cells.begin(), analytics.cells.end());
    }
    if (rows.cells.size() != analytics.cells.size()) {
      return fmt::format("{} rows and {}", rows.cells.size(), analytics.cells.size());
    }
    for (size_t r = 0; r < rows.cells.size(); ++r) {
      for (size_t c = 0; c < rows.cells[r].size(); ++c) {
        if (rows.cells[r][c] == analytics.cells[r][c]) continue;
        if (ordered && Near(rows.reals[r][c], analytics.reals[r][c])) continue;
        return fmt::format("row {} column {} ({}): {} and {}", r, c, rows.columns[c].name,
                           rows.cells[r][c], analytics.cells[r][c]);
      }
    }
    return "";
  }
  static std::string Shown(const Outcome& o) {
    std::string text;
    for (size_t r = 0; r < std::min<size_t>(o.cells.size(), 4); ++r) {
      for (const std::string& cell : o.cells[r]) text += cell + " ";
      text += "/ ";
    }
    return text.substr(0, 300);
  }
  void Compare(const std::string& text, bool ordered = true) {
    const std::string difference = Difference(text, ordered);
    EXPECT_TRUE(difference.empty()) << text << "\n " << difference;
  }

  static constexpr size_t kRows = 29;
  int statements_ = 0, refused_ = 0, failed_ = 0;
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  size_t Below(size_t n) { return random_() % n; }
  bool Chance(int percent) { return Below(100) < static_cast<size_t>(percent); }
  template <size_t N>
  std::string Pick(const char* const (&from)[N]) {
    return from[Below(N)];
  }

  std::string Leaf(char kind) {
    switch (kind) {
      case 'b':
        return Pick({"b", "b", "b", "true", "false", "(i > 1)", "(t = 'abc')", "(m IS NULL)"});
      case 'i':
        return Pick({"i", "i", "n", "n", "id", "2", "-3", "0", "CAST(NULL AS INT)"});
      case 'w':
        return Pick({"w", "w", "w", "s", "i", "n", "9223372036854775807", "-1"});
      case 'r':
        return Pick({"r", "r", "r", "0.5", "-1.25", "CAST(3 AS DOUBLE)"});
      case 'z':
        return Pick({"z", "z", "z", "f", "r", "1e16", "'NaN'::double"});
      case 'm':
        return Pick({"m", "m", "m", "CAST(2.50 AS DECIMAL(5,2))", "CAST(-0.5 AS DECIMAL(3,1))"});
      case 't':
        return Pick({"t", "t", "t", "t", "x", "'b'", "'é'", "''", "'o W'"});
      case 'x':
        return Pick({"x", "x", "x", "t"});
      case 'p':
        return Pick({"'a%'", "'%b%'", "'_'", "'%'", "''", "'a\\%b'", "'A_C'", "'%ö%'", "'%語'", "t",
                     "'a\\\\b'", "'%É%'"});
      case 's':
        return Pick({"ts", "ts", "ts", "dt", "CAST('2024-02-29 23:00:00' AS TIMESTAMP)"});
      case 'd':
        return Pick({"d", "d", "DATE '2000-02-29'"});
      case 'c':
        return Pick({"c", "c", "TIME '12:30:01.5'"});
      case 'j':
        return "j";
      case 'y':
        return Pick({"y", "y", "X'616263'"});
      case 'u':
        return "u";
      case 'e':
        return Pick({"e", "e", "'[1, 2, 2]'"});
      case 'k':
        return Pick({"0", "1", "2", "3", "4"});
      default:
        return Pick({"year", "month", "day", "hour", "minute", "second", "week", "quarter",
                     "decade", "millisecond", "century"});
    }
  }

  std::string Expr(char kind, int depth) {
    if (depth <= 0 || Chance(20)) return Leaf(kind);
    std::vector<const Shape*> fitting;
    for (const Shape& shape : kShapes) {
      if (shape.result == kind && !shape.may_fail) fitting.push_back(&shape);
    }
    return fitting.empty() ? Leaf(kind) : Expand(*fitting[Below(fitting.size())], depth - 1);
  }
  std::string Expand(const Shape& shape, int depth) {
    std::string out;
    for (const char* p = shape.text; *p != '\0'; ++p) {
      if (*p == '@' && std::isalpha(static_cast<unsigned char>(p[1])) != 0) {
        out += Expr(*++p, depth);
      } else {
        out += *p;
      }
    }
    return out;
  }

  // A value that can be shown and sorted by.
  std::string Shown() {
    return Expr(Pick({"b", "i", "w", "r", "z", "m", "t", "t", "s", "d", "c"})[0], 3);
  }

  std::string OrderKey() {
    return Shown() + Pick({"", " ASC", " DESC"}) + Pick({"", " NULLS FIRST", " NULLS LAST"});
  }

  // A statement; `*ordered` tells whether its rows have a place.
  std::string Statement(bool* ordered) {
    *ordered = true;
    const std::string where = Chance(75) ? " WHERE " + Expr('b', 3) : "";
    if (Chance(20)) {
      std::string list;
      for (size_t i = 0, n = 1 + Below(3); i < n; ++i) list += (i > 0 ? ", " : "") + Aggregate();
      return "SELECT " + list + " FROM v" + where;
    }
    std::string list;
    for (size_t i = 0, n = 1 + Below(3); i < n; ++i) list += (i > 0 ? ", " : "") + Shown();
    if (Chance(10)) {
      *ordered = false;
      return "SELECT DISTINCT " + list + " FROM v" + where;
    }
    std::string text = "SELECT id, " + list + " FROM v" + where;
    if (Chance(50)) {
      text += " ORDER BY " + OrderKey() + (Chance(30) ? ", " + OrderKey() : "") + ", id";
      if (Chance(50)) text += fmt::format(" LIMIT {}", Below(12));
      if (Chance(30)) text += fmt::format(" OFFSET {}", Below(8));
    }
    return text;
  }
  std::string Aggregate() {
    std::string call;
    switch (Below(7)) {
      case 0:
        call = "count(*)";
        break;
      case 1:
        call = "count(" + Shown() + ")";
        break;
      case 2:
        call = "sum(" + Expr(Pick({"i", "r", "m"})[0], 2) + ")";
        break;
      case 3:
        call = "avg(" + Expr(Pick({"i", "r", "m"})[0], 2) + ")";
        break;
      case 4:
        call = "min(" + Shown() + ")";
        break;
      case 5:
        call = "max(" + Shown() + ")";
        break;
      default:
        call = "count(DISTINCT " + Shown() + ")";
    }
    return call + (Chance(20) ? " FILTER (WHERE " + Expr('b', 2) + ")" : "");
  }

 private:
  std::string Pick(std::initializer_list<const char*> from) {
    return from.begin()[Below(from.size())];
  }
  std::mt19937_64 random_;
};

TEST_F(DifferentialTest, EveryShapeAloneMeansTheSameInBothEngines) {
  for (const Shape& shape : kShapes) {
    Generator generator(1);
    std::set<std::string> seen;
    for (int round = 0; round < 6; ++round) {
      const std::string expression = generator.Expand(shape, 0);
      if (!seen.insert(expression).second) continue;
      const std::string difference =
          shape.may_fail ? "" : Difference("SELECT id, " + expression + " AS e FROM v");
      EXPECT_TRUE(difference.empty()) << expression << "\n " << difference;
      if (!difference.empty()) break;
    }
  }
  EXPECT_LT(refused_ * 10, statements_);
}

TEST_F(DifferentialTest, WhatFailsForARowFailsInBothEngines) {
  for (const Shape& shape : kShapes) {
    if (!shape.may_fail) continue;
    Generator generator(2);
    for (int round = 0; round < 12; ++round) {
      const std::string text =
          fmt::format("SELECT {} AS e FROM v WHERE id = {}", generator.Expand(shape, 0),
                      static_cast<int>(generator.Below(kRows)) - 3);
      const std::string difference = Difference(text);
      EXPECT_TRUE(difference.empty()) << text << "\n " << difference;
      if (!difference.empty()) break;
    }
  }
  EXPECT_GT(failed_, statements_ / 20);
  EXPECT_LT(failed_, statements_ / 2);
  EXPECT_LT(refused_ * 10, statements_);
}

TEST_F(DifferentialTest, StatementsMadeAtRandomMeanTheSameInBothEngines) {
  for (uint64_t seed = 1; seed <= 1500; ++seed) {
    bool ordered = true;
    const std::string text = Generator(seed).Statement(&ordered);
    const std::string difference = Difference(text, ordered);
    EXPECT_TRUE(difference.empty()) << "seed " << seed << ": " << text << "\n " << difference;
  }
  EXPECT_LT(refused_ * 2, statements_);
  // Constants and ambiguous names in ORDER BY; nothing else can fail here.
  EXPECT_LT(failed_ * 10, statements_);
}

TEST_F(DifferentialTest, AggregatesOfEveryTypeMeanTheSameInBothEngines) {
  for (const char* column : {"b", "s",  "i",  "n", "w", "r", "z", "f", "m", "big",
                             "t", "ts", "dt", "d", "c", "j", "y", "u", "e", "NULL"}) {
    for (const char* call :
         {"count", "count(DISTINCT", "sum", "avg", "min", "max", "sum(DISTINCT"}) {
      const std::string open =
          std::string_view(call).find('(') == std::string_view::npos ? "(" : " ";
      for (const char* where : {"", " WHERE id % 3 = 0", " WHERE id > 100", " WHERE id % 5 = 2"}) {
        Compare(fmt::format("SELECT {}{}{}) AS e, count(*) FROM v{}", call, open, column, where));
      }
    }
  }
  EXPECT_LT(refused_ * 2, statements_);
}

TEST_F(DifferentialTest, NestedCallsStayShort) {
  for (const char* call : {"substr({}, 1, 3)", "lpad({}, 5)", "rpad({}, 5, 'x')",
                           "split_part({}, 'b', 1)", "mod({}, 7)", "(1 / {})", "(1.5 + {})",
                           "coalesce({}, t)", "CASE {} WHEN 'x' THEN 'y' END"}) {
    std::string nested = std::string_view(call).find("t)") != std::string_view::npos ||
                                 std::string_view(call).find('\'') != std::string_view::npos ||
                                 std::string_view(call).find("pad") != std::string_view::npos ||
                                 std::string_view(call).find("sub") != std::string_view::npos
                             ? "t"
                             : "5";
    for (int i = 0; i < 40; ++i) nested = fmt::format(fmt::runtime(call), nested);
    Compare("SELECT id, " + nested + " AS e FROM v WHERE id = 1");
  }
}

TEST_F(DifferentialTest, EveryFunctionOfBothEnginesHasAShape) {
  std::string all = " count( sum( avg( min( max( ";
  for (const Shape& shape : kShapes) all += fmt::format(" {}", shape.text);
  for (const expr::FunctionInfo& function : expr::AllFunctions()) {
    if (!function.row_engine || function.duckdb.empty()) continue;
    if (std::count(std::begin(kNotComparable), std::end(kNotComparable), function.name) > 0)
      continue;
    EXPECT_NE(all.find(fmt::format("{}(", function.name)), std::string::npos) << function.name;
  }
}

}  // namespace
}  // namespace kalamdb::query
