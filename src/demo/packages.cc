// dpkg-query prints one line a package with tabs between the fields; summaries are their first
// lines.
#include "demo/packages.h"

#include <charconv>
#include <cstdio>
#include <set>

#include "client/text.h"

namespace kalamdb::demo {
namespace {

constexpr size_t kMaxOutput = 256u << 20;
constexpr const char* kQuery =
    "dpkg-query -W -f "
    "'${binary:Package}\\t${Version}\\t${Section}\\t${Installed-Size}\\t${Pre-Depends}\\t${Depends}"
    "\\t${Recommends}\\t"
    "${binary:Summary}\\n' 2>/dev/null";
constexpr size_t kFields = 8;

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0;;) {
    const size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

Result<std::string> Run(const char* command) {
  FILE* pipe = popen(command, "re");
  if (pipe == nullptr) return Status(ErrorCode::kUnavailable, "cannot start dpkg-query");
  std::string out;
  char buffer[65536];
  size_t n = 0;
  while (out.size() < kMaxOutput && (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0)
    out.append(buffer, n);
  if (pclose(pipe) != 0 || out.empty()) {
    return Status(
        ErrorCode::kUnavailable,
        "dpkg-query gave no list of packages; the demonstration needs a Debian or Ubuntu system");
  }
  return out;
}

// "libc6:amd64 (>= 2.34)" names libc6.
std::string_view NameOf(std::string_view text) {
  text = client::Trim(text);
  return text.substr(0, text.find_first_of(" (:"));
}

}  // namespace

void ParseDependencies(std::string_view package, std::string_view kind, std::string_view field,
                       int64_t* group, std::vector<Dependency>* out) {
  if (client::Trim(field).empty()) return;
  for (const std::string_view entry : Split(field, ',')) {
    ++*group;
    bool alternative = false;
    for (const std::string_view option : Split(entry, '|')) {
      const std::string_view name = NameOf(option);
      if (name.empty()) continue;
      out->push_back(
          {std::string(package), std::string(name), std::string(kind), *group, alternative});
      alternative = true;
    }
  }
}

Result<PackageDatabase> ReadPackages() {
  KDB_ASSIGN_OR_RETURN(const std::string text, Run(kQuery));
  PackageDatabase database;
  std::set<std::string, std::less<>> seen;
  for (const std::string_view line : Split(text, '\n')) {
    const std::vector<std::string_view> fields = Split(line, '\t');
    if (fields.size() < kFields) continue;
    Package p;
    p.name = NameOf(fields[0]);
    // A package of two architectures is one here.
    if (p.name.empty() || !seen.insert(p.name).second) continue;
    p.version = fields[1];
    p.section = fields[2].empty() ? "unknown" : fields[2];
    std::from_chars(fields[3].data(), fields[3].data() + fields[3].size(), p.installed_kib);
    p.summary = fields[7];
    int64_t group = 0;
    ParseDependencies(p.name, "pre-depends", fields[4], &group, &database.dependencies);
    ParseDependencies(p.name, "depends", fields[5], &group, &database.dependencies);
    ParseDependencies(p.name, "recommends", fields[6], &group, &database.dependencies);
    database.packages.push_back(std::move(p));
  }
  if (database.packages.empty())
    return Status(ErrorCode::kUnavailable, "dpkg-query listed no package");
  return database;
}

}  // namespace kalamdb::demo
