// What the kernel tells about this process and its machine. Read when asked for, never in advance.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace kalamdb::system {

// CPU time between two looks, as percent of one core.
class CpuMeter {
 public:
  CpuMeter();
  // Since the last look that lies at least a quarter of a second back. Thread-safe.
  double UsagePercent();

 private:
  std::mutex mutex_;
  int64_t wall_micros_;
  int64_t cpu_micros_;
  double last_percent_ = 0;
};

struct Machine {
  std::string hostname;  // empty: unknown
  std::string os, arch;
  int logical_cores = 1, physical_cores = 1;
  uint64_t total_memory_bytes = 0, used_memory_bytes = 0;
};
Machine ReadMachine();

struct OpenFiles {
  uint64_t total = 0, regular = 0, directories = 0, unix_sockets = 0, ip_sockets = 0, other = 0;
};
// Looks at no more than 65536 descriptors.
OpenFiles CountOpenFiles();

std::optional<int64_t> ThreadCount();

// "2d 3h 4m", "3h 4m", "4m".
std::string HumanUptime(int64_t seconds);

}  // namespace kalamdb::system
