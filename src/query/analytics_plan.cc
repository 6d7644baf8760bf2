// One run: rights, values, DuckDB's chunks as rows.
#include "query/analytics_plan.h"

#include <utility>

#include "query/duckdb_vector.h"
#include "types/convert.h"

namespace kalamdb::query {
namespace {

uint64_t ConfiguredLimit(const PlanOptions& options, bool has_limit) {
  if (!has_limit && options.default_limit != 0) {
    return options.max_limit != 0 ? std::min(options.default_limit, options.max_limit)
                                  : options.default_limit;
  }
  return options.max_limit;
}

// A result is destroyed even when its query failed.
class QueryResult {
 public:
  explicit QueryResult(const DuckDbApi& api) : api_(api) {}
  ~QueryResult() { api_.destroy_result(&result_); }
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  duckdb_result* get() { return &result_; }

 private:
  const DuckDbApi& api_;
  duckdb_result result_{};
};

// What the column is called on the wire: DuckDB knows no JSON, FILE or DATETIME of ours.
DataType WireType(const std::optional<DataType>& known, const DataType& read) {
  if (!known) return read;
  if (known->kind == TypeKind::kNull) return *known;  // INTEGER there
  const bool same_text = read.kind == TypeKind::kText && IsTextual(known->kind);
  const bool same_instant = read.kind == TypeKind::kTimestamp && IsDateTimeKind(known->kind);
  return same_text || same_instant ? *known : read;
}

}  // namespace

AnalyticalPlan::AnalyticalPlan(AnalyticalEngine::Impl* engine, AnalyticalStatement statement,
                               const PlanOptions& options)
    : engine_(engine),
      statement_(std::move(statement)),
      row_limit_(ConfiguredLimit(options, statement_.has_limit)) {}

bool AnalyticalPlan::stale() const {
  for (const ScanSource& scan : statement_.scans) {
    if (scan.lookup.table != nullptr && scan.lookup.table->stale.load(std::memory_order_acquire)) {
      return true;
    }
  }
  return false;
}

size_t AnalyticalPlan::memory_bytes() const {
  size_t bytes = sizeof(*this) + statement_.sql.capacity() +
                 statement_.scans.capacity() * sizeof(ScanSource) +
                 statement_.values.capacity() * sizeof(BoundValue);
  for (const StatementColumn& column : statement_.columns) {
    bytes += sizeof(column) + column.name.capacity();
  }
  return bytes;
}

Status AnalyticalPlan::Run(const RunContext& context, ResultSink& sink, bool* truncated) const {
  if (truncated != nullptr) *truncated = false;
  if (stale()) return Status(ErrorCode::kRetry, "a table changed");
  for (const ScanSource& scan : statement_.scans) {
    KDB_RETURN_IF_ERROR(CheckRead(scan.lookup, context.role));
  }
  // A budget means a thread that must not be kept long.
  if (context.scan_budget != 0) return Status(ErrorCode::kNeedsPool, "analytical query");
  KDB_ASSIGN_OR_RETURN(std::shared_ptr<DuckDbDatabase> database, engine_->Acquire());
  bool broken = false;
  Status status = Execute(*database, context, sink, truncated, &broken);
  engine_->Release(std::move(database), broken);
  return status;
}

Status AnalyticalPlan::Execute(DuckDbDatabase& database, const RunContext& context,
                               ResultSink& sink, bool* truncated, bool* broken) const {
  const DuckDbApi& api = database.api();
  AnalyticalRun run(engine_->sources, statement_.scans, context,
                    engine_->options.memory_limit_bytes);
  DuckDbDatabase::Connection connection(&database, &run);
  KDB_RETURN_IF_ERROR(connection.status());
  const StopToken* stop = StopOf(engine_->sources, context);
  const RunWatch::Run watched(&engine_->watch, api, connection.get(), stop);
  KDB_RETURN_IF_ERROR(watched.status());
  // What a scan reported is the cause; DuckDB's words around it are not.
  const auto failure = [&](const char* text) {
    // An interrupted run reports whatever it was interrupted in.
    if (stop != nullptr) KDB_RETURN_IF_ERROR(stop->Check());
    Status cause = run.error();
    return cause.ok() ? TranslateError(text != nullptr ? text : "", broken) : cause;
  };
  DuckDbHandle<duckdb_prepared_statement> prepared(api.destroy_prepare);
  if (api.prepare(connection.get(), statement_.sql.c_str(), prepared.out()) != DuckDBSuccess) {
    return failure(api.prepare_error(prepared.get()));
  }
  KDB_RETURN_IF_ERROR(BindValues(api, prepared.get(), context));
  QueryResult result(api);
  if (api.execute_prepared_streaming(prepared.get(), result.get()) != DuckDBSuccess) {
    return failure(api.result_error(result.get()));
  }
  KDB_RETURN_IF_ERROR(Emit(api, result.get(), sink, truncated));
  if (const char* error = api.result_error(result.get()); error != nullptr) return failure(error);
  return run.error();
}

Status AnalyticalPlan::BindValues(const DuckDbApi& api, duckdb_prepared_statement statement,
                                  const RunContext& context) const {
  for (size_t i = 0; i < statement_.values.size(); ++i) {
    const BoundValue& value = statement_.values[i];
    const idx_t k = i + 1;
    duckdb_state state = DuckDBError;
    const auto bind_text = [&](std::string_view text) {
      state = api.bind_varchar_length(statement, k, text.data(), text.size());
    };
    const auto bind_datum = [&](const Datum& d) {
      if (d.null) {
        state = api.bind_null(statement, k);
      } else if (d.kind == TypeKind::kBoolean) {
        state = api.bind_boolean(statement, k, d.b);
      } else if (IsInteger(d.kind)) {
        state = api.bind_int64(statement, k, d.i);
      } else if (IsFloating(d.kind)) {
        state = api.bind_double(statement, k, d.d);
      } else if (IsTextual(d.kind)) {
        bind_text(d.text());
      } else if (d.kind == TypeKind::kBytes) {
        state = api.bind_blob(statement, k, d.text().data(), d.text().size());
      } else {
        std::string text;
        AppendText(&text, d);
        bind_text(text);
      }
    };
    switch (value.kind) {
      case BoundValue::Kind::kParam:
        if (value.param >= context.params.size()) {
          return Status(ErrorCode::kParameterBinding,
                        fmt::format("No value found for placeholder with id ${}", value.param + 1));
        }
        bind_datum(context.params[value.param].datum());
        break;
      case BoundValue::Kind::kLiteral:
        bind_datum(value.literal.datum());
        break;
      case BoundValue::Kind::kUser:
        bind_text(context.user);
        break;
      case BoundValue::Kind::kRole:
        bind_text(RoleName(context.role));
        break;
      case BoundValue::Kind::kNow:
        state = api.bind_timestamp(statement, k, {context.now_micros});
        break;
    }
    if (state != DuckDBSuccess) return ExecutionError("A parameter cannot be bound");
  }
  return Status::Ok();
}

Status AnalyticalPlan::Emit(const DuckDbApi& api, duckdb_result* result, ResultSink& sink,
                            bool* truncated) const {
  const idx_t width = api.column_count(result);
  if (width != statement_.columns.size()) return InternalError("DuckDB answers other columns");
  std::vector<VectorType> types;
  std::vector<ResultColumn> columns;
  types.reserve(width);
  columns.reserve(width);
  for (idx_t i = 0; i < width; ++i) {
    DuckDbType type(api.destroy_logical_type, api.column_logical_type(result, i));
    KDB_ASSIGN_OR_RETURN(VectorType described, DescribeType(api, type.get()));
    const StatementColumn& known = statement_.columns[i];
    ResultColumn column;
    column.name = known.name;
    column.type = WireType(known.type, ReadType(described));
    column.primary_key = known.primary_key;
    column.not_null = known.not_null;
    column.masked = known.masked;
    column.wire_type = ReadWireType(described);
    types.push_back(std::move(described));
    columns.push_back(std::move(column));
  }
  KDB_RETURN_IF_ERROR(sink.Begin(columns));

  std::vector<Datum> cells(width);
  Arena arena;
  uint64_t rows = 0;
  while (true) {
    DuckDbHandle<duckdb_data_chunk> chunk(api.destroy_data_chunk, api.fetch_chunk(*result));
    if (chunk.get() == nullptr) return Status::Ok();
    std::vector<VectorReader> readers;
    readers.reserve(width);
    for (idx_t i = 0; i < width; ++i) {
      readers.emplace_back(api, types[i], api.data_chunk_get_vector(chunk.get(), i));
    }
    const idx_t size = api.data_chunk_get_size(chunk.get());
    for (idx_t row = 0; row < size; ++row) {
      if (row_limit_ != 0 && rows == row_limit_) {
        if (truncated != nullptr) *truncated = true;
        return Status::Ok();
      }
      arena.Reset();
      for (idx_t i = 0; i < width; ++i) {
        KDB_ASSIGN_OR_RETURN(cells[i], readers[i].Read(row, &arena));
        cells[i].kind = columns[i].type.kind;
      }
      KDB_RETURN_IF_ERROR(sink.Row(cells));
      ++rows;
    }
  }
}

Status TranslateError(std::string_view text, bool* broken) {
  std::string_view kind;
  if (const size_t colon = text.find(" Error: "); colon != std::string_view::npos && colon < 40) {
    kind = text.substr(0, colon);
    text.remove_prefix(colon + std::string_view(" Error: ").size());
  }
  // Behind the first line: positions in SQL that the client never wrote, and candidates.
  std::string message(text.substr(0, text.find('\n')));
  if (kind == "Out of Memory") return ExecutionError("Query memory limit exceeded");
  if (kind == "INTERNAL" || kind == "FATAL") {
    *broken = true;
    return InternalError("Analytical engine: " + message);
  }
  if (kind == "Binder") return InvalidSql(std::move(message));
  if (kind == "Catalog" || kind == "Not implemented") return NotImplemented(std::move(message));
  if (kind == "Parser" || kind == "Permission" || kind == "Syntax") {
    return InternalError("Analytical engine: " + message);
  }
  if (kind == "IO") return StorageError(std::move(message));
  return ExecutionError(std::move(message));
}

}  // namespace kalamdb::query
