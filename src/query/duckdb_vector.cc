// Values between Datums and DuckDB's vectors.
#include "query/duckdb_vector.h"

#include <cmath>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/id_source.h"
#include "base/json_text.h"
#include "types/convert.h"
#include "types/json_cell.h"

namespace kalamdb::query {
namespace {

constexpr int kMaxNesting = 64;
constexpr Int128 kDecimalBound = Int128{10'000'000'000'000'000'000U} * 10'000'000'000'000'000'000U;
constexpr uint64_t kSignBit = uint64_t{1} << 63;

duckdb_type PlainDuckDbType(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return DUCKDB_TYPE_BOOLEAN;
    case TypeKind::kSmallInt:
      return DUCKDB_TYPE_SMALLINT;
    case TypeKind::kInt:
      return DUCKDB_TYPE_INTEGER;
    case TypeKind::kBigInt:
      return DUCKDB_TYPE_BIGINT;
    case TypeKind::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case TypeKind::kFloat:
      return DUCKDB_TYPE_FLOAT;
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
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

Int128 ToInt128(const duckdb_hugeint& h) {
  return static_cast<Int128>((static_cast<UInt128>(static_cast<uint64_t>(h.upper)) << 64) |
                             h.lower);
}

Datum Timestamp(int64_t value, int64_t micros_per_unit) {
  // The infinities have no form on the wire.
  if (value == std::numeric_limits<int64_t>::max() ||
      value == -std::numeric_limits<int64_t>::max()) {
    return Datum::Null(TypeKind::kTimestamp);
  }
  int64_t micros = 0;
  if (__builtin_mul_overflow(value, micros_per_unit, &micros))
    return Datum::Null(TypeKind::kTimestamp);
  return Datum::Int(TypeKind::kTimestamp, micros);
}

void AppendUnits(std::string* out, int64_t n, std::string_view unit) {
  if (n == 0) return;
  if (!out->empty()) out->push_back(' ');
  *out += fmt::format("{} {}{}", n, unit, n == 1 || n == -1 ? "" : "s");
}

}  // namespace

duckdb_logical_type MakeDuckDbType(const DuckDbApi& api, const DataType& type) {
  if (type.kind == TypeKind::kDecimal) return api.create_decimal_type(type.precision, type.scale);
  if (type.kind == TypeKind::kEmbedding) {
    DuckDbType element(api.destroy_logical_type, api.create_logical_type(DUCKDB_TYPE_FLOAT));
    return api.create_array_type(element.get(), type.dimension);
  }
  return api.create_logical_type(PlainDuckDbType(type.kind));
}

Result<VectorType> DescribeType(const DuckDbApi& api, duckdb_logical_type type) {
  VectorType t;
  t.id = api.get_type_id(type);
  auto add_child = [&](duckdb_logical_type child) -> Status {
    DuckDbType owned(api.destroy_logical_type, child);
    KDB_ASSIGN_OR_RETURN(VectorType described, DescribeType(api, owned.get()));
    t.children.push_back(std::move(described));
    return Status::Ok();
  };
  switch (t.id) {
    case DUCKDB_TYPE_DECIMAL:
      t.internal = api.decimal_internal_type(type);
      t.width = api.decimal_width(type);
      t.scale = api.decimal_scale(type);
      return t;
    case DUCKDB_TYPE_ENUM: {
      t.internal = api.enum_internal_type(type);
      const uint32_t size = api.enum_dictionary_size(type);
      for (uint32_t i = 0; i < size; ++i) {
        char* name = api.enum_dictionary_value(type, i);
        t.names.emplace_back(name);
        api.free(name);
      }
      return t;
    }
    case DUCKDB_TYPE_LIST:
      KDB_RETURN_IF_ERROR(add_child(api.list_type_child_type(type)));
      return t;
    case DUCKDB_TYPE_ARRAY:
      t.array_size = api.array_type_array_size(type);
      KDB_RETURN_IF_ERROR(add_child(api.array_type_child_type(type)));
      return t;
    case DUCKDB_TYPE_MAP:
      KDB_RETURN_IF_ERROR(add_child(api.map_type_key_type(type)));
      KDB_RETURN_IF_ERROR(add_child(api.map_type_value_type(type)));
      return t;
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < api.struct_type_child_count(type); ++i) {
        char* name = api.struct_type_child_name(type, i);
        t.names.emplace_back(name);
        api.free(name);
        KDB_RETURN_IF_ERROR(add_child(api.struct_type_child_type(type, i)));
      }
      return t;
    case DUCKDB_TYPE_BIT:
    case DUCKDB_TYPE_UNION:
    case DUCKDB_TYPE_BIGNUM:
    case DUCKDB_TYPE_ANY:
    case DUCKDB_TYPE_INVALID:
      return NotImplemented("The result has a column of a type that cannot be answered; cast it");
    default:
      return t;
  }
}

DataType ReadType(const VectorType& type) {
  switch (type.id) {
    case DUCKDB_TYPE_BOOLEAN:
      return DataType::Of(TypeKind::kBoolean);
    case DUCKDB_TYPE_SMALLINT:
      return DataType::Of(TypeKind::kSmallInt);
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_INTEGER:
      return DataType::Of(TypeKind::kInt);
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_BIGINT:
      return DataType::Of(TypeKind::kBigInt);
    case DUCKDB_TYPE_FLOAT:
      return DataType::Of(TypeKind::kFloat);
    case DUCKDB_TYPE_DOUBLE:
      return DataType::Of(TypeKind::kDouble);
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return DataType::Of(TypeKind::kTimestamp);
    case DUCKDB_TYPE_DATE:
      return DataType::Of(TypeKind::kDate);
    case DUCKDB_TYPE_TIME:
    case DUCKDB_TYPE_TIME_NS:
    case DUCKDB_TYPE_TIME_TZ:
      return DataType::Of(TypeKind::kTime);
    case DUCKDB_TYPE_BLOB:
      return DataType::Of(TypeKind::kBytes);
    case DUCKDB_TYPE_UUID:
      return DataType::Of(TypeKind::kUuid);
    case DUCKDB_TYPE_DECIMAL:
      return DataType::Decimal(type.width, type.scale);
    case DUCKDB_TYPE_LIST:
      return DataType::Of(TypeKind::kList);
    case DUCKDB_TYPE_ARRAY:
      if (type.children[0].id == DUCKDB_TYPE_FLOAT && type.array_size <= kMaxEmbeddingDimension) {
        return DataType::Embedding(static_cast<uint16_t>(type.array_size));
      }
      return DataType::Of(TypeKind::kList);
    default:
      return DataType::Of(TypeKind::kText);
  }
}

std::string ReadWireType(const VectorType& type) {
  switch (type.id) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
      return "\"Text\"";
    default:
      return "";
  }
}

VectorReader::VectorReader(const DuckDbApi& api, const VectorType& type, duckdb_vector vector)
    : api_(&api),
      type_(&type),
      data_(api.vector_get_data(vector)),
      validity_(api.vector_get_validity(vector)) {
  switch (type.id) {
    case DUCKDB_TYPE_LIST:
      children_.emplace_back(api, type.children[0], api.list_vector_get_child(vector));
      break;
    case DUCKDB_TYPE_ARRAY:
      children_.emplace_back(api, type.children[0], api.array_vector_get_child(vector));
      break;
    case DUCKDB_TYPE_MAP: {
      // A map is a list of structs of key and value.
      duckdb_vector entries = api.list_vector_get_child(vector);
      for (idx_t i = 0; i < 2; ++i) {
        children_.emplace_back(api, type.children[i], api.struct_vector_get_child(entries, i));
      }
      break;
    }
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < type.children.size(); ++i) {
        children_.emplace_back(api, type.children[i], api.struct_vector_get_child(vector, i));
      }
      break;
    default:
      break;
  }
}

Result<Datum> VectorReader::Read(uint64_t row, Arena* arena) const {
  if (IsNull(row) || type_->id == DUCKDB_TYPE_SQLNULL) return Datum::Null(ReadType(*type_).kind);
  switch (type_->id) {
    case DUCKDB_TYPE_BOOLEAN:
      return Datum::Bool(At<bool>(row));
    case DUCKDB_TYPE_TINYINT:
      return Datum::Int(TypeKind::kInt, At<int8_t>(row));
    case DUCKDB_TYPE_UTINYINT:
      return Datum::Int(TypeKind::kInt, At<uint8_t>(row));
    case DUCKDB_TYPE_USMALLINT:
      return Datum::Int(TypeKind::kInt, At<uint16_t>(row));
    case DUCKDB_TYPE_UINTEGER:
      return Datum::Int(TypeKind::kInt, At<uint32_t>(row));
    case DUCKDB_TYPE_SMALLINT:
      return Datum::Int(TypeKind::kSmallInt, At<int16_t>(row));
    case DUCKDB_TYPE_INTEGER:
      return Datum::Int(TypeKind::kInt, At<int32_t>(row));
    case DUCKDB_TYPE_BIGINT:
      return Datum::BigInt(At<int64_t>(row));
    case DUCKDB_TYPE_HUGEINT: {
      const Int128 v = ToInt128(At<duckdb_hugeint>(row));
      if (v > std::numeric_limits<int64_t>::max() || v < std::numeric_limits<int64_t>::min()) {
        return ExecutionError("bigint out of range");
      }
      return Datum::BigInt(static_cast<int64_t>(v));
    }
    case DUCKDB_TYPE_UBIGINT:
      return Datum::Text(arena->Copy(fmt::to_string(At<uint64_t>(row))));
    case DUCKDB_TYPE_UHUGEINT: {
      const auto h = At<duckdb_uhugeint>(row);
      if (h.upper > 0) return ExecutionError("bigint out of range");
      return Datum::Text(arena->Copy(fmt::to_string(h.lower)));
    }
    case DUCKDB_TYPE_FLOAT:
      return Datum::Real(TypeKind::kFloat, At<float>(row));
    case DUCKDB_TYPE_DOUBLE:
      return Datum::Real(TypeKind::kDouble, At<double>(row));
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return Timestamp(At<int64_t>(row), 1);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return Timestamp(At<int64_t>(row), 1'000'000);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return Timestamp(At<int64_t>(row), 1'000);
    case DUCKDB_TYPE_TIMESTAMP_NS: {
      const auto nanos = At<int64_t>(row);
      const int64_t micros = nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0);
      return Datum::Int(TypeKind::kTimestamp, micros);
    }
    case DUCKDB_TYPE_DATE: {
      const auto days = At<int32_t>(row);
      if (days == std::numeric_limits<int32_t>::max() ||
          days == -std::numeric_limits<int32_t>::max()) {
        return Datum::Null(TypeKind::kDate);
      }
      return Datum::Int(TypeKind::kDate, days);
    }
    case DUCKDB_TYPE_TIME:
      return Datum::Int(TypeKind::kTime, At<int64_t>(row));
    case DUCKDB_TYPE_TIME_NS:
      return Datum::Int(TypeKind::kTime, At<int64_t>(row) / 1000);
    case DUCKDB_TYPE_TIME_TZ:
      return Datum::Int(TypeKind::kTime, static_cast<int64_t>(At<uint64_t>(row) >> 24));
    case DUCKDB_TYPE_DECIMAL: {
      Int128 unscaled = 0;
      switch (type_->internal) {
        case DUCKDB_TYPE_SMALLINT:
          unscaled = At<int16_t>(row);
          break;
        case DUCKDB_TYPE_INTEGER:
          unscaled = At<int32_t>(row);
          break;
        case DUCKDB_TYPE_BIGINT:
          unscaled = At<int64_t>(row);
          break;
        default:
          unscaled = ToInt128(At<duckdb_hugeint>(row));
          // Sums of the widest numbers are not checked there.
          if (unscaled >= kDecimalBound || unscaled <= -kDecimalBound) {
            return ExecutionError("numeric field overflow");
          }
          break;
      }
      return Datum::Decimal(unscaled, type_->scale);
    }
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB: {
      auto* s = const_cast<duckdb_string_t*>(static_cast<const duckdb_string_t*>(data_)) + row;
      const std::string_view bytes(api_->string_t_data(s), api_->string_t_length(*s));
      return Datum::Bytes(type_->id == DUCKDB_TYPE_BLOB ? TypeKind::kBytes : TypeKind::kText,
                          bytes);
    }
    case DUCKDB_TYPE_UUID: {
      const auto h = At<duckdb_hugeint>(row);
      char bytes[16];
      StoreFixed(bytes, __builtin_bswap64(static_cast<uint64_t>(h.upper) ^ kSignBit));
      StoreFixed(bytes + 8, __builtin_bswap64(h.lower));
      return Datum::Bytes(TypeKind::kUuid, arena->Copy({bytes, 16}));
    }
    case DUCKDB_TYPE_ENUM: {
      uint64_t index = 0;
      switch (type_->internal) {
        case DUCKDB_TYPE_UTINYINT:
          index = At<uint8_t>(row);
          break;
        case DUCKDB_TYPE_USMALLINT:
          index = At<uint16_t>(row);
          break;
        default:
          index = At<uint32_t>(row);
          break;
      }
      if (index >= type_->names.size()) return InternalError("enum value out of range");
      return Datum::Text(type_->names[index]);
    }
    case DUCKDB_TYPE_INTERVAL: {
      std::string text;
      AppendInterval(&text, At<duckdb_interval>(row));
      return Datum::Text(arena->Copy(text));
    }
    case DUCKDB_TYPE_ARRAY:
      if (ReadType(*type_).kind == TypeKind::kEmbedding) {
        const char* first =
            static_cast<const char*>(children_[0].data_) + row * type_->array_size * sizeof(float);
        return Datum::Bytes(TypeKind::kEmbedding, {first, type_->array_size * sizeof(float)});
      }
      [[fallthrough]];
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_STRUCT: {
      std::string json;
      KDB_RETURN_IF_ERROR(AppendJson(row, 0, arena, &json));
      return Datum::Bytes(ReadType(*type_).kind, arena->Copy(json));
    }
    default:
      return NotImplemented("The result has a column of a type that cannot be answered; cast it");
  }
}

Status VectorReader::AppendElements(uint64_t begin, uint64_t size, int depth, Arena* arena,
                                    std::string* out) const {
  out->push_back('[');
  for (uint64_t i = 0; i < size; ++i) {
    if (i > 0) out->push_back(',');
    KDB_RETURN_IF_ERROR(AppendJson(begin + i, depth, arena, out));
  }
  out->push_back(']');
  return Status::Ok();
}

Status VectorReader::AppendJson(uint64_t row, int depth, Arena* arena, std::string* out) const {
  if (depth > kMaxNesting) return ExecutionError("A value is nested too deeply");
  if (IsNull(row)) {
    *out += "null";
    return Status::Ok();
  }
  switch (type_->id) {
    case DUCKDB_TYPE_LIST: {
      const auto entry = At<duckdb_list_entry>(row);
      return children_[0].AppendElements(entry.offset, entry.length, depth + 1, arena, out);
    }
    case DUCKDB_TYPE_ARRAY:
      return children_[0].AppendElements(row * type_->array_size, type_->array_size, depth + 1,
                                         arena, out);
    case DUCKDB_TYPE_MAP: {
      const auto entry = At<duckdb_list_entry>(row);
      out->push_back('{');
      for (uint64_t i = 0; i < entry.length; ++i) {
        if (i > 0) out->push_back(',');
        KDB_ASSIGN_OR_RETURN(Datum key, children_[0].Read(entry.offset + i, arena));
        std::string name;
        AppendText(&name, key);
        AppendJsonString(out, name);
        out->push_back(':');
        KDB_RETURN_IF_ERROR(children_[1].AppendJson(entry.offset + i, depth + 1, arena, out));
      }
      out->push_back('}');
      return Status::Ok();
    }
    case DUCKDB_TYPE_STRUCT: {
      out->push_back('{');
      for (size_t i = 0; i < children_.size(); ++i) {
        if (i > 0) out->push_back(',');
        AppendJsonString(out, type_->names[i]);
        out->push_back(':');
        KDB_RETURN_IF_ERROR(children_[i].AppendJson(row, depth + 1, arena, out));
      }
      out->push_back('}');
      return Status::Ok();
    }
    default: {
      KDB_ASSIGN_OR_RETURN(Datum value, Read(row, arena));
      AppendCell(out, value);
      return Status::Ok();
    }
  }
}

VectorWriter::VectorWriter(const DuckDbApi& api, const DataType& type, duckdb_vector vector)
    : api_(&api), type_(type), vector_(vector), data_(api.vector_get_data(vector)) {
  if (type.kind == TypeKind::kEmbedding) {
    data_ = api.vector_get_data(api.array_vector_get_child(vector));
  }
}

void VectorWriter::WriteNull(uint64_t row) {
  if (validity_ == nullptr) {
    api_->vector_ensure_validity_writable(vector_);
    validity_ = api_->vector_get_validity(vector_);
  }
  validity_[row >> 6] &= ~(uint64_t{1} << (row & 63));
}

void VectorWriter::Write(uint64_t row, const Datum& value) {
  if (value.null) {
    WriteNull(row);
    return;
  }
  switch (type_.kind) {
    case TypeKind::kBoolean:
      static_cast<bool*>(data_)[row] = value.b;
      return;
    case TypeKind::kSmallInt:
      static_cast<int16_t*>(data_)[row] = static_cast<int16_t>(value.i);
      return;
    case TypeKind::kInt:
    case TypeKind::kDate:
      static_cast<int32_t*>(data_)[row] = static_cast<int32_t>(value.i);
      return;
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
    case TypeKind::kTime:
      static_cast<int64_t*>(data_)[row] = value.i;
      return;
    case TypeKind::kFloat:
      static_cast<float*>(data_)[row] = static_cast<float>(value.d);
      return;
    case TypeKind::kDouble:
      static_cast<double*>(data_)[row] = value.d;
      return;
    case TypeKind::kDecimal: {
      const Int128 unscaled = value.decimal();
      if (type_.precision <= 4) {
        static_cast<int16_t*>(data_)[row] = static_cast<int16_t>(unscaled);
      } else if (type_.precision <= 9) {
        static_cast<int32_t*>(data_)[row] = static_cast<int32_t>(unscaled);
      } else if (type_.precision <= 18) {
        static_cast<int64_t*>(data_)[row] = static_cast<int64_t>(unscaled);
      } else {
        static_cast<duckdb_hugeint*>(data_)[row] = {static_cast<uint64_t>(unscaled),
                                                    static_cast<int64_t>(unscaled >> 64)};
      }
      return;
    }
    case TypeKind::kUuid: {
      if (!value.has_bytes() || value.text().size() != 16) return WriteNull(row);
      const char* bytes = value.text().data();
      const uint64_t high = LoadBigEndian64(bytes);
      static_cast<duckdb_hugeint*>(data_)[row] = {LoadBigEndian64(bytes + 8),
                                                  static_cast<int64_t>(high ^ kSignBit)};
      return;
    }
    case TypeKind::kEmbedding: {
      const std::string_view bytes = value.has_bytes() ? value.text() : std::string_view();
      if (bytes.size() != type_.dimension * sizeof(float)) return WriteNull(row);
      std::memcpy(static_cast<char*>(data_) + row * bytes.size(), bytes.data(), bytes.size());
      return;
    }
    default: {
      std::string text;  // a number or date where text is due
      if (!value.has_bytes()) AppendText(&text, value);
      const std::string_view bytes = value.has_bytes() ? value.text() : std::string_view(text);
      api_->vector_assign_string_element_len(vector_, row, bytes.data(), bytes.size());
      return;
    }
  }
}

void AppendInterval(std::string* out, const duckdb_interval& interval) {
  std::string text;
  AppendUnits(&text, interval.months / 12, "year");
  AppendUnits(&text, interval.months % 12, "mon");
  AppendUnits(&text, interval.days, "day");
  if (interval.micros != 0 || text.empty()) {
    const bool negative = interval.micros < 0;
    uint64_t micros = negative ? 0 - static_cast<uint64_t>(interval.micros)
                               : static_cast<uint64_t>(interval.micros);
    if (!text.empty()) text.push_back(' ');
    if (negative) text.push_back('-');
    const uint64_t seconds = micros / 1'000'000;
    micros %= 1'000'000;
    text += fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (micros != 0) {
      std::string fraction = fmt::format(".{:06}", micros);
      fraction.erase(fraction.find_last_not_of('0') + 1);
      text += fraction;
    }
  }
  *out += text;
}

}  // namespace kalamdb::query
