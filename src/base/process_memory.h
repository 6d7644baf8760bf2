// The process's own memory: what it is, and giving it back.
#pragma once

#include <cstdint>

namespace kalamdb {

struct ProcessMemory {
  uint64_t rss_bytes = 0;        // resident, pages of files included
  uint64_t anonymous_bytes = 0;  // resident pages of no file, plus what of them is in swap
  uint64_t virtual_bytes = 0;
};
ProcessMemory ReadProcessMemory();

// Returns free heap to the kernel, and unmaps the pages of program code that are resident: they stay in the page cache and come
// back by a minor fault when used. Pages that hold relocations or data are left alone.
void ReleaseIdleMemory();

// Soft limit of open files up to the hard one. Returns the limit that holds.
uint64_t RaiseOpenFileLimit();

}  // namespace kalamdb
