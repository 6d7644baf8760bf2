// What a statement runs with: identity, parameters, time, a snapshot.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id_source.h"
#include "base/ids.h"
#include "base/stop_token.h"
#include "catalog/catalog.h"
#include "query/virtual_table.h"
#include "storage/hot_store.h"

namespace kalamdb::query {

// The parts of the server that queries read. Not owned; outlives every plan.
struct Sources {
  storage::HotStore* store = nullptr;
  catalog::Catalog* catalog = nullptr;
  VirtualTables* virtual_tables = nullptr;  // system.*, information_schema.*; null in some tests
  IdSource* ids = nullptr;
  // Ends runs that have no token of their own; null: nothing does.
  const StopToken* stop = nullptr;
};

// Bound when a statement runs, never part of a cached plan.
struct RunContext {
  std::string_view user;    // effective user: owner of USER and STREAM rows
  Role role = Role::kUser;  // effective role
  std::span<const Value> params;
  int64_t now_micros = 0;
  storage::SnapshotPtr snapshot;  // set for every read
  // Rows a statement may look at before it has to move to a worker thread (kNeedsPool); 0: no
  // bound.
  size_t scan_budget = 0;
  // Looked at while rows are found and computed; null: that of Sources.
  const StopToken* stop = nullptr;
};

inline const StopToken* StopOf(const Sources& sources, const RunContext& context) {
  return context.stop != nullptr ? context.stop : sources.stop;
}

struct ResultColumn {
  std::string name;
  DataType type;
  bool primary_key = false;
  bool not_null = false;
  // Comes from a credentials or password_hash column, whatever it is called here.
  bool masked = false;
  std::string wire_type;  // JSON of data_type when it is not WireTypeJson(type); empty otherwise
};

// Takes a result. Methods return an error to stop the query (client gone, limit reached).
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual Status Begin(const std::vector<ResultColumn>& columns) = 0;
  virtual Status Row(std::span<const Datum> cells) = 0;
};

}  // namespace kalamdb::query
