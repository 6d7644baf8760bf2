#include "base/process_memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace kalamdb {

namespace {

// Drops the resident pages of one loaded object's read-only segments. A segment without PF_W is backed by its file alone: RELRO
// data lies in a writable segment (only its protection changes later), so relocations are never lost.
int DropCodePages(dl_phdr_info* info, size_t, void*) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const uintptr_t begin = (info->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const uintptr_t end = (info->dlpi_addr + segment.p_vaddr + segment.p_memsz + page - 1) & ~(page - 1);
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

ProcessMemory ReadProcessMemory() {
  ProcessMemory m;
  FILE* f = std::fopen("/proc/self/status", "re");
  if (f == nullptr) return m;
  char line[256];
  unsigned long long kib;  // NOLINT(google-runtime-int): what sscanf reads
  while (std::fgets(line, sizeof line, f) != nullptr) {
    if (std::sscanf(line, "VmRSS: %llu", &kib) == 1) m.rss_bytes = kib << 10;
    if (std::sscanf(line, "VmSize: %llu", &kib) == 1) m.virtual_bytes = kib << 10;
    if (std::sscanf(line, "RssAnon: %llu", &kib) == 1) m.anonymous_bytes += kib << 10;
    if (std::sscanf(line, "VmSwap: %llu", &kib) == 1) m.anonymous_bytes += kib << 10;
  }
  std::fclose(f);
  return m;
}

void ReleaseIdleMemory() {
  malloc_trim(0);
  dl_iterate_phdr(DropCodePages, nullptr);
}

uint64_t RaiseOpenFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

}  // namespace kalamdb
