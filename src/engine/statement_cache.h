// Prepared statements by text: parsed, bound and compiled once, run many times.
//
// The key is the request's text, its default namespace and the kinds of its parameters; identity,
// rights and values are bound when a plan runs, so one entry serves every user. Plans notice that a
// table changed (stale()) and are then dropped. Bounded in entries and bytes; entries idle for
// longer than the time to live go when the cache is trimmed. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "query/dml.h"
#include "query/select.h"

namespace kalamdb::engine {

struct CachedStatement {
  query::SelectPlanPtr select;  // one of the two
  query::DmlPlanPtr dml;
  std::optional<std::string> execute_as;
  [[nodiscard]] bool stale() const { return select ? select->stale() : dml->stale(); }
  [[nodiscard]] size_t memory_bytes() const {
    return sizeof *this + (select ? select->memory_bytes() : dml->memory_bytes());
  }
};
using CachedStatementPtr = std::shared_ptr<const CachedStatement>;

class StatementCache {
 public:
  StatementCache(size_t max_entries, size_t max_bytes, int64_t ttl_micros)
      : max_entries_(max_entries), max_bytes_(max_bytes), ttl_micros_(ttl_micros) {}

  // The bytes that identify a statement. Appends to `key`.
  static void AppendKey(std::string* key, std::string_view text, std::string_view ns,
                        std::span<const Value> params);
  // Null: not there, or stale (and then removed).
  CachedStatementPtr Find(std::string_view key, int64_t now_micros);
  void Insert(std::string key, CachedStatementPtr statement, int64_t now_micros);
  // Drops what was not used within the time to live; everything when `all`.
  void Trim(int64_t now_micros, bool all);
  [[nodiscard]] size_t entries() const;
  [[nodiscard]] size_t bytes() const;

 private:
  struct Entry {
    std::string key;
    CachedStatementPtr statement;
    size_t bytes;
    int64_t used_micros;
  };
  void Remove(std::list<Entry>::iterator it);

  const size_t max_entries_;
  const size_t max_bytes_;
  const int64_t ttl_micros_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
  size_t bytes_ = 0;
};

}  // namespace kalamdb::engine
