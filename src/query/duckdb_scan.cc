// kdb_scan(n): our rows as a table function. DuckDB tells which columns it wants; the predicate of
// the scan was settled when the statement was planned and is evaluated here by our own expressions.
// A scan is pulled by one thread at a time.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "query/duckdb_database.h"
#include "query/duckdb_vector.h"
#include "query/scan_cursor.h"

namespace kalamdb::query {
namespace {

constexpr const char* kScanName = "kdb_scan";

struct ScanBind {
  const DuckDbApi* api;
  AnalyticalRun* run;
  const ScanSource* source;
};

template <typename T>
void Delete(void* p) {
  delete static_cast<T*>(p);
}

// A row of a virtual table while it is emitted.
class EmittedRow final : public expr::ColumnSource {
 public:
  explicit EmittedRow(std::span<const Datum> cells) : cells_(cells) {}
  [[nodiscard]] Datum Column(size_t ordinal) const override {
    return ordinal < cells_.size() ? cells_[ordinal] : Datum::Null();
  }

 private:
  std::span<const Datum> cells_;
};

// The wanted columns of a virtual table's rows: such a table pushes its rows and cannot be pulled.
class BufferedRows {
 public:
  Status Fill(const AnalyticalRun& run, const ScanSource& source,
              const std::vector<idx_t>& columns) {
    width_ = columns.size();
    Arena arena;
    expr::EvalFrame frame = MakeFrame(run.sources, run.context, &arena);
    StopProbe stop(StopOf(run.sources, run.context));
    Status error;
    Status scanned = source.lookup.virtual_table->Scan(
        run.context.user, run.context.role, [&](std::span<const Datum> cells) {
          error = stop.Step();
          if (!error.ok()) return false;
          EmittedRow row(cells);
          if (source.spec.predicate != nullptr) {
            arena.Reset();
            frame.row = &row;
            const bool matches = expr::EvalPredicate(*source.spec.predicate, frame);
            if (!frame.error.ok()) {
              error = frame.error;
              return false;
            }
            if (!matches) return true;
          }
          for (idx_t column : columns) cells_.push_back(Keep(row.Column(column)));
          ++rows_;
          if (cells_.size() * sizeof(Datum) + bytes_.bytes() <= run.buffer_limit) return true;
          error = ExecutionError("Query memory limit exceeded");
          return false;
        });
    KDB_RETURN_IF_ERROR(error);
    return scanned;
  }
  [[nodiscard]] size_t rows() const { return rows_; }
  [[nodiscard]] const Datum& cell(size_t row, size_t column) const {
    return cells_[row * width_ + column];
  }

 private:
  Datum Keep(Datum d) { return d.has_bytes() ? Datum::Bytes(d.kind, bytes_.Copy(d.text())) : d; }

  size_t width_ = 0;
  size_t rows_ = 0;
  std::vector<Datum> cells_;
  Arena bytes_;
};

struct ScanState {
  const DuckDbApi* api;
  AnalyticalRun* run;
  const Schema* schema;
  std::vector<idx_t> columns;  // ordinals, as DuckDB wants them
  std::unique_ptr<ScanCursor> cursor;
  BufferedRows buffered;
  size_t next = 0;  // of buffered
  bool done = false;
};

// Which table: the run of the connection, and the argument.
void BindScan(const DuckDbDatabase& database, duckdb_bind_info info) {
  const DuckDbApi& api = database.api();
  DuckDbHandle<duckdb_client_context> context(api.destroy_client_context);
  api.table_function_get_client_context(info, context.out());
  AnalyticalRun* run = database.FindRun(api.client_context_get_connection_id(context.get()));
  DuckDbHandle<duckdb_value> argument(api.destroy_value, api.bind_get_parameter(info, 0));
  const int64_t index = api.get_int64(argument.get());
  if (run == nullptr || index < 0 || static_cast<size_t>(index) >= run->scans.size()) {
    api.bind_set_error(info, "no such scan");
    return;
  }
  const ScanSource& source = run->scans[static_cast<size_t>(index)];
  for (const Column& column : source.schema().columns()) {
    DuckDbType type(api.destroy_logical_type, MakeDuckDbType(api, column.type));
    api.bind_add_result_column(info, column.name.c_str(), type.get());
  }
  if (source.lookup.table != nullptr && source.spec.path.kind == AccessPath::Kind::kPoint) {
    api.bind_set_cardinality(info, 1, false);
  }
  api.bind_set_bind_data(info, new ScanBind{&api, run, &source}, Delete<ScanBind>);
}

void StartScan(const ScanBind& bind, duckdb_init_info info) {
  const DuckDbApi& api = *bind.api;
  auto state = std::make_unique<ScanState>();
  state->api = &api;
  state->run = bind.run;
  state->schema = &bind.source->schema();
  const idx_t columns = api.init_get_column_count(info);
  for (idx_t i = 0; i < columns; ++i) {
    state->columns.push_back(api.init_get_column_index(info, i));
  }
  api.init_set_max_threads(info, 1);
  if (bind.source->lookup.table != nullptr) {
    state->cursor =
        std::make_unique<ScanCursor>(bind.run->sources, bind.source->spec, bind.run->context);
  } else if (Status s = state->buffered.Fill(*bind.run, *bind.source, state->columns); !s.ok()) {
    bind.run->Fail(s);
    api.init_set_error(info, std::string(s.message()).c_str());
    return;
  }
  api.init_set_init_data(info, state.release(), Delete<ScanState>);
}

std::vector<VectorWriter> Writers(const ScanState& state, duckdb_data_chunk chunk) {
  std::vector<VectorWriter> writers;
  writers.reserve(state.columns.size());
  for (size_t i = 0; i < state.columns.size(); ++i) {
    // A scan that needs no column is still asked for a row id, whose values nobody reads.
    const idx_t ordinal = state.columns[i];
    const DataType type = ordinal < state.schema->size() ? state.schema->column(ordinal).type
                                                         : DataType::Of(TypeKind::kBigInt);
    writers.emplace_back(*state.api, type, state.api->data_chunk_get_vector(chunk, i));
  }
  return writers;
}

// Fills one chunk; an empty one ends the scan.
Status FillChunk(ScanState& state, duckdb_data_chunk chunk) {
  if (state.done) return Status::Ok();
  std::vector<VectorWriter> writers = Writers(state, chunk);
  const idx_t capacity = state.api->vector_size();
  idx_t n = 0;
  while (n < capacity) {
    if (state.cursor != nullptr) {
      KDB_ASSIGN_OR_RETURN(bool more, state.cursor->Next());
      if (!more) break;
      const StoredRow& row = state.cursor->row();
      for (size_t i = 0; i < writers.size(); ++i) {
        if (state.columns[i] >= state.schema->size()) continue;
        writers[i].Write(n, row.Column(state.columns[i]));
      }
    } else {
      if (state.next == state.buffered.rows()) break;
      for (size_t i = 0; i < writers.size(); ++i) {
        writers[i].Write(n, state.buffered.cell(state.next, i));
      }
      ++state.next;
    }
    ++n;
  }
  state.done = n < capacity;
  state.api->data_chunk_set_size(chunk, n);
  return Status::Ok();
}

void BindCallback(duckdb_bind_info info) {
  const void* database = CallbackApi().bind_get_extra_info(info);
  BindScan(*static_cast<const DuckDbDatabase*>(database), info);
}

void InitCallback(duckdb_init_info info) {
  StartScan(*static_cast<const ScanBind*>(CallbackApi().init_get_bind_data(info)), info);
}

void FunctionCallback(duckdb_function_info info, duckdb_data_chunk chunk) {
  auto* state = static_cast<ScanState*>(CallbackApi().function_get_init_data(info));
  Status status = FillChunk(*state, chunk);
  if (status.ok()) return;
  state->run->Fail(status);
  state->api->function_set_error(info, std::string(status.message()).c_str());
}

}  // namespace

Status RegisterScan(DuckDbDatabase* database, duckdb_connection connection) {
  const DuckDbApi& api = database->api();
  DuckDbHandle<duckdb_table_function> function(api.destroy_table_function,
                                               api.create_table_function());
  api.table_function_set_name(function.get(), kScanName);
  DuckDbType bigint(api.destroy_logical_type, api.create_logical_type(DUCKDB_TYPE_BIGINT));
  api.table_function_add_parameter(function.get(), bigint.get());
  api.table_function_set_extra_info(function.get(), database, nullptr);
  api.table_function_supports_projection_pushdown(function.get(), true);
  api.table_function_set_bind(function.get(), BindCallback);
  api.table_function_set_init(function.get(), InitCallback);
  api.table_function_set_function(function.get(), FunctionCallback);
  if (api.register_table_function(connection, function.get()) != DuckDBSuccess) {
    return InternalError("DuckDB does not accept kdb_scan");
  }
  return Status::Ok();
}

}  // namespace kalamdb::query
