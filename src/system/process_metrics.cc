#include "system/process_metrics.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

namespace kalamdb::system {

namespace {

int64_t MonotonicMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t CpuMicros() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto micros = [](const timeval& t) {
    return static_cast<int64_t>(t.tv_sec) * 1'000'000 + t.tv_usec;
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

// The number behind "<name>:" in a file of such lines.
std::optional<int64_t> ReadNumber(const char* file, std::string_view name) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') continue;
    const size_t at = line.find_first_not_of(" \t", name.size() + 1);
    if (at == std::string::npos) return std::nullopt;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(line.data() + at, line.data() + line.size(), value);
    if (error != std::errc()) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

// Distinct (package, core) pairs; the logical count where the kernel does not tell.
int PhysicalCores(int logical) {
  std::ifstream in("/proc/cpuinfo");
  std::set<std::pair<std::string, std::string>> cores;
  std::string line;
  std::string package;
  while (std::getline(in, line)) {
    if (line.starts_with("physical id")) package = line;
    if (line.starts_with("core id")) cores.emplace(package, line);
  }
  return cores.empty() ? logical : static_cast<int>(cores.size());
}

void CountSocket(int fd, OpenFiles* files) {
  int domain = 0;
  socklen_t size = sizeof(domain);
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) domain = 0;
  if (domain == AF_UNIX) {
    ++files->unix_sockets;
  } else if (domain == AF_INET || domain == AF_INET6) {
    ++files->ip_sockets;
  } else {
    ++files->other;
  }
}

}  // namespace

CpuMeter::CpuMeter() : wall_micros_(MonotonicMicros()), cpu_micros_(CpuMicros()) {}

double CpuMeter::UsagePercent() {
  constexpr int64_t kLeastMicros = 250'000;
  const std::lock_guard lock(mutex_);
  const int64_t wall = MonotonicMicros();
  if (wall - wall_micros_ < kLeastMicros) return last_percent_;
  const int64_t cpu = CpuMicros();
  last_percent_ =
      100.0 * static_cast<double>(cpu - cpu_micros_) / static_cast<double>(wall - wall_micros_);
  wall_micros_ = wall;
  cpu_micros_ = cpu;
  return last_percent_;
}

Machine ReadMachine() {
  Machine machine;
  utsname name{};
  if (uname(&name) == 0) {
    machine.hostname = name.nodename;
    machine.arch = name.machine;
    machine.os = name.sysname;
    for (char& c : machine.os) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  machine.logical_cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  machine.physical_cores = PhysicalCores(machine.logical_cores);
  const int64_t total = ReadNumber("/proc/meminfo", "MemTotal").value_or(0);
  const int64_t available = ReadNumber("/proc/meminfo", "MemAvailable").value_or(total);
  machine.total_memory_bytes = static_cast<uint64_t>(total) * 1024;
  machine.used_memory_bytes = static_cast<uint64_t>(std::max<int64_t>(0, total - available)) * 1024;
  return machine;
}

OpenFiles CountOpenFiles() {
  constexpr uint64_t kMost = 65536;
  OpenFiles files;
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return files;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] == '.' || files.total >= kMost) continue;
    const int fd = std::atoi(entry->d_name);
    struct stat info {};
    if (fd == dirfd(directory) || fstat(fd, &info) != 0) continue;
    ++files.total;
    if (S_ISREG(info.st_mode)) {
      ++files.regular;
    } else if (S_ISDIR(info.st_mode)) {
      ++files.directories;
    } else if (S_ISSOCK(info.st_mode)) {
      CountSocket(fd, &files);
    } else {
      ++files.other;
    }
  }
  closedir(directory);
  return files;
}

std::optional<int64_t> ThreadCount() { return ReadNumber("/proc/self/status", "Threads"); }

std::string HumanUptime(int64_t seconds) {
  const int64_t minutes = seconds / 60 % 60;
  const int64_t hours = seconds / 3600 % 24;
  const int64_t days = seconds / 86400;
  if (days > 0) return fmt::format("{}d {}h {}m", days, hours, minutes);
  if (hours > 0) return fmt::format("{}h {}m", hours, minutes);
  return fmt::format("{}m", minutes);
}

}  // namespace kalamdb::system
