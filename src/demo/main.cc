// kalam-demo URL: what KalamDB does, shown on this machine's own package database and on two people
// who chat. Logs in as root with KALAMDB_ROOT_PASSWORD. Works in the namespace demo, which it makes
// anew each time. Exit status 1 when anything is not as expected.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "client/session.h"
#include "demo/chat.h"
#include "demo/load.h"
#include "demo/packages.h"
#include "demo/questions.h"
#include "demo/report.h"

namespace kalamdb::demo {
namespace {

// Metrics of system.stats that are sizes of memory, and how they read.
void ShowMemory(client::Session* root, std::string_view when, Report* report) {
  const Result<client::SqlReply> reply = root->Query(
      "SELECT metric_name, metric_value FROM system.stats WHERE metric_name IN "
      "('memory_rss_bytes', 'memory_anonymous_bytes', 'memory_physical_footprint_bytes')");
  if (!reply.ok()) {
    report->Failed("the server's memory", reply.status());
    return;
  }
  std::string line = fmt::format("   memory of the server {}:", when);
  const client::SqlResult& result = reply->results.at(0);
  for (size_t row = 0; row < static_cast<size_t>(result.row_count); ++row) {
    const std::string name = result.Text(row, 0);
    const double mib = std::strtod(result.Text(row, 1).c_str(), nullptr) / (1024.0 * 1024.0);
    line +=
        fmt::format("  {:.1f} MiB {}", mib, name == "memory_rss_bytes" ? "resident" : "anonymous");
  }
  report->Line(line);
}

Status Run(std::string_view url, const char* password, Report* report) {
  KDB_ASSIGN_OR_RETURN(const client::Endpoint endpoint, client::ParseServerUrl(url));
  client::Session root(endpoint, {});
  KDB_RETURN_IF_ERROR(root.Login("root", password));
  report->Line(fmt::format("KalamDB demonstration on {}", endpoint.Url()));
  ShowMemory(&root, "at the beginning", report);

  report->Heading("Tables");
  KDB_RETURN_IF_ERROR(CreateTables(&root, report));
  report->Heading("This machine's packages as rows");
  KDB_ASSIGN_OR_RETURN(const PackageDatabase database, ReadPackages());
  KDB_RETURN_IF_ERROR(LoadPackages(&root, database, report));
  report->Heading("Questions");
  AskQuestions(&root, database, report);
  ShowMemory(&root, "after joins, recursion and windows", report);
  report->Heading("Two people and a private live table");
  KDB_RETURN_IF_ERROR(RunChat(&root, report));
  ShowMemory(&root, "at the end", report);
  return Status::Ok();
}

int Main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: KALAMDB_ROOT_PASSWORD=... kalam-demo http://127.0.0.1:8080\n", stderr);
    return 2;
  }
  const char* password = std::getenv("KALAMDB_ROOT_PASSWORD");
  if (password == nullptr || *password == '\0') {
    std::fputs("KALAMDB_ROOT_PASSWORD is not set: the demonstration logs in as root\n", stderr);
    return 2;
  }
  Report report;
  const auto begin = Report::Clock::now();
  if (const Status status = Run(argv[1], password, &report); !status.ok()) {
    report.Failed("the demonstration stopped", status);
  }
  report.Line("");
  if (!report.ok()) {
    report.Line(fmt::format("{} expectations FAILED", report.failures()));
    return 1;
  }
  report.Line(
      fmt::format("Everything as expected, in {:.1f} s. The rows stay in the namespace demo: try\n"
                  "  SELECT section, COUNT(*) FROM demo.packages GROUP BY section ORDER BY 2 DESC",
                  Report::Since(begin) / 1000));
  return 0;
}

}  // namespace
}  // namespace kalamdb::demo

int main(int argc, char** argv) { return kalamdb::demo::Main(argc, argv); }
