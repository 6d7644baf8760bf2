#include "config/storage_template.h"

#include <fmt/format.h>

#include <array>

namespace kalamdb::config {

namespace {

enum Placeholder { kNamespace, kTableName, kShard, kUserId, kPlaceholders };
constexpr std::array<std::string_view, kPlaceholders> kNames = {"namespace", "tableName", "shard",
                                                                "userId"};
struct Legacy {
  std::string_view spelling;
  Placeholder placeholder;
};
constexpr Legacy kLegacy[] = {
    {"namespace_id", kNamespace}, {"namespaceId", kNamespace}, {"namespace-id", kNamespace},
    {"table_name", kTableName},   {"table-id", kTableName},    {"user_id", kUserId},
    {"user-id", kUserId},         {"shard_id", kShard},        {"shard-id", kShard}};

constexpr size_t kMaxTemplateBytes = 1024;

int FindPlaceholder(std::string_view word) {
  for (int i = 0; i < kPlaceholders; ++i) {
    if (kNames[static_cast<size_t>(i)] == word) return i;
  }
  for (const Legacy& legacy : kLegacy) {
    if (legacy.spelling == word) return legacy.placeholder;
  }
  return -1;
}

struct Parsed {
  std::string text;
  std::array<size_t, kPlaceholders> at;  // npos: absent
};

class Checker {
 public:
  explicit Checker(std::string_view title) : title_(title) {}

  Result<Parsed> Parse(std::string_view text) const {
    if (text.size() > kMaxTemplateBytes) return Refuse("is longer than 1024 bytes");
    if (text.starts_with('/')) return Refuse("must be relative");
    Parsed out;
    out.at.fill(std::string::npos);
    while (!text.empty()) {
      const char c = text[0];
      if (c == '}') return Refuse("has a } without {");
      if (c == '\\' || c == '\0') return Refuse("must not contain a backslash or NUL");
      if (c != '{') {
        out.text.push_back(c);
        text.remove_prefix(1);
        continue;
      }
      const size_t end = text.find('}');
      if (end == std::string_view::npos) return Refuse("has a { without }");
      const std::string_view word = text.substr(1, end - 1);
      const int found = FindPlaceholder(word);
      if (found < 0) return Refuse(fmt::format("unknown placeholder {{{}}}", word));
      size_t& at = out.at[static_cast<size_t>(found)];
      if (at != std::string::npos) return Refuse(fmt::format("{{{}}} occurs twice", word));
      at = out.text.size();
      out.text += fmt::format("{{{}}}", kNames[static_cast<size_t>(found)]);
      text.remove_prefix(end + 1);
    }
    if (out.text.find("..") != std::string::npos) return Refuse("must not contain '..'");
    return out;
  }

  Status Require(const Parsed& parsed, Placeholder placeholder) const {
    if (parsed.at[placeholder] != std::string::npos) return {};
    return Refuse(fmt::format("{{{}}} is required", kNames[placeholder]));
  }

  // Present placeholders stand in the order of the enumeration.
  Status InOrder(const Parsed& parsed) const {
    int before = -1;
    for (int i = 0; i < kPlaceholders; ++i) {
      const auto p = static_cast<size_t>(i);
      if (parsed.at[p] == std::string::npos) continue;
      if (before >= 0 && parsed.at[static_cast<size_t>(before)] > parsed.at[p]) {
        return Refuse(fmt::format("{{{}}} must appear before {{{}}}",
                                  kNames[static_cast<size_t>(before)], kNames[p]));
      }
      before = i;
    }
    return {};
  }

  Status Refuse(std::string_view why) const {
    return {ErrorCode::kInvalidInput, fmt::format("Invalid storage template: {}: {}", title_, why)};
  }

 private:
  std::string_view title_;
};

}  // namespace

Result<std::string> NormalizeSharedTemplate(std::string_view text) {
  const Checker checker("Shared table template");
  KDB_ASSIGN_OR_RETURN(Parsed parsed, checker.Parse(text));
  KDB_RETURN_IF_ERROR(checker.Require(parsed, kNamespace));
  KDB_RETURN_IF_ERROR(checker.Require(parsed, kTableName));
  if (parsed.at[kUserId] != std::string::npos) {
    return checker.Refuse("{userId} has no meaning for rows that belong to nobody");
  }
  KDB_RETURN_IF_ERROR(checker.InOrder(parsed));
  return std::move(parsed.text);
}

Result<std::string> NormalizeUserTemplate(std::string_view text) {
  const Checker checker("User table template");
  KDB_ASSIGN_OR_RETURN(Parsed parsed, checker.Parse(text));
  KDB_RETURN_IF_ERROR(checker.Require(parsed, kUserId));
  KDB_RETURN_IF_ERROR(checker.InOrder(parsed));
  return std::move(parsed.text);
}

}  // namespace kalamdb::config
