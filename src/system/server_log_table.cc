// system.server_logs: the end of the log file, as far as its lines are JSON.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "system/table_families.h"

namespace kalamdb::system {

namespace {

namespace json = boost::json;

// Some thousands of lines. Older ones are for tools that read files.
constexpr size_t kTailBytes = 1 << 20;

constexpr ColumnSpec kServerLogs[] = {{"timestamp", T},         {"level", T},
                                      {"thread", T, kNullable}, {"target", T, kNullable},
                                      {"line", B, kNullable},   {"message", T}};

// The last kTailBytes of the file, from the start of a line; empty when there is no file.
std::string ReadTail(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  in.seekg(0, std::ios::end);
  const std::streamoff size = in.tellg();
  if (size <= 0) return {};
  const auto want = std::min<std::streamoff>(size, kTailBytes);
  in.seekg(size - want);
  std::string text(static_cast<size_t>(want), '\0');
  in.read(text.data(), want);
  text.resize(static_cast<size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (want < size) {
    const size_t newline = text.find('\n');
    text.erase(0, newline == std::string::npos ? text.size() : newline + 1);
  }
  return text;
}

std::string_view TextOf(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

const json::value* Message(const json::object& object) {
  const json::value* message = object.if_contains("message");
  if (message == nullptr) {
    const json::value* fields = object.if_contains("fields");
    if (fields != nullptr && fields->is_object()) {
      message = fields->get_object().if_contains("message");
    }
  }
  return message != nullptr && message->is_string() ? message : nullptr;
}

// False: the reader wants no more. Lines that are no log entries are passed over.
bool EmitLine(std::string_view line, RowWriter& rows) {
  json::monotonic_resource memory;
  json::parse_options options;
  options.max_depth = 16;
  json::error_code error;
  const json::value parsed = json::parse(json::string_view(line.data(), line.size()), error,
                                         json::storage_ptr(&memory), options);
  if (error || !parsed.is_object()) return true;
  const json::object& object = parsed.get_object();
  const std::string_view timestamp = TextOf(object, "timestamp");
  const std::string_view level = TextOf(object, "level");
  const json::value* message = Message(object);
  if (timestamp.empty() || level.empty() || message == nullptr) return true;
  const std::string_view thread = TextOf(object, "thread");
  rows.Text(timestamp).Text(level);
  rows.TextOrNull(thread.empty() ? TextOf(object, "threadName") : thread);
  rows.TextOrNull(TextOf(object, "target"));
  const json::value* number = object.if_contains("line");
  if (number == nullptr) number = object.if_contains("log.line");
  if (number != nullptr && number->is_int64()) {
    rows.Number(number->get_int64());
  } else {
    rows.Null();
  }
  rows.Text({message->get_string().data(), message->get_string().size()});
  return rows.Emit();
}

Status FillServerLogs(const ScanContext& context, RowWriter& rows) {
  if (context.sources.config == nullptr) return {};
  const std::filesystem::path directory(context.sources.config->logging.logs_path);
  std::error_code error;
  const bool is_json = std::filesystem::exists(directory / "server.jsonl", error);
  const std::string tail = ReadTail(directory / (is_json ? "server.jsonl" : "server.log"));
  std::string_view rest(tail);
  while (!rest.empty()) {
    const size_t newline = rest.find('\n');
    if (newline == std::string_view::npos) break;  // a line that is still being written
    if (!EmitLine(rest.substr(0, newline), rows)) break;
    rest.remove_prefix(newline + 1);
  }
  return {};
}

constexpr TableSpec kSpecs[] = {{"system", "server_logs", false, kServerLogs, FillServerLogs}};

}  // namespace

std::span<const TableSpec> ServerLogTables() { return kSpecs; }

}  // namespace kalamdb::system
