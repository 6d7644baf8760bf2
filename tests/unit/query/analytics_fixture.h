// Two small tables and queries of them that only the analytical engine answers.
#pragma once

#include "analytical_engine_fixture.h"

namespace kalamdb::query {

class AnalyticsTest : public AnalyticalQueryTest {
 protected:
  AnalyticsTest() : AnalyticalQueryTest(5) {
    Create(
        "CREATE TABLE app.rooms (id BIGINT PRIMARY KEY, name TEXT NOT NULL, owner TEXT, price "
        "DECIMAL(10,2), "
        "opened TIMESTAMP, doc JSON) WITH (TYPE='SHARED')");
    Create(
        "CREATE TABLE app.notes (id BIGINT PRIMARY KEY, room BIGINT, body TEXT, score DOUBLE, "
        "small SMALLINT, "
        "n INT) WITH (TYPE='USER')");
    Change(
        "INSERT INTO rooms (id, name, owner, price, opened, doc) VALUES "
        "(3, 'attic', 'ann', 10.50, '2025-01-31 12:00:00', '{\"a\":{\"b\":[1,2]},\"k\":null}'), "
        "(1, 'lobby', 'bob', 0.25, '2025-02-01 00:00:00', '{\"a\":1}'), "
        "(2, 'garden', NULL, NULL, NULL, NULL)");
    Change(
        "INSERT INTO notes (id, room, body, score, small, n) VALUES (1, 1, 'hello', 1.5, 1, 10), "
        "(2, 1, 'world', 2.5, 2, 20), (3, 3, 'up here', NULL, 3, 30), (4, 9, NULL, -1, NULL, "
        "NULL)");
  }

  Answer Analyze(const std::string& text, std::vector<Value> params = {}) {
    params_ = std::move(params);
    Answer answer;
    Result<sql::Statement> parsed = sql::ParseStatement(text, role_);
    if (!parsed.ok()) {
      answer.status = parsed.status();
      return answer;
    }
    auto* select = std::get_if<sql::SelectPtr>(&parsed->body);
    if (select == nullptr) {
      answer.status = InternalError("no query");
      return answer;
    }
    PlanOptions options = Options();
    options.engine = EngineChoice::kAnalyticsOnly;
    Result<SelectPlanPtr> plan = PlanSelect(**select, sources_, engine_.get(), options);
    if (!plan.ok()) {
      answer.status = plan.status();
      return answer;
    }
    CollectingSink sink;
    answer.status = (*plan)->Run(Context(), sink, &answer.truncated);
    answer.rows = std::move(sink.rows);
    answer.columns = std::move(sink.columns);
    return answer;
  }
  // Rows of a query that has to work.
  Rows All(const std::string& text, std::vector<Value> params = {}) {
    Answer answer = Analyze(text, std::move(params));
    EXPECT_TRUE(answer.status.ok()) << text << ": " << answer.status.message();
    return answer.rows;
  }
  std::string One(const std::string& text, std::vector<Value> params = {}) {
    Rows rows = All(text, std::move(params));
    EXPECT_EQ(rows.size(), 1U) << text;
    return rows.empty() ? "" : rows[0];
  }
  Status Refused(const std::string& text, std::vector<Value> params = {}) {
    Answer answer = Analyze(text, std::move(params));
    EXPECT_FALSE(answer.status.ok()) << text;
    return answer.status;
  }
  std::vector<std::string> Names(const std::string& text) {
    std::vector<std::string> names;
    for (const ResultColumn& column : Analyze(text).columns) names.push_back(column.name);
    return names;
  }
  // "BIGINT", "DECIMAL(12, 2)", ...
  std::string TypeOf(const std::string& text) {
    Answer answer = Analyze(text);
    EXPECT_TRUE(answer.status.ok()) << text << ": " << answer.status.message();
    return answer.columns.size() == 1 ? SqlTypeName(answer.columns[0].type) : "";
  }
};

}  // namespace kalamdb::query
