// Each answer is compared with one that is worked out here, from the same packages, without SQL.
#include "demo/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "client/text.h"

namespace kalamdb::demo {
namespace {

constexpr const char* kSections =
    "SELECT section, COUNT(*) AS packages, SUM(installed_kib) AS kib\n"
    "FROM demo.packages GROUP BY section ORDER BY kib DESC, section LIMIT 5";

constexpr const char* kMostNeeded =
    "SELECT d.target, p.section, COUNT(DISTINCT d.package) AS needed_by\n"
    "FROM demo.dependencies d JOIN demo.packages p ON p.name = d.target\n"
    "WHERE d.kind IN ('depends', 'pre-depends')\n"
    "GROUP BY d.target, p.section ORDER BY needed_by DESC, d.target LIMIT 5";

constexpr const char* kRanked =
    "SELECT section, place, name, installed_kib FROM (\n"
    "  SELECT section, name, installed_kib,\n"
    "         RANK() OVER (PARTITION BY section ORDER BY installed_kib DESC, name) AS place\n"
    "  FROM demo.packages) ranked\n"
    "WHERE place <= 2 AND section IN ('libs', 'devel', 'python') ORDER BY section, place";

bool IsHard(const Dependency& d) { return d.kind != "recommends"; }

// The largest entry; among equals the first by name.
template <typename Map>
auto Largest(const Map& counts) {
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; });
}

class Questions {
 public:
  Questions(client::Session* root, const PackageDatabase& database, Report* report)
      : root_(root), database_(database), report_(report) {
    for (const Package& p : database_.packages) installed_.insert(p.name);
  }

  void Sections() {
    const auto reply = Ask("Which sections take the most room?", kSections);
    if (!reply) return;
    std::map<std::string, int64_t> sizes;
    for (const Package& p : database_.packages) sizes[p.section] += p.installed_kib;
    const auto largest = Largest(sizes);
    report_->Expect(reply->results[0].Text(0, 0) == largest->first &&
                        reply->results[0].Text(0, 2) == std::to_string(largest->second),
                    fmt::format("the largest is '{}' with {} KiB, as counted here", largest->first,
                                largest->second));
  }

  void MostNeeded() {
    const auto reply = Ask("Which packages do most others depend on?", kMostNeeded);
    if (!reply) return;
    std::map<std::string, std::set<std::string>> needed_by;
    for (const Dependency& d : database_.dependencies) {
      if (IsHard(d) && installed_.count(d.target) > 0) needed_by[d.target].insert(d.package);
    }
    std::map<std::string, size_t> counts;
    for (const auto& [name, packages] : needed_by) counts[name] = packages.size();
    if (counts.empty()) return;
    const auto most = Largest(counts);
    report_->Expect(
        reply->results[0].Text(0, 0) == most->first &&
            reply->results[0].Text(0, 2) == std::to_string(most->second),
        fmt::format("'{}' is needed by {} packages, as counted here", most->first, most->second));
  }

  void Closure() {
    std::map<std::string, std::set<std::string>> direct;
    for (const Dependency& d : database_.dependencies) {
      if (IsHard(d) && installed_.count(d.target) > 0) direct[d.package].insert(d.target);
    }
    std::map<std::string, size_t> counts;
    for (const auto& [name, targets] : direct) counts[name] = targets.size();
    if (counts.empty()) return;
    const std::string start = Largest(counts)->first;
    std::set<std::string> reached{start};
    std::vector<std::string> todo{start};
    while (!todo.empty()) {
      const std::string name = todo.back();
      todo.pop_back();
      for (const std::string& target : direct[name]) {
        if (reached.insert(target).second) todo.push_back(target);
      }
    }
    int64_t kib = 0;
    for (const Package& p : database_.packages)
      kib += reached.count(p.name) > 0 ? p.installed_kib : 0;
    const std::string sql = fmt::format(
        "WITH RECURSIVE needs(name) AS (\n"
        "  SELECT name FROM demo.packages WHERE name = {}\n"
        "  UNION\n"
        "  SELECT d.target FROM needs n JOIN demo.dependencies d ON d.package = n.name\n"
        "  WHERE d.kind IN ('depends', 'pre-depends'))\n"
        "SELECT COUNT(*) AS packages, SUM(p.installed_kib) AS kib\n"
        "FROM needs n JOIN demo.packages p ON p.name = n.name",
        client::QuoteLiteral(start));
    const auto reply =
        Ask(fmt::format(
                "What does '{}', the package with the most direct dependencies ({}), need in all?",
                start, counts[start]),
            sql);
    if (!reply) return;
    report_->Expect(reply->results[0].Text(0, 0) == std::to_string(reached.size()) &&
                        reply->results[0].Text(0, 1) == std::to_string(kib),
                    fmt::format("{} packages and {} KiB, as walked here", reached.size(), kib));
  }

  void Ranked() {
    const auto reply =
        Ask("The two largest packages of some sections (a window function):", kRanked);
    if (!reply) return;
    const client::SqlResult& result = reply->results[0];
    bool right = true;
    for (size_t row = 0; row < static_cast<size_t>(result.row_count); ++row) {
      int64_t larger = 0;
      const Package* self = Find(result.Text(row, 2));
      right = right && self != nullptr && self->section == result.Text(row, 0);
      for (const Package& p : database_.packages) {
        if (self == nullptr || p.section != self->section) continue;
        larger += p.installed_kib > self->installed_kib ||
                          (p.installed_kib == self->installed_kib && p.name < self->name)
                      ? 1
                      : 0;
      }
      right = right && result.Text(row, 1) == std::to_string(larger + 1);
    }
    report_->Expect(right && result.row_count > 0, "every rank is the one counted here");
  }

  void PointRead() {
    const Package& wanted = database_.packages[database_.packages.size() / 2];
    const std::string sql =
        fmt::format("SELECT name, version, section FROM demo.packages WHERE name = {}",
                    client::QuoteLiteral(wanted.name));
    const auto reply = Ask("One package by its key (no analytical engine, one lookup):", sql);
    if (!reply) return;
    report_->Expect(reply->results[0].Text(0, 1) == wanted.version,
                    "the version is the installed one");
  }

 private:
  const Package* Find(const std::string& name) const {
    for (const Package& p : database_.packages) {
      if (p.name == name) return &p;
    }
    return nullptr;
  }

  std::optional<client::SqlReply> Ask(std::string_view question, std::string_view sql) {
    const auto begin = Report::Clock::now();
    Result<client::SqlReply> reply = root_->Query(sql);
    const double millis = Report::Since(begin);
    if (!reply.ok()) {
      report_->Failed(question, reply.status());
      return std::nullopt;
    }
    report_->Answer(question, sql, *reply, millis);
    if (reply->results.empty()) {
      report_->Expect(false, "the answer holds a result");
      return std::nullopt;
    }
    return reply.Take();
  }

  client::Session* root_;
  const PackageDatabase& database_;
  Report* report_;
  std::set<std::string> installed_;
};

}  // namespace

void AskQuestions(client::Session* root, const PackageDatabase& database, Report* report) {
  Questions questions(root, database, report);
  questions.PointRead();
  questions.Sections();
  questions.MostNeeded();
  questions.Closure();
  questions.Ranked();
}

}  // namespace kalamdb::demo
