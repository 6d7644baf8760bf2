// Typed reading of one TOML table: out-of-range and wrong types are errors, what nobody asked for
// is remembered as unknown, what differs from its default as changed. Private to this room.
#pragma once

// Errors come back as values; toml++ then throws nothing.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/status.h"

namespace kalamdb::config {

// Seconds, hours and days stay far from overflow when rooms turn them into microseconds.
inline constexpr uint64_t kMaxDuration = 3'155'760'000;  // 100 years of seconds

// What was noticed while a file and the environment were read.
struct Notes {
  Status error;                      // the first one
  std::vector<std::string> unknown;  // full names of keys and sections that no room knows
  std::set<std::string> changed;     // full names of keys set to something else than their default
  void Fail(std::string message) {
    if (error.ok()) error = Status(ErrorCode::kInvalidInput, std::move(message));
  }
};

class Section {
 public:
  // `table` null: the section is absent, every key keeps its default.
  Section(const toml::table* table, std::string path, Notes* notes)
      : table_(table), path_(std::move(path)), notes_(notes) {}
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;
  // Reports the keys that were not asked for.
  ~Section();

  [[nodiscard]] bool present() const { return table_ != nullptr; }
  [[nodiscard]] bool Has(std::string_view key) const;
  // Reading the same key through Sub() twice is harmless.
  [[nodiscard]] Section Sub(std::string_view key);
  // Fails the load when the key or section is missing.
  void Require(std::string_view key);

  void Get(std::string_view key, bool* out);
  void Get(std::string_view key, std::string* out);
  void Get(std::string_view key, std::vector<std::string>* out);
  template <typename T>
  requires std::is_integral_v<T>
  void Get(std::string_view key, T* out) {
    GetBounded(key, out, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
  }
  // Seconds, hours, days or milliseconds.
  template <typename T>
  void GetDuration(std::string_view key, T* out) {
    const uint64_t most = std::numeric_limits<T>::max();
    GetBounded(key, out, std::numeric_limits<T>::min(),
               static_cast<T>(most < kMaxDuration ? most : kMaxDuration));
  }
  template <typename T>
  void GetBounded(std::string_view key, T* out, T least, T most) {
    int64_t value = 0;
    const uint64_t highest =
        static_cast<uint64_t>(std::cmp_greater(most, std::numeric_limits<int64_t>::max())
                                  ? std::numeric_limits<int64_t>::max()
                                  : static_cast<int64_t>(most));
    if (!Integer(key, static_cast<int64_t>(least), static_cast<int64_t>(highest), &value)) return;
    Changed(key, std::cmp_not_equal(value, *out));
    *out = static_cast<T>(value);
  }
  // Every key of the section with its text.
  void GetAll(std::map<std::string, std::string>* out);
  // Accepts the key with any type and keeps nothing.
  void Skip(std::string_view key);

 private:
  const toml::node* Find(std::string_view key);
  bool Integer(std::string_view key, int64_t least, int64_t most, int64_t* out);
  void Changed(std::string_view key, bool differs);
  void WrongType(std::string_view key, std::string_view expected, const toml::node& node);
  [[nodiscard]] std::string FullName(std::string_view key) const;

  const toml::table* table_;
  std::string path_;
  Notes* notes_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace kalamdb::config
