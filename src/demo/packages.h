// This machine's package database, as rows for two tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kalamdb::demo {

struct Package {
  std::string name;
  std::string version;
  std::string section;
  int64_t installed_kib = 0;
  std::string summary;
};

// One way to satisfy one dependency of a package: alternatives (a | b) are edges of their own with
// the same group.
struct Dependency {
  std::string package;
  std::string target;
  std::string kind;          // depends, pre-depends or recommends
  int64_t group = 0;         // counts the dependencies of the package from 1
  bool alternative = false;  // not the first of its group
};

struct PackageDatabase {
  std::vector<Package> packages;
  std::vector<Dependency> dependencies;
};

// Asks dpkg-query. An error where there is no dpkg.
Result<PackageDatabase> ReadPackages();

// The edges of one field such as "libc6 (>= 2.34), default-mta | mail-transport-agent"; *group
// counts on.
void ParseDependencies(std::string_view package, std::string_view kind, std::string_view field,
                       int64_t* group, std::vector<Dependency>* out);

}  // namespace kalamdb::demo
