// Chosen statements that both engines answer alike; differential_test.cc makes them up.
#include "analytics_fixture.h"

namespace kalamdb::query {
namespace {

TEST_F(AnalyticsTest, BothEnginesAnswerAlike) {
  for (
      const char* text : {
          "SELECT * EXCEPT (_seq) FROM notes",
          "SELECT id, n + 1, n * 2, n / 3, n % 7, -n FROM notes",
          "SELECT score * 2, score / 4, score + n FROM notes",
          "SELECT price + 1, price * 2, price * 1.5, price - 0.25, price / 3, price % 3 FROM rooms",
          "SELECT upper(name), length(name), substr(name, 2, 2), replace(name, 'o', '0'), "
          "left(name, -1) FROM rooms",
          "SELECT id FROM rooms WHERE name LIKE '%o%' OR owner IS NULL",
          "SELECT id FROM rooms WHERE opened > '2025-01-31 12:00:00' ORDER BY opened",
          "SELECT CAST(price AS TEXT), CAST(opened AS TEXT), CAST(id AS TEXT) FROM rooms",
          "SELECT CAST(score AS BIGINT), CAST(score AS TEXT) FROM notes",
          "SELECT coalesce(owner, 'nobody'), nullif(name, 'attic'), greatest(id, 2) FROM rooms",
          "SELECT CASE WHEN n > 15 THEN 'big' WHEN n IS NULL THEN 'none' ELSE 'small' END FROM "
          "notes",
          "SELECT CASE room WHEN 1 THEN 'one' ELSE 'other' END FROM notes",
          "SELECT count(*), sum(n), avg(n), min(body), max(score), sum(small) FROM notes",
          "SELECT sum(price), avg(price), min(price), max(opened) FROM rooms",
          "SELECT doc->'a', doc->>'a', doc ? 'a', json_get_int(doc, 'a') FROM rooms",
          "SELECT date_part('hour', opened), date_trunc('month', opened), extract(day FROM opened) "
          "FROM rooms",
          "SELECT round(score), round(price, 1), trunc(score), floor(score), ceil(score), "
          "abs(score) FROM notes, rooms",
          "SELECT round(score), trunc(score), floor(score), ceil(score), abs(score), sign(score) "
          "FROM notes",
          "SELECT round(price, 1), floor(price), ceil(price), trunc(price) FROM rooms",
          "SELECT id FROM notes WHERE n BETWEEN 10 AND 20 AND body NOT IN ('x', 'y')",
          "SELECT id FROM notes ORDER BY score DESC, id LIMIT 2 OFFSET 1",
          "SELECT DISTINCT room FROM notes ORDER BY room",
          "SELECT body || '!' || n FROM notes WHERE id < 3",
          "SELECT name ~ '^a', name ~* 'LOB', name SIMILAR TO '%(r|y)', name ILIKE 'G%' FROM rooms",
          "SELECT now(), current_date, current_user, opened < now() FROM rooms",
          "SELECT to_char(opened, 'YYYY-MM-DD HH24:MI'), md5(name) FROM rooms",
          "SELECT 1 / 0 FROM rooms",
          "SELECT small + 32767 FROM notes",
          "SELECT 2147483647 + n FROM notes",
      }) {
    Answer rows = Run(text);
    if (rows.status.code() == ErrorCode::kNotImplemented) continue;  // only one engine has it
    Answer analytics = Analyze(text);
    EXPECT_EQ(analytics.status.code(), rows.status.code())
        << text << "\n row: " << rows.status.message()
        << "\n analytics: " << analytics.status.message();
    EXPECT_EQ(analytics.rows, rows.rows) << text;
    if (!rows.status.ok() || !analytics.status.ok()) continue;
    ASSERT_EQ(analytics.columns.size(), rows.columns.size()) << text;
    for (size_t i = 0; i < rows.columns.size(); ++i) {
      EXPECT_EQ(analytics.columns[i].name, rows.columns[i].name) << text;
      EXPECT_EQ(SqlTypeName(analytics.columns[i].type), SqlTypeName(rows.columns[i].type))
          << text << " column " << i;
      EXPECT_EQ(analytics.columns[i].primary_key, rows.columns[i].primary_key) << text;
      EXPECT_EQ(analytics.columns[i].not_null, rows.columns[i].not_null) << text;
    }
  }
}

}  // namespace
}  // namespace kalamdb::query
