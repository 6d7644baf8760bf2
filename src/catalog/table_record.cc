#include "catalog/table_record.h"

#include <bit>

#include "base/bytes.h"

namespace kalamdb::catalog {
namespace {

constexpr uint8_t kTableRecordVersion = 1;
constexpr uint8_t kNullable = 1, kPrimaryKey = 2, kHasComment = 4, kIsSeq = 8, kIsDeleted = 16;
// A record that claims more is damaged; nothing is allocated for it.
constexpr uint64_t kMaxColumns = 65535;
constexpr uint64_t kMaxVersions = 1 << 20;

uint64_t ZigZag(int64_t v) {
  return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
}
int64_t UnZigZag(uint64_t v) { return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1); }

void AppendByte(std::string* out, uint8_t b) { out->push_back(static_cast<char>(b)); }

bool HoldsInteger(TypeKind k) {
  return IsInteger(k) || IsDateTimeKind(k) || k == TypeKind::kDate || k == TypeKind::kTime;
}

void EncodeLiteral(std::string* out, const Datum& d) {
  AppendByte(out, static_cast<uint8_t>(d.kind));
  AppendByte(out, d.null ? 1 : 0);
  if (d.null) return;
  if (d.kind == TypeKind::kBoolean) {
    AppendByte(out, d.b ? 1 : 0);
  } else if (HoldsInteger(d.kind)) {
    AppendVarint(out, ZigZag(d.i));
  } else if (IsFloating(d.kind)) {
    AppendFixed<double>(out, d.d);
  } else if (d.kind == TypeKind::kDecimal) {
    AppendByte(out, d.scale);
    AppendFixed<uint64_t>(out, d.words[0]);
    AppendFixed<uint64_t>(out, d.words[1]);
  } else {
    AppendLengthPrefixed(out, d.text());
  }
}

Value DecodeLiteral(ByteReader* in) {
  const auto kind = static_cast<TypeKind>(in->Byte());
  if (in->Byte() != 0) return Value(Datum::Null(kind));
  if (kind == TypeKind::kBoolean) return Value(Datum::Bool(in->Byte() != 0));
  if (HoldsInteger(kind)) return Value(Datum::Int(kind, UnZigZag(in->Varint())));
  if (IsFloating(kind)) return Value(Datum::Real(kind, in->Fixed<double>()));
  if (kind == TypeKind::kDecimal) {
    Datum d = Datum::Decimal(0, in->Byte());
    d.words[0] = in->Fixed<uint64_t>();
    d.words[1] = in->Fixed<uint64_t>();
    return Value(d);
  }
  return Value(Datum::Bytes(kind, in->LengthPrefixed()));
}

void EncodeColumn(std::string* out, const Column& c) {
  AppendVarint(out, c.id);
  uint8_t flags = (c.nullable ? kNullable : 0) | (c.primary_key ? kPrimaryKey : 0);
  if (c.name == kSeqColumn || c.name == kDeletedColumn) {
    AppendByte(out, flags | (c.name == kSeqColumn ? kIsSeq : kIsDeleted));
    return;
  }
  if (!c.comment.empty()) flags |= kHasComment;
  AppendByte(out, flags);
  AppendLengthPrefixed(out, c.name);
  AppendByte(out, static_cast<uint8_t>(c.type.kind));
  if (c.type.kind == TypeKind::kDecimal) {
    AppendByte(out, c.type.precision);
    AppendByte(out, c.type.scale);
  } else if (c.type.kind == TypeKind::kEmbedding) {
    AppendVarint(out, c.type.dimension);
  }
  AppendByte(out, static_cast<uint8_t>(c.default_value.kind));
  if (c.default_value.kind == ColumnDefault::Kind::kLiteral) {
    EncodeLiteral(out, c.default_value.literal.datum());
  } else if (c.default_value.kind == ColumnDefault::Kind::kFunction) {
    AppendByte(out, static_cast<uint8_t>(c.default_value.function));
  }
  if (!c.comment.empty()) AppendLengthPrefixed(out, c.comment);
}

Column DecodeColumn(ByteReader* in) {
  const auto id = static_cast<uint32_t>(in->Varint());
  const uint8_t flags = in->Byte();
  if ((flags & kIsSeq) != 0) return SeqColumn(id);
  if ((flags & kIsDeleted) != 0) return DeletedColumn(id);
  Column c;
  c.id = id;
  c.nullable = (flags & kNullable) != 0;
  c.primary_key = (flags & kPrimaryKey) != 0;
  c.name = in->LengthPrefixed();
  c.type.kind = static_cast<TypeKind>(in->Byte());
  if (c.type.kind == TypeKind::kDecimal) {
    c.type.precision = in->Byte();
    c.type.scale = in->Byte();
  } else if (c.type.kind == TypeKind::kEmbedding) {
    c.type.dimension = static_cast<uint16_t>(in->Varint());
  }
  c.default_value.kind = static_cast<ColumnDefault::Kind>(in->Byte());
  if (c.default_value.kind == ColumnDefault::Kind::kLiteral) {
    c.default_value.literal = DecodeLiteral(in);
  } else if (c.default_value.kind == ColumnDefault::Kind::kFunction) {
    c.default_value.function = static_cast<ColumnDefault::Function>(in->Byte());
  }
  if ((flags & kHasComment) != 0) c.comment = in->LengthPrefixed();
  return c;
}

void EncodeOptions(std::string* out, const TableOptions& o) {
  AppendLengthPrefixed(out, o.storage_id);
  AppendByte(out, o.use_user_storage ? 1 : 0);
  AppendVarint(out, o.flush_rows);
  AppendVarint(out, o.flush_interval_seconds);
  AppendLengthPrefixed(out, o.compression);
  AppendByte(out, static_cast<uint8_t>(o.access_level));
  AppendVarint(out, o.ttl_seconds);
  AppendLengthPrefixed(out, o.eviction_strategy);
  AppendVarint(out, o.max_stream_size_bytes);
}

TableOptions DecodeOptions(ByteReader* in) {
  TableOptions o;
  o.storage_id = in->LengthPrefixed();
  o.use_user_storage = in->Byte() != 0;
  o.flush_rows = static_cast<uint32_t>(in->Varint());
  o.flush_interval_seconds = static_cast<uint32_t>(in->Varint());
  o.compression = in->LengthPrefixed();
  o.access_level = static_cast<AccessLevel>(in->Byte());
  o.ttl_seconds = in->Varint();
  o.eviction_strategy = in->LengthPrefixed();
  o.max_stream_size_bytes = in->Varint();
  return o;
}

}  // namespace

Column SeqColumn(uint32_t id) {
  Column c;
  c.id = id;
  c.name = kSeqColumn;
  c.type = DataType::Of(TypeKind::kBigInt);
  c.nullable = false;
  c.comment = "Version ID (MVCC) with embedded timestamp";
  return c;
}

Column DeletedColumn(uint32_t id) {
  Column c;
  c.id = id;
  c.name = kDeletedColumn;
  c.type = DataType::Of(TypeKind::kBoolean);
  c.nullable = false;
  c.default_value.kind = ColumnDefault::Kind::kLiteral;
  c.default_value.literal = Value(Datum::Bool(false));
  c.comment = "Soft delete flag";
  return c;
}

void EncodeColumns(const Schema& schema, std::string* out) {
  AppendVarint(out, schema.size());
  for (const Column& c : schema.columns()) EncodeColumn(out, c);
}

Result<std::vector<Column>> DecodeColumns(std::string_view bytes) {
  ByteReader in(bytes);
  const uint64_t n = in.Varint();
  if (n > kMaxColumns) return Corruption("table record: too many columns");
  std::vector<Column> columns;
  for (uint64_t i = 0; i < n && in.ok(); ++i) columns.push_back(DecodeColumn(&in));
  if (!in.ok() || !in.empty()) return Corruption("table record: columns are damaged");
  return columns;
}

std::string EncodeTable(const TableInfo& table) {
  std::string out;
  AppendByte(&out, kTableRecordVersion);
  AppendByte(&out, static_cast<uint8_t>(table.kind));
  AppendLengthPrefixed(&out, table.ns);
  AppendLengthPrefixed(&out, table.name);
  AppendVarint(&out, static_cast<uint64_t>(table.created_millis));
  AppendVarint(&out, table.policy_version);
  EncodeOptions(&out, table.options);
  AppendVarint(&out, table.versions.size());
  std::string columns;
  for (size_t i = 0; i < table.versions.size(); ++i) {
    AppendVarint(&out, ZigZag(table.version_millis[i] - table.created_millis));
    columns.clear();
    EncodeColumns(*table.versions[i], &columns);
    AppendLengthPrefixed(&out, columns);
  }
  return out;
}

Result<std::shared_ptr<TableInfo>> DecodeTable(TableId id, std::string_view record,
                                               SchemaInterner* interner) {
  ByteReader in(record);
  if (const uint8_t version = in.Byte(); version != kTableRecordVersion) {
    return Corruption(fmt::format("table record #{} has unknown format {}", id, version));
  }
  auto table = std::make_shared<TableInfo>();
  table->id = id;
  table->kind = static_cast<TableKind>(in.Byte());
  table->ns = in.LengthPrefixed();
  table->name = in.LengthPrefixed();
  table->created_millis = static_cast<int64_t>(in.Varint());
  table->policy_version = static_cast<uint32_t>(in.Varint());
  table->options = DecodeOptions(&in);
  const uint64_t versions = in.Varint();
  if (versions == 0 || versions > kMaxVersions) {
    return Corruption(fmt::format("table record #{} is damaged", id));
  }
  for (uint64_t v = 1; v <= versions && in.ok(); ++v) {
    table->version_millis.push_back(table->created_millis + UnZigZag(in.Varint()));
    const std::string_view bytes = in.LengthPrefixed();
    if (!in.ok()) break;
    const auto number = static_cast<uint32_t>(v);
    if (interner != nullptr) {
      KDB_ASSIGN_OR_RETURN(SchemaPtr schema, interner->Intern(number, bytes));
      table->versions.push_back(std::move(schema));
    } else {
      KDB_ASSIGN_OR_RETURN(std::vector<Column> columns, DecodeColumns(bytes));
      table->versions.push_back(std::make_shared<const Schema>(number, std::move(columns)));
    }
  }
  if (!in.ok() || !in.empty()) return Corruption(fmt::format("table record #{} is damaged", id));
  table->schema = table->versions.back();
  return table;
}

}  // namespace kalamdb::catalog
