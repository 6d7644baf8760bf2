// Resolving names of a query from the inside out.
#include "query/analytics_scope.h"

namespace kalamdb::query {
namespace {

// Bounds the message about an unknown column of a wide join.
constexpr size_t kMaxNamedFields = 200;

bool Qualifies(const Relation& relation, const std::vector<std::string>& path, size_t names) {
  switch (names) {
    case 1:
      return path[0] == relation.alias;
    case 2:
      return !relation.aliased && path[0] == relation.ns && path[1] == relation.table;
    case 3:
      return !relation.aliased && path[0] == "kalam" && path[1] == relation.ns &&
             path[2] == relation.table;
    default:
      return false;
  }
}

Status UnknownField(const Scope& scope, const std::vector<std::string>& path) {
  std::string message = fmt::format("No field named {}.", fmt::join(path, "."));
  std::string fields;
  size_t named = 0;
  for (const Scope* s = &scope; s != nullptr; s = s->parent) {
    for (const Relation* relation : s->relations) {
      for (const ScopeColumn& column : relation->columns) {
        if (++named > kMaxNamedFields) break;
        if (!fields.empty()) fields += ", ";
        fields += fmt::format("{}.{}", relation->alias, column.name);
      }
    }
  }
  if (!fields.empty()) message += " Valid fields are " + fields + ".";
  return {ErrorCode::kColumnNotFound, std::move(message)};
}

Status Ambiguous(const std::vector<std::string>& path) {
  return InvalidSql(fmt::format("Ambiguous reference to field {}", fmt::join(path, ".")));
}

}  // namespace

const CommonTableInfo* Scope::FindCommonTable(std::string_view name) const {
  for (const Scope* s = this; s != nullptr; s = s->parent) {
    auto it = s->common_tables.find(name);
    if (it != s->common_tables.end()) return &it->second;
  }
  return nullptr;
}

Result<ResolvedColumn> ResolveColumn(const Scope& scope, const std::vector<std::string>& path) {
  if (path.empty()) return InvalidSql("A column without a name");
  for (const Scope* s = &scope; s != nullptr; s = s->parent) {
    const ScopeColumn* found = nullptr;
    size_t matches = 0;
    auto consider = [&](const ScopeColumn& column) {
      if (!SameName(column.name, path.back())) return;
      found = &column;
      ++matches;
    };
    if (path.size() == 1) {
      for (const ScopeColumn& column : s->star) consider(column);
    } else {
      for (const Relation* relation : s->relations) {
        if (!Qualifies(*relation, path, path.size() - 1)) continue;
        for (const ScopeColumn& column : relation->columns) consider(column);
      }
    }
    if (matches > 1) return Ambiguous(path);
    if (matches == 1) return ResolvedColumn{*found, s == &scope};
  }
  return UnknownField(scope, path);
}

Result<const Relation*> ResolveRelation(const Scope& scope, const std::vector<std::string>& path) {
  for (const Scope* s = &scope; s != nullptr; s = s->parent) {
    const Relation* found = nullptr;
    for (const Relation* relation : s->relations) {
      if (!Qualifies(*relation, path, path.size())) continue;
      if (found != nullptr) return Ambiguous(path);
      found = relation;
    }
    if (found != nullptr) return found;
  }
  return InvalidSql(fmt::format("Invalid qualifier {}", fmt::join(path, ".")));
}

bool SameName(std::string_view name, std::string_view reference) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  return name.size() == reference.size() &&
         std::equal(name.begin(), name.end(), reference.begin(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::string QuoteIdentifier(std::string_view name) {
  std::string out = "\"";
  for (char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string QuoteText(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out.push_back('\'');
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

}  // namespace kalamdb::query
