// Many rows in one INSERT: one request, one commit, one sync of the disk.
#include "demo/load.h"

#include <fmt/format.h>

#include "client/text.h"

namespace kalamdb::demo {
namespace {

using client::QuoteLiteral;

constexpr size_t kRowsInAStatement = 500;
// The server takes statements of up to 1 MiB.
constexpr size_t kBytesInAStatement = 900 * 1024;

constexpr const char* kStatements[] = {
    "CREATE NAMESPACE demo",
    R"(CREATE TABLE demo.packages (
         name TEXT PRIMARY KEY, version TEXT NOT NULL, section TEXT NOT NULL,
         installed_kib BIGINT NOT NULL, summary TEXT) WITH (TYPE = 'SHARED'))",
    R"(CREATE TABLE demo.dependencies (
         id BIGINT PRIMARY KEY, package TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL,
         choice INT NOT NULL, alternative BOOLEAN NOT NULL) WITH (TYPE = 'SHARED'))",
    R"(CREATE TABLE demo.messages (
         id BIGINT PRIMARY KEY DEFAULT SNOWFLAKE_ID(), peer TEXT NOT NULL, body TEXT NOT NULL,
         sent_at TIMESTAMP DEFAULT NOW()) WITH (TYPE = 'USER'))",
};

// Sends rows as they come, each one "(...)".
class Inserter {
 public:
  Inserter(client::Session* session, std::string head)
      : session_(session), head_(std::move(head)) {}

  Status Add(std::string_view row) {
    if (rows_ == kRowsInAStatement || sql_.size() + row.size() > kBytesInAStatement) {
      KDB_RETURN_IF_ERROR(Flush());
    }
    sql_ += sql_.empty() ? head_ : ", ";
    sql_ += row;
    ++rows_;
    return Status::Ok();
  }

  Status Flush() {
    if (rows_ == 0) return Status::Ok();
    KDB_ASSIGN_OR_RETURN(const client::SqlReply reply, session_->Query(sql_));
    if (reply.results.empty() || reply.results[0].row_count != static_cast<int64_t>(rows_)) {
      return ExecutionError(fmt::format("an INSERT of {} rows reported another number", rows_));
    }
    ++statements_;
    sql_.clear();
    rows_ = 0;
    return Status::Ok();
  }

  [[nodiscard]] int statements() const { return statements_; }

 private:
  client::Session* session_;
  std::string head_;
  std::string sql_;
  size_t rows_ = 0;
  int statements_ = 0;
};

}  // namespace

Status CreateTables(client::Session* root, Report* report) {
  const auto begin = Report::Clock::now();
  KDB_RETURN_IF_ERROR(root->Query("DROP NAMESPACE IF EXISTS demo CASCADE").status());
  for (const char* sql : kStatements) {
    KDB_RETURN_IF_ERROR(root->Query(sql).status());
    report->Line(fmt::format("   {}", sql));
  }
  report->Line(fmt::format("\n   a namespace and three tables in {:.0f} ms", Report::Since(begin)));
  return Status::Ok();
}

Status LoadPackages(client::Session* root, const PackageDatabase& database, Report* report) {
  const auto begin = Report::Clock::now();
  Inserter packages(
      root, "INSERT INTO demo.packages (name, version, section, installed_kib, summary) VALUES ");
  for (const Package& p : database.packages) {
    KDB_RETURN_IF_ERROR(packages.Add(fmt::format("({}, {}, {}, {}, {})", QuoteLiteral(p.name),
                                                 QuoteLiteral(p.version), QuoteLiteral(p.section),
                                                 p.installed_kib, QuoteLiteral(p.summary))));
  }
  KDB_RETURN_IF_ERROR(packages.Flush());
  Inserter edges(
      root,
      "INSERT INTO demo.dependencies (id, package, target, kind, choice, alternative) VALUES ");
  int64_t id = 0;
  for (const Dependency& d : database.dependencies) {
    KDB_RETURN_IF_ERROR(edges.Add(fmt::format("({}, {}, {}, {}, {}, {})", ++id,
                                              QuoteLiteral(d.package), QuoteLiteral(d.target),
                                              QuoteLiteral(d.kind), d.group, d.alternative)));
  }
  KDB_RETURN_IF_ERROR(edges.Flush());
  const double millis = Report::Since(begin);
  const size_t rows = database.packages.size() + database.dependencies.size();
  report->Line(
      fmt::format("   {} packages and {} dependencies in {} statements: {:.0f} ms, {:.0f} rows/s, "
                  "each statement "
                  "on disk when answered",
                  database.packages.size(), database.dependencies.size(),
                  packages.statements() + edges.statements(), millis,
                  static_cast<double>(rows) / millis * 1000));
  return Status::Ok();
}

}  // namespace kalamdb::demo
