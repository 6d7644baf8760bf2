#include "config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include "config/ip_range.h"
#include "config/raw_config.h"

namespace kalamdb {

namespace config {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view item = Trim(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

namespace {

constexpr size_t kMaxFileBytes = 1 << 20;

Status Fatal(std::string message) { return {ErrorCode::kInvalidInput, std::move(message)}; }

Result<std::string> ReadText(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return Fatal(fmt::format("Config file not found: {}", path));
  }
  if (std::filesystem::is_directory(path, error)) {
    return Fatal(fmt::format("Failed to load {}: it is a directory", path));
  }
  std::ifstream in(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) return Fatal(fmt::format("Failed to load {}: cannot read", path));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kMaxFileBytes) {
    return Fatal(fmt::format("Failed to load {}: larger than {} bytes", path, kMaxFileBytes));
  }
  return text;
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return path;
  std::string text = absolute.lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

// The host of "https://host:port/path"; brackets of an IPv6 literal stay.
std::string_view HostOf(std::string_view origin) {
  const size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos) origin.remove_prefix(scheme + 3);
  origin = origin.substr(0, origin.find_first_of("/?#"));
  const size_t user = origin.rfind('@');
  if (user != std::string_view::npos) origin.remove_prefix(user + 1);
  if (origin.starts_with('[')) return origin.substr(0, origin.find(']') + 1);
  return origin.substr(0, origin.find(':'));
}

}  // namespace
}  // namespace config

unsigned ServerConfig::io_threads() const {
  if (server.workers != 0) return server.workers;
  // One core stays for the commit thread, the workers and the kernel's side of the network.
  const unsigned cores = std::thread::hardware_concurrency();
  return std::clamp(cores > 1 ? cores - 1 : 1U, 1U, 4U);
}

bool ServerConfig::exposed() const {
  if (!config::IsLoopbackHost(server.host)) return true;
  const std::string_view origin = config::Trim(server.public_origin);
  return !origin.empty() && !config::IsLoopbackHost(config::HostOf(origin));
}

Result<ServerConfig> LoadConfig(const std::string& path,
                                const std::map<std::string, std::string>& environment) {
  KDB_ASSIGN_OR_RETURN(const std::string text, config::ReadText(path));
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return config::Fatal(fmt::format("Failed to load {}: {} (line {}, column {})", path,
                                     error.description(), error.source().begin.line,
                                     error.source().begin.column));
  }
  config::RawConfig raw;
  if (Status s = config::ReadFile(parsed.table(), &raw); !s.ok()) {
    return config::Fatal(fmt::format("Failed to load {}: {}", path, s.message()));
  }
  if (Status s = config::ApplyEnvironment(environment, &raw); !s.ok()) {
    return config::Fatal(fmt::format("Failed to apply environment overrides: {}", s.message()));
  }
  if (Status s = config::Validate(&raw); !s.ok()) {
    return config::Fatal(fmt::format("Invalid configuration after overrides: {}", s.message()));
  }
  config::WarnAboutOptionsWithoutEffect(&raw);
  raw.server.storage.data_path = config::Absolute(raw.server.storage.data_path);
  raw.server.logging.logs_path = config::Absolute(raw.server.logging.logs_path);
  return std::move(raw.server);
}

}  // namespace kalamdb
