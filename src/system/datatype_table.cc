// system.datatypes: which type of ours a type of Arrow becomes, for tools that exchange Arrow data.
#include "system/table_families.h"

namespace kalamdb::system {

namespace {

constexpr ColumnSpec kDatatypes[] = {
    {"arrow_type", T}, {"kalam_type", T}, {"sql_name", T}, {"description", T}};

struct Mapping {
  std::string_view arrow, kalam, sql, description;
};

constexpr Mapping kMappings[] = {
    {"Boolean", "Boolean", "BOOLEAN", "true or false"},
    {"Int8", "SmallInt", "SMALLINT", "8-bit integer, widened"},
    {"Int16", "SmallInt", "SMALLINT", "16-bit integer"},
    {"Int32", "Int", "INT", "32-bit integer"},
    {"Int64", "BigInt", "BIGINT", "64-bit integer"},
    {"UInt8", "SmallInt", "SMALLINT", "8-bit unsigned integer, widened"},
    {"UInt16", "Int", "INT", "16-bit unsigned integer, widened"},
    {"UInt32", "BigInt", "BIGINT", "32-bit unsigned integer, widened"},
    {"UInt64", "BigInt", "BIGINT", "64-bit unsigned integer, where it fits"},
    {"Float16", "Float", "FLOAT", "16-bit floating point, widened"},
    {"Float32", "Float", "FLOAT", "32-bit floating point"},
    {"Float64", "Double", "DOUBLE", "64-bit floating point"},
    {"Utf8", "Text", "TEXT", "UTF-8 text"},
    {"LargeUtf8", "Text", "TEXT", "UTF-8 text with 64-bit offsets"},
    {"Utf8View", "Text", "TEXT", "UTF-8 text by views"},
    {"Utf8 (json)", "Json", "JSON", "a JSON document as text"},
    {"Utf8 (file)", "File", "FILE", "a reference to an uploaded file"},
    {"Binary", "Bytes", "BYTES", "bytes"},
    {"LargeBinary", "Bytes", "BYTES", "bytes with 64-bit offsets"},
    {"BinaryView", "Bytes", "BYTES", "bytes by views"},
    {"FixedSizeBinary(16)", "Uuid", "UUID", "128-bit identifier"},
    {"FixedSizeList", "Embedding", "EMBEDDING", "a fixed number of 32-bit floats"},
    {"Decimal128", "Decimal", "DECIMAL", "exact number, up to 38 digits"},
    {"Date32", "Date", "DATE", "days since 1970-01-01"},
    {"Date64", "Date", "DATE", "milliseconds since 1970-01-01, cut to days"},
    {"Time64(Microsecond)", "Time", "TIME", "microseconds since midnight"},
    {"Timestamp(Microsecond, None)", "Timestamp", "TIMESTAMP",
     "microseconds since 1970-01-01, no zone"},
    {"Timestamp(Millisecond, None)", "Timestamp", "TIMESTAMP",
     "milliseconds since 1970-01-01, no zone"},
    {"Timestamp(Microsecond, Some(\"UTC\"))", "DateTime", "DATETIME",
     "microseconds since 1970-01-01 in UTC"}};
static_assert(std::size(kMappings) == 29);

Status FillDatatypes(const ScanContext& /*context*/, RowWriter& rows) {
  for (const Mapping& m : kMappings) {
    if (!rows.Text(m.arrow).Text(m.kalam).Text(m.sql).Text(m.description).Emit()) break;
  }
  return {};
}

constexpr TableSpec kSpecs[] = {{"system", "datatypes", false, kDatatypes, FillDatatypes}};

}  // namespace

std::span<const TableSpec> DatatypeTables() { return kSpecs; }

}  // namespace kalamdb::system
