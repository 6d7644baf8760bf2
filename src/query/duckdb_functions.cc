// The kdb_* scalar functions; those of plain numbers are in duckdb_arithmetic.cc.
#include "query/duckdb_functions.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "expr/expr.h"
#include "query/duckdb_database.h"
#include "query/duckdb_registration.h"
#include "query/duckdb_vector.h"
#include "types/convert.h"
#include "types/json_cell.h"

namespace kalamdb::query {
namespace {

// kdb_call_...('name', args): one function for each type of result, the name is a constant. Behind
// a colon stand the positions of arguments that are JSON: 'to_json:0'.
struct CallFunction {
  TypeKind result;
  const char* function;
};
constexpr CallFunction kCalls[] = {
    {TypeKind::kBoolean, "kdb_call_boolean"}, {TypeKind::kSmallInt, "kdb_call_smallint"},
    {TypeKind::kInt, "kdb_call_int"},         {TypeKind::kBigInt, "kdb_call_bigint"},
    {TypeKind::kFloat, "kdb_call_float"},     {TypeKind::kDouble, "kdb_call_double"},
    {TypeKind::kText, "kdb_call_text"},       {TypeKind::kTimestamp, "kdb_call_timestamp"},
    {TypeKind::kDate, "kdb_call_date"},       {TypeKind::kTime, "kdb_call_time"},
    {TypeKind::kBytes, "kdb_call_bytes"},     {TypeKind::kUuid, "kdb_call_uuid"},
};

constexpr EvaluatedCast kCasts[] = {
    {TypeKind::kBoolean, false, "kdb_to_boolean"},
    {TypeKind::kBoolean, true, "kdb_try_boolean"},
    {TypeKind::kSmallInt, false, "kdb_to_smallint"},
    {TypeKind::kSmallInt, true, "kdb_try_smallint"},
    {TypeKind::kInt, false, "kdb_to_int"},
    {TypeKind::kInt, true, "kdb_try_int"},
    {TypeKind::kBigInt, false, "kdb_to_bigint"},
    {TypeKind::kBigInt, true, "kdb_try_bigint"},
    {TypeKind::kFloat, false, "kdb_to_float"},
    {TypeKind::kFloat, true, "kdb_try_float"},
    {TypeKind::kDouble, false, "kdb_to_double"},
    {TypeKind::kDouble, true, "kdb_try_double"},
    {TypeKind::kText, false, "kdb_to_text"},
    {TypeKind::kText, true, "kdb_try_text"},
    {TypeKind::kTimestamp, false, "kdb_to_timestamp"},
    {TypeKind::kTimestamp, true, "kdb_try_timestamp"},
    {TypeKind::kDate, false, "kdb_to_date"},
    {TypeKind::kDate, true, "kdb_try_date"},
    {TypeKind::kTime, false, "kdb_to_time"},
    {TypeKind::kTime, true, "kdb_try_time"},
    {TypeKind::kBytes, false, "kdb_to_bytes"},
    {TypeKind::kBytes, true, "kdb_try_bytes"},
    {TypeKind::kUuid, false, "kdb_to_uuid"},
    {TypeKind::kUuid, true, "kdb_try_uuid"},
};

template <typename T>
void Delete(void* p) {
  delete static_cast<T*>(p);
}

// --- expressions of the row engine over vectors

// What a function evaluates: a cast, or a call whose name is its first argument.
struct Evaluated {
  TypeKind result;
  const EvaluatedCast* cast;
};

Result<expr::ExprPtr> Build(const Evaluated& evaluated, const std::string& name,
                            std::vector<expr::ExprPtr> args) {
  const DataType type = DataType::Of(evaluated.result);
  if (evaluated.cast != nullptr) {
    return expr::MakeCast(args.at(0), type, evaluated.cast->try_cast);
  }
  KDB_ASSIGN_OR_RETURN(expr::ExprPtr built, expr::MakeCall(name, std::move(args)));
  if (built->type().kind == type.kind) return built;
  return expr::MakeCast(std::move(built), type);
}

// The text of a constant argument; false when it is none.
bool ConstantText(const DuckDbApi& api, duckdb_bind_info info, duckdb_expression argument,
                  std::string* text) {
  if (!api.expression_is_foldable(argument)) return false;
  DuckDbHandle<duckdb_client_context> context(api.destroy_client_context);
  api.scalar_function_get_client_context(info, context.out());
  DuckDbHandle<duckdb_value> value(api.destroy_value);
  DuckDbHandle<duckdb_error_data> error(api.destroy_error_data,
                                        api.expression_fold(context.get(), argument, value.out()));
  if (value.get() == nullptr || api.is_null_value(value.get())) return false;
  char* folded = api.get_varchar(value.get());
  if (folded == nullptr) return false;
  *text = folded;
  api.free(folded);
  return true;
}

struct EvaluatedBind {
  expr::ExprPtr expr;
  std::set<idx_t> json;  // arguments, counted as DuckDB does
};

// Takes the positions from behind the colon.
std::set<idx_t> TakeJsonArguments(std::string* name) {
  std::set<idx_t> json;
  const size_t colon = name->find(':');
  if (colon == std::string::npos) return json;
  size_t position = 0;
  for (size_t i = colon + 1; i <= name->size(); ++i) {
    if (i < name->size() && (*name)[i] != ',') {
      position = position * 10 + static_cast<size_t>((*name)[i] - '0');
      continue;
    }
    json.insert(position + 1);  // the name is the first
    position = 0;
  }
  name->resize(colon);
  return json;
}

void* CopyBind(void* p) { return new EvaluatedBind(*static_cast<EvaluatedBind*>(p)); }

// A parameter has no type until it has a value, and DuckDB binds again then: until then it is text.
VectorType ArgumentType(const DuckDbApi& api, duckdb_logical_type type, Status* error) {
  VectorType text;
  text.id = DUCKDB_TYPE_VARCHAR;
  const duckdb_type id = api.get_type_id(type);
  if (id == DUCKDB_TYPE_INVALID || id == DUCKDB_TYPE_ANY || id == DUCKDB_TYPE_STRING_LITERAL ||
      id == DUCKDB_TYPE_SQLNULL) {
    return text;
  }
  Result<VectorType> described = DescribeType(api, type);
  if (described.ok()) return described.Take();
  *error = described.status();
  return text;
}

Status BindEvaluated(const DuckDbApi& api, duckdb_bind_info info) {
  const auto& evaluated =
      *static_cast<const Evaluated*>(api.scalar_function_bind_get_extra_info(info));
  std::string name;
  std::set<idx_t> json;
  std::vector<expr::ExprPtr> args;
  const idx_t n = api.scalar_function_bind_get_argument_count(info);
  for (idx_t i = 0; i < n; ++i) {
    DuckDbHandle<duckdb_expression> argument(api.destroy_expression,
                                             api.scalar_function_bind_get_argument(info, i));
    if (i == 0 && evaluated.cast == nullptr) {
      if (!ConstantText(api, info, argument.get(), &name))
        return InternalError("a call without name");
      json = TakeJsonArguments(&name);
      continue;
    }
    DuckDbType type(api.destroy_logical_type, api.expression_return_type(argument.get()));
    Status error;
    DataType ours = ReadType(ArgumentType(api, type.get(), &error));
    KDB_RETURN_IF_ERROR(error);
    if (ours.kind == TypeKind::kList) ours = DataType::Of(TypeKind::kText);
    if (ours.kind == TypeKind::kText && json.contains(i)) ours = DataType::Of(TypeKind::kJson);
    // What is a text constant there is one here: patterns, formats and fields are looked at once.
    if (std::string text;
        ours.kind == TypeKind::kText && ConstantText(api, info, argument.get(), &text)) {
      args.push_back(expr::MakeConstant(Value::Text(std::move(text)), ours));
    } else {
      args.push_back(expr::MakeColumn(i, ours));
    }
  }
  if (evaluated.cast != nullptr && args.size() != 1) return InternalError("a cast of one value");
  KDB_ASSIGN_OR_RETURN(expr::ExprPtr built, Build(evaluated, name, std::move(args)));
  api.scalar_function_set_bind_data(info, new EvaluatedBind{std::move(built), std::move(json)},
                                    Delete<EvaluatedBind>);
  api.scalar_function_set_bind_data_copy(info, CopyBind);
  return Status::Ok();
}

void BindCallback(duckdb_bind_info info) {
  const DuckDbApi& api = CallbackApi();
  if (Status s = BindEvaluated(api, info); !s.ok()) {
    api.scalar_function_bind_set_error(info, std::string(s.message()).c_str());
  }
}

// The arguments of one row of a chunk.
class ArgumentRow final : public expr::ColumnSource {
 public:
  ArgumentRow(const DuckDbApi& api, duckdb_data_chunk chunk, Arena* arena,
              const std::set<idx_t>* json = nullptr)
      : arena_(arena), json_(json) {
    const idx_t n = api.data_chunk_get_column_count(chunk);
    types_.reserve(n);  // readers point at them
    for (idx_t i = 0; i < n; ++i) {
      duckdb_vector vector = api.data_chunk_get_vector(chunk, i);
      DuckDbType type(api.destroy_logical_type, api.vector_get_column_type(vector));
      types_.push_back(ArgumentType(api, type.get(), &error_));
      if (api.get_type_id(type.get()) == DUCKDB_TYPE_SQLNULL)
        types_.back().id = DUCKDB_TYPE_SQLNULL;
      if (!error_.ok()) return;
      readers_.emplace_back(api, types_.back(), vector);
    }
  }
  void set_row(idx_t row) { row_ = row; }
  [[nodiscard]] const Status& error() const { return error_; }
  [[nodiscard]] Datum Column(size_t ordinal) const override {
    if (ordinal >= readers_.size()) return Datum::Null();
    Result<Datum> value = readers_[ordinal].Read(row_, arena_);
    if (!value.ok()) {
      if (error_.ok()) error_ = value.status();
      return Datum::Null();
    }
    if (value->kind == TypeKind::kList) value->kind = TypeKind::kText;
    if (json_ != nullptr && value->kind == TypeKind::kText && json_->contains(ordinal)) {
      value->kind = TypeKind::kJson;
    }
    return *value;
  }

 private:
  std::vector<VectorType> types_;
  std::vector<VectorReader> readers_;
  Arena* arena_;
  const std::set<idx_t>* json_;
  idx_t row_ = 0;
  mutable Status error_;
};

Status Evaluate(const DuckDbApi& api, duckdb_function_info info, duckdb_data_chunk input,
                duckdb_vector output) {
  const auto& evaluated = *static_cast<const Evaluated*>(api.scalar_function_get_extra_info(info));
  const auto& bind = *static_cast<const EvaluatedBind*>(api.scalar_function_get_bind_data(info));
  Arena arena;
  ArgumentRow row(api, input, &arena, bind.json.empty() ? nullptr : &bind.json);
  KDB_RETURN_IF_ERROR(row.error());
  expr::EvalFrame frame;
  frame.row = &row;
  frame.arena = &arena;
  VectorWriter writer(api, DataType::Of(evaluated.result), output);
  const idx_t n = api.data_chunk_get_size(input);
  for (idx_t i = 0; i < n; ++i) {
    arena.Reset();
    row.set_row(i);
    const Datum value = bind.expr->Eval(frame);
    KDB_RETURN_IF_ERROR(row.error());
    if (!frame.error.ok()) return frame.error;
    writer.Write(i, value);
  }
  return Status::Ok();
}

void EvaluateCallback(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const DuckDbApi& api = CallbackApi();
  if (Status s = Evaluate(api, info, input, output); !s.ok()) {
    api.scalar_function_set_error(info, std::string(s.message()).c_str());
  }
}

// --- generated ids

IdSource* Ids(duckdb_function_info info) {
  return static_cast<DuckDbDatabase*>(CallbackApi().scalar_function_get_extra_info(info))->ids();
}

void SnowflakeIds(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  IdSource* ids = Ids(info);
  const DuckDbApi& api = CallbackApi();
  auto* out = static_cast<int64_t*>(api.vector_get_data(output));
  for (idx_t i = 0, n = api.data_chunk_get_size(input); i < n; ++i) out[i] = ids->Snowflake();
}

void WriteTexts(duckdb_data_chunk input, duckdb_vector output,
                const std::function<std::string()>& next) {
  const DuckDbApi& api = CallbackApi();
  for (idx_t i = 0, n = api.data_chunk_get_size(input); i < n; ++i) {
    const std::string text = next();
    api.vector_assign_string_element_len(output, i, text.data(), text.size());
  }
}

void Uuids(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  IdSource* ids = Ids(info);
  WriteTexts(input, output, [ids] { return FormatUuid(ids->UuidV7().data()); });
}

void Ulids(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  IdSource* ids = Ids(info);
  WriteTexts(input, output, [ids] { return ids->Ulid(); });
}

// --- averages

Status Average(const DuckDbApi& api, duckdb_data_chunk input, duckdb_vector output) {
  Arena arena;
  ArgumentRow row(api, input, &arena);
  KDB_RETURN_IF_ERROR(row.error());
  VectorWriter writer(api, DataType::Of(TypeKind::kText), output);
  for (idx_t i = 0, n = api.data_chunk_get_size(input); i < n; ++i) {
    row.set_row(i);
    const Datum sum = row.Column(0);
    const Datum count = row.Column(1);
    KDB_RETURN_IF_ERROR(row.error());
    if (sum.null || count.null || count.i == 0 || sum.kind != TypeKind::kDecimal) {
      writer.Write(i, Datum::Null(TypeKind::kText));
      continue;
    }
    Int128 scaled = sum.decimal();
    for (int digit = 0; digit < kAverageDigits; ++digit) {
      if (__builtin_mul_overflow(scaled, Int128{10}, &scaled)) {
        return ExecutionError("numeric field overflow");
      }
    }
    Int128 quotient = scaled / count.i;
    const Int128 rest = scaled % count.i;
    const Int128 magnitude = rest < 0 ? -rest : rest;
    if (magnitude * 2 >= count.i) quotient += scaled < 0 ? -1 : 1;
    std::string text;
    AppendDecimalText(&text, quotient, static_cast<uint8_t>(sum.scale + kAverageDigits));
    writer.Write(i, Datum::Text(text));
  }
  return Status::Ok();
}

void AverageCallback(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const DuckDbApi& api = CallbackApi();
  if (Status s = Average(api, input, output); !s.ok()) {
    api.scalar_function_set_error(info, std::string(s.message()).c_str());
  }
}

// --- registration

duckdb_type ResultType(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return DUCKDB_TYPE_BOOLEAN;
    case TypeKind::kSmallInt:
      return DUCKDB_TYPE_SMALLINT;
    case TypeKind::kInt:
      return DUCKDB_TYPE_INTEGER;
    case TypeKind::kBigInt:
      return DUCKDB_TYPE_BIGINT;
    case TypeKind::kFloat:
      return DUCKDB_TYPE_FLOAT;
    case TypeKind::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case TypeKind::kTimestamp:
      return DUCKDB_TYPE_TIMESTAMP;
    case TypeKind::kDate:
      return DUCKDB_TYPE_DATE;
    case TypeKind::kTime:
      return DUCKDB_TYPE_TIME;
    case TypeKind::kBytes:
      return DUCKDB_TYPE_BLOB;
    case TypeKind::kUuid:
      return DUCKDB_TYPE_UUID;
    default:
      return DUCKDB_TYPE_VARCHAR;
  }
}

Status RegisterEvaluated(const DuckDbApi& api, duckdb_connection connection, const char* name,
                         const Evaluated& evaluated) {
  Registration function(api, name, ResultType(evaluated.result), EvaluateCallback);
  function.Anything();
  api.scalar_function_set_bind(function.get(), BindCallback);
  api.scalar_function_set_extra_info(function.get(), new Evaluated(evaluated), Delete<Evaluated>);
  return function.Register(connection);
}

Status RegisterIds(DuckDbDatabase* database, duckdb_connection connection, std::string_view name,
                   duckdb_type result, duckdb_scalar_function_t body) {
  Registration function(database->api(), name.data(), result, body);
  database->api().scalar_function_set_volatile(function.get());
  database->api().scalar_function_set_extra_info(function.get(), database, nullptr);
  return function.Register(connection);
}

}  // namespace

std::string EvaluatedCall(std::string_view name, const std::vector<std::string>& args,
                          const DataType& type, const std::vector<size_t>& json_args) {
  TypeKind kind = type.kind;
  if (kind == TypeKind::kDateTime) kind = TypeKind::kTimestamp;
  const CallFunction* function = nullptr;
  const CallFunction* as_text = nullptr;
  for (const CallFunction& call : kCalls) {
    if (call.result == kind) function = &call;
    if (call.result == TypeKind::kText) as_text = &call;
  }
  const bool decimal = type.kind == TypeKind::kDecimal;
  if (function == nullptr) function = as_text;
  std::string sql = fmt::format("{}('{}{}{}'", function->function, name,
                                json_args.empty() ? "" : ":", fmt::join(json_args, ","));
  for (const std::string& arg : args) sql += ", " + arg;
  sql += ")";
  if (!decimal) return sql;
  return fmt::format("CAST({} AS DECIMAL({},{}))", sql, type.precision, type.scale);
}

const EvaluatedCast* FindEvaluatedCast(TypeKind to, bool try_cast) {
  if (IsTextual(to)) to = TypeKind::kText;
  if (to == TypeKind::kDateTime) to = TypeKind::kTimestamp;
  for (const EvaluatedCast& cast : kCasts) {
    if (cast.to == to && cast.try_cast == try_cast) return &cast;
  }
  return nullptr;
}

Status RegisterFunctions(DuckDbDatabase* database, duckdb_connection connection) {
  const DuckDbApi& api = database->api();
  for (const CallFunction& call : kCalls) {
    KDB_RETURN_IF_ERROR(RegisterEvaluated(api, connection, call.function, {call.result, nullptr}));
  }
  for (const EvaluatedCast& cast : kCasts) {
    KDB_RETURN_IF_ERROR(RegisterEvaluated(api, connection, cast.function, {cast.to, &cast}));
  }
  KDB_RETURN_IF_ERROR(RegisterArithmetic(api, connection));
  Registration average(api, kAverageFunction.data(), DUCKDB_TYPE_VARCHAR, AverageCallback);
  KDB_RETURN_IF_ERROR(average.Anything().Register(connection));
  if (database->ids() == nullptr) return Status::Ok();
  KDB_RETURN_IF_ERROR(
      RegisterIds(database, connection, kSnowflakeIdFunction, DUCKDB_TYPE_BIGINT, SnowflakeIds));
  KDB_RETURN_IF_ERROR(
      RegisterIds(database, connection, kUuidV7Function, DUCKDB_TYPE_VARCHAR, Uuids));
  return RegisterIds(database, connection, kUlidFunction, DUCKDB_TYPE_VARCHAR, Ulids);
}

}  // namespace kalamdb::query
