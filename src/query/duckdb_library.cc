// dlopen, and the pages of a library that is resting.
#include "query/duckdb_library.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace kalamdb::query {
namespace {

constexpr const char* kFileName = "libduckdb.so";
constexpr std::string_view kVersionLine = "v1.4.";

std::vector<std::string> Candidates(const std::string& path) {
  if (!path.empty()) return {path};
  std::vector<std::string> candidates;
  char self[4096];
  const ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
  if (n > 0 && static_cast<size_t>(n) < sizeof(self)) {
    std::string beside(self, static_cast<size_t>(n));
    beside.resize(beside.rfind('/') + 1);
    candidates.push_back(beside + kFileName);
  }
  candidates.emplace_back(kFileName);
  return candidates;
}

struct Mappings {
  const void* inside;  // an address of the library
  std::vector<std::pair<uintptr_t, size_t>> read_only;
};

int CollectMappings(dl_phdr_info* info, size_t, void* arg) {
  auto* wanted = static_cast<Mappings*>(arg);
  const auto inside = reinterpret_cast<uintptr_t>(wanted->inside);
  std::vector<std::pair<uintptr_t, size_t>> read_only;
  bool ours = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    if (inside >= begin && inside < begin + segment.p_memsz) ours = true;
    // RELRO parts lie in segments with PF_W: their relocations exist nowhere else and stay.
    if ((segment.p_flags & PF_W) == 0) read_only.emplace_back(begin, segment.p_memsz);
  }
  if (!ours) return 0;
  wanted->read_only = std::move(read_only);
  return 1;
}

// Written once, before any callback exists.
DuckDbApi& CallbackStorage() {
  static DuckDbApi api;
  return api;
}
std::once_flag& CallbackOnce() {
  static std::once_flag once;
  return once;
}

}  // namespace

const DuckDbApi& CallbackApi() { return CallbackStorage(); }

Result<std::unique_ptr<DuckDbLibrary>> DuckDbLibrary::Load(const std::string& path) {
  void* library = nullptr;
  std::string reason;
  for (const std::string& candidate : Candidates(path)) {
    library = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
    if (const char* text = dlerror(); text != nullptr) reason = text;
  }
  if (library == nullptr) {
    return NotImplemented("The analytical engine is not available: " + reason);
  }
  auto loaded = std::unique_ptr<DuckDbLibrary>(new DuckDbLibrary);
#define KDB_RESOLVE(name)                                                                          \
  loaded->api_.name = reinterpret_cast<decltype(&duckdb_##name)>(dlsym(library, "duckdb_" #name)); \
  if (loaded->api_.name == nullptr) {                                                              \
    return NotImplemented("The analytical engine is not available: duckdb_" #name                  \
                          " is missing in its library");                                           \
  }
  KDB_DUCKDB_FUNCTIONS(KDB_RESOLVE)
#undef KDB_RESOLVE
  const std::string_view version = loaded->api_.library_version();
  if (!version.starts_with(kVersionLine)) {
    return NotImplemented(fmt::format(
        "The analytical engine is not available: DuckDB {} instead of {}x", version, kVersionLine));
  }
  std::call_once(CallbackOnce(), [&] { CallbackStorage() = loaded->api_; });
  return loaded;
}

void DuckDbLibrary::ReleasePages() const {
  Mappings mappings{reinterpret_cast<const void*>(api_.connect), {}};
  dl_iterate_phdr(CollectMappings, &mappings);
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (const auto& [begin, size] : mappings.read_only) {
    const uintptr_t first = begin & ~(page - 1);
    const uintptr_t end = (begin + size + page - 1) & ~(page - 1);
    madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
  }
}

}  // namespace kalamdb::query
