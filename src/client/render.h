// Results as text: the formats of the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/cell_text.h"
#include "client/sql_reply.h"

namespace kalamdb::client {

enum class OutputFormat { kTable, kJson, kCsv };
std::optional<OutputFormat> OutputFormatByName(std::string_view name);
std::string_view OutputFormatName(OutputFormat format);

// One result as a box and its row count, or its message; no trailing line of timing. Columns shrink
// until the box fits into `width` columns of a terminal.
std::string RenderTable(const SqlResult& result, size_t width, TimestampFormat timestamps);
// Header and rows after RFC 4180; nothing for a result without rows.
std::string RenderCsv(const SqlResult& result, TimestampFormat timestamps);
// A whole successful reply in `format`, ending in a line end: all results in order and, in a table,
// "Took:".
std::string RenderReply(const SqlReply& reply, OutputFormat format, size_t width,
                        TimestampFormat timestamps);

}  // namespace kalamdb::client
