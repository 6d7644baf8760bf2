// Opening DuckDB with everything but computing shut.
#include "query/duckdb_database.h"

#include <utility>

namespace kalamdb::query {

Result<std::unique_ptr<DuckDbDatabase>> DuckDbDatabase::Open(const DuckDbApi& api,
                                                             const DuckDbSettings& settings,
                                                             IdSource* ids) {
  auto database = std::unique_ptr<DuckDbDatabase>(new DuckDbDatabase(api, ids));
  KDB_RETURN_IF_ERROR(database->Configure(settings));
  KDB_RETURN_IF_ERROR(database->SetUp());
  return database;
}

DuckDbDatabase::~DuckDbDatabase() {
  if (database_ != nullptr) api_.close(&database_);
}

Status DuckDbDatabase::Configure(const DuckDbSettings& settings) {
  const std::pair<const char*, std::string> options[] = {
      {"memory_limit",
       fmt::format("{}KiB", std::max<size_t>(settings.memory_limit_bytes >> 10, 1))},
      {"temp_directory", settings.temp_directory},
      {"threads", std::to_string(std::max(settings.threads, 1))},
      {"preserve_insertion_order", "true"},
      {"default_null_order", "nulls_last_on_asc_first_on_desc"},
      {"integer_division", "true"},
      // Overflow and impossible arguments are errors, as in PostgreSQL, not infinities and NaN.
      {"ieee_floating_point_ops", "false"},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_persistent_secrets", "false"},
      // No "did you mean": it would name what is in the catalog.
      {"catalog_error_max_schemas", "0"},
  };
  DuckDbHandle<duckdb_config> config(api_.destroy_config);
  if (api_.create_config(config.out()) != DuckDBSuccess)
    return InternalError("DuckDB: no configuration");
  for (const auto& [name, value] : options) {
    if (api_.set_config(config.get(), name, value.c_str()) != DuckDBSuccess) {
      return InternalError(fmt::format("DuckDB does not accept {} = '{}'", name, value));
    }
  }
  char* error = nullptr;
  if (api_.open_ext(nullptr, &database_, config.get(), &error) != DuckDBSuccess) {
    Status status =
        InternalError(fmt::format("DuckDB: {}", error != nullptr ? error : "cannot open"));
    if (error != nullptr) api_.free(error);
    database_ = nullptr;
    return status;
  }
  return Status::Ok();
}

Status DuckDbDatabase::SetUp() {
  DuckDbHandle<duckdb_connection> connection(api_.disconnect);
  if (api_.connect(database_, connection.out()) != DuckDBSuccess) {
    return InternalError("DuckDB: cannot connect");
  }
  KDB_RETURN_IF_ERROR(RegisterScan(this, connection.get()));
  KDB_RETURN_IF_ERROR(RegisterFunctions(this, connection.get()));
  KDB_RETURN_IF_ERROR(Execute(connection.get(), "SET GLOBAL TimeZone = 'UTC'"));
  // Only a database that is open already counts its temporary directory among what stays reachable.
  KDB_RETURN_IF_ERROR(Execute(connection.get(), "SET GLOBAL enable_external_access = false"));
  // Last: from here on no statement changes a setting.
  return Execute(connection.get(), "SET GLOBAL lock_configuration = true");
}

Status DuckDbDatabase::Execute(duckdb_connection connection, const char* sql) {
  duckdb_result result;
  const bool ok = api_.query(connection, sql, &result) == DuckDBSuccess;
  Status status;
  if (!ok) {
    const char* text = api_.result_error(&result);
    status = InternalError(fmt::format("DuckDB: {}", text != nullptr ? text : sql));
  }
  api_.destroy_result(&result);
  return status;
}

uint64_t DuckDbDatabase::ConnectionId(duckdb_connection connection) const {
  DuckDbHandle<duckdb_client_context> context(api_.destroy_client_context);
  api_.connection_get_client_context(connection, context.out());
  return api_.client_context_get_connection_id(context.get());
}

AnalyticalRun* DuckDbDatabase::FindRun(uint64_t connection_id) const {
  std::lock_guard lock(mutex_);
  auto it = runs_.find(connection_id);
  return it == runs_.end() ? nullptr : it->second;
}

DuckDbDatabase::Connection::Connection(DuckDbDatabase* database, AnalyticalRun* run)
    : database_(database) {
  if (database->api_.connect(database->database_, &connection_) != DuckDBSuccess) {
    connection_ = nullptr;
    return;
  }
  id_ = database->ConnectionId(connection_);
  std::lock_guard lock(database->mutex_);
  database->runs_[id_] = run;
}

DuckDbDatabase::Connection::~Connection() {
  if (connection_ == nullptr) return;
  database_->api_.disconnect(&connection_);
  std::lock_guard lock(database_->mutex_);
  database_->runs_.erase(id_);
}

Status DuckDbDatabase::Connection::status() const {
  return connection_ != nullptr ? Status::Ok() : InternalError("DuckDB: cannot connect");
}

}  // namespace kalamdb::query
