// Names are checked before they become SQL, JSON or a path; the prompt becomes a JSON string.
#include "cli/agent_project.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/json_text.h"
#include "cli/agent_templates.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxNameBytes = 100;

Status ConfigurationError(std::string text) {
  return {ErrorCode::kInvalidInput, "Configuration error: " + std::move(text)};
}

bool IsIdentifier(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
             std::string_view::npos &&
         (text[0] < '0' || text[0] > '9');
}

// Two identifiers with a dot between them.
bool IsQualified(std::string_view text) {
  const size_t dot = text.find('.');
  return dot != std::string_view::npos && IsIdentifier(text.substr(0, dot)) &&
         IsIdentifier(text.substr(dot + 1));
}

// What may be a directory, an npm package and a consumer group.
bool IsProjectName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes && text[0] != '.' && text[0] != '-' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") ==
             std::string_view::npos;
}

void SetDefault(std::string* value, std::string_view fallback) {
  if (value->empty()) *value = fallback;
}

std::string Fill(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string out;
  while (!text.empty()) {
    const size_t begin = text.find("{{");
    const size_t end = begin == std::string_view::npos ? begin : text.find("}}", begin);
    const auto value = end == std::string_view::npos
                           ? values.end()
                           : values.find(std::string(text.substr(begin + 2, end - begin - 2)));
    if (value == values.end()) break;
    out += text.substr(0, begin);
    out += value->second;
    text.remove_prefix(end + 2);
  }
  out += text;
  return out;
}

Status WriteTemplate(const fs::path& root, const AgentTemplate& file, const std::string& text) {
  const fs::path path = root / file.path;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) {
    return {ErrorCode::kInvalidInput, fmt::format("File error: Failed to write {}", path.string())};
  }
  if (file.executable) {
    fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                    fs::perm_options::add, error);
  }
  return Status::Ok();
}

void Ask(const char* what, std::string fallback, std::string* value) {
  if (!value->empty()) return;
  const std::optional<std::string> typed = AskLine(fmt::format("{} [{}]: ", what, fallback));
  *value = typed ? std::string(client::Trim(*typed)) : std::string();
  SetDefault(value, fallback);
}

}  // namespace

Status CompleteAgentOptions(AgentOptions* options) {
  SetDefault(&options->table, "blog.blogs");
  if (!IsQualified(options->table)) {
    return ConfigurationError(
        fmt::format("agent-table must be namespace.table, in lower case letters, digits and '_': "
                    "{}",
                    options->table));
  }
  const std::string table = options->table.substr(options->table.find('.') + 1);
  SetDefault(&options->name, table + "-agent");
  SetDefault(&options->topic, options->table + "_agent");
  SetDefault(&options->group, options->name + "-group");
  SetDefault(&options->id_column, "blog_id");
  SetDefault(&options->input_column, "content");
  SetDefault(&options->output_column, "summary");
  SetDefault(&options->system_prompt, "Write a short summary of the text that follows.");
  if (!IsProjectName(options->name)) {
    return ConfigurationError(fmt::format(
        "agent-name must be of lower case letters, digits, '_', '.' and '-': {}", options->name));
  }
  if (!IsProjectName(options->group)) {
    return ConfigurationError(fmt::format("agent-group is no name of a group: {}", options->group));
  }
  if (!IsQualified(options->topic)) {
    return ConfigurationError(
        fmt::format("agent-topic must be namespace.topic: {}", options->topic));
  }
  for (const std::string* column :
       {&options->id_column, &options->input_column, &options->output_column}) {
    if (!IsIdentifier(*column)) {
      return ConfigurationError(fmt::format("'{}' is no name of a column", *column));
    }
  }
  if (options->id_column == options->input_column || options->id_column == options->output_column ||
      options->input_column == options->output_column) {
    return ConfigurationError("the three columns of an agent must differ");
  }
  return Status::Ok();
}

Status WriteAgentProject(AgentOptions options, bool interactive) {
  if (interactive) {
    Ask("Table (namespace.table)", "blog.blogs", &options.table);
    const size_t dot = options.table.find('.');
    Ask("Name of the project",
        (dot == std::string::npos ? options.table : options.table.substr(dot + 1)) + "-agent",
        &options.name);
  }
  KDB_RETURN_IF_ERROR(CompleteAgentOptions(&options));
  std::error_code error;
  if (!fs::is_directory(options.output, error)) {
    return {ErrorCode::kInvalidInput,
            fmt::format("File error: {} is no directory", options.output)};
  }
  const fs::path root = fs::path(options.output) / options.name;
  if (fs::exists(root, error) && (!fs::is_directory(root, error) || !fs::is_empty(root, error))) {
    return {ErrorCode::kInvalidInput,
            fmt::format("File error: {} exists and is not empty", root.string())};
  }
  std::string prompt;
  AppendJsonString(&prompt, options.system_prompt);
  const std::map<std::string, std::string> values = {
      {"NAME", options.name},
      {"TABLE", options.table},
      {"NAMESPACE", options.table.substr(0, options.table.find('.'))},
      {"TOPIC", options.topic},
      {"GROUP", options.group},
      {"ID", options.id_column},
      {"INPUT", options.input_column},
      {"OUTPUT", options.output_column},
      {"PROMPT", prompt}};
  for (const AgentTemplate& file : AgentTemplates()) {
    KDB_RETURN_IF_ERROR(WriteTemplate(root, file, Fill(file.text, values)));
  }
  PrintLine(
      fmt::format("Wrote {}\n\nNext steps:\n  cd {}\n  npm install\n  npm run setup\n  npm run "
                  "start",
                  root.string(), root.string()));
  return Status::Ok();
}

}  // namespace kalamdb::cli
