// The stored form of a table: everything but its id, which is the key.
//
//   byte      format version: 1
//   byte      kind (TableKind)
//   text      namespace, name                   text: varint length, bytes
//   varint    created, milliseconds
//   varint    policy version
//   options   text storage id; byte use_user_storage; varint flush rows, flush seconds; text
//   compression;
//             byte access level; varint ttl seconds; text eviction strategy; varint max stream
//             bytes
//   varint    number of schema versions, then for each, oldest first:
//             varint milliseconds after the table's creation
//             text   the schema's columns (below)
//
// Columns of one schema version:
//
//   varint    number of columns, then for each:
//   varint    column id
//   byte      flags: 1 nullable, 2 primary key, 4 has a comment, 8 _seq, 16 _deleted
//   the rest is left out for _seq and _deleted, which are alike everywhere:
//   text      name
//   byte      type (TypeKind); DECIMAL: bytes precision and scale; EMBEDDING: varint dimension
//   byte      default: 0 none, 1 literal, 2 function
//   literal:  byte kind, byte NULL or not, then the value: BOOLEAN a byte, integers and times a
//   zigzag varint,
//             FLOAT and DOUBLE 8 bytes, DECIMAL a byte scale and 16 bytes, the rest text
//   function: byte (ColumnDefault::Function)
//   text      comment, if flagged
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "catalog/schema_interner.h"
#include "catalog/table.h"

namespace kalamdb::catalog {

std::string EncodeTable(const TableInfo& table);
// kCorruption when the bytes are no such record. Schemas come from `interner`, or are made anew
// when it is null.
Result<std::shared_ptr<TableInfo>> DecodeTable(TableId id, std::string_view record,
                                               SchemaInterner* interner);

void EncodeColumns(const Schema& schema, std::string* out);
Result<std::vector<Column>> DecodeColumns(std::string_view bytes);

// The columns that every table ends with when it is created.
Column SeqColumn(uint32_t id);
Column DeletedColumn(uint32_t id);

}  // namespace kalamdb::catalog
