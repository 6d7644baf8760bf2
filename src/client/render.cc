// Boxes, commas and JSON.
#include "client/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/display_width.h"
#include "client/json.h"

namespace kalamdb::client {
namespace json = boost::json;
namespace {

// Of columns in a box that does not fit: first all are capped, then the widest shrink to the floor,
// then to 1.
constexpr size_t kCappedWidth = 32;
constexpr size_t kFloorWidth = 6;

using Cells = std::vector<std::vector<std::string>>;

Cells TextOfRows(const SqlResult& result, TimestampFormat timestamps) {
  Cells table;
  const json::array* rows = result.rows();
  if (rows == nullptr) return table;
  table.reserve(rows->size());
  for (const json::value& row : *rows) {
    std::vector<std::string>& line = table.emplace_back(result.columns.size());
    const json::array* cells = row.if_array();
    if (cells == nullptr) continue;
    for (size_t i = 0; i < line.size() && i < cells->size(); ++i) {
      line[i] = CellText((*cells)[i], result.columns[i].data_type, timestamps);
    }
  }
  return table;
}

size_t BoxWidth(const std::vector<size_t>& widths) {
  size_t total = widths.size() * 3 + 1;
  for (const size_t w : widths) total += w;
  return total;
}

// Lowers the widest columns to a common ceiling, not below `floor`, until the box fits or nothing
// is left to take.
void Shrink(std::vector<size_t>* widths, size_t floor, size_t limit) {
  while (BoxWidth(*widths) > limit) {
    const auto widest = std::max_element(widths->begin(), widths->end());
    if (widest == widths->end() || *widest <= floor) return;
    --*widest;
  }
}

void AppendRule(std::string* out, const std::vector<size_t>& widths, const char* left,
                const char* middle, const char* right) {
  *out += left;
  for (size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) *out += middle;
    for (size_t k = 0; k < widths[i] + 2; ++k) *out += "─";
  }
  *out += right;
  *out += '\n';
}

void AppendLine(std::string* out, const std::vector<size_t>& widths,
                const std::vector<std::string>& cells) {
  *out += "│";
  for (size_t i = 0; i < widths.size(); ++i) {
    const std::string cell = FitToWidth(cells[i], widths[i]);
    *out += ' ';
    *out += cell;
    out->append(widths[i] - std::min(widths[i], DisplayWidth(cell)) + 1, ' ');
    *out += "│";
  }
  *out += '\n';
}

std::string RenderBox(const SqlResult& result, size_t width, TimestampFormat timestamps) {
  Cells table = TextOfRows(result, timestamps);
  std::vector<std::string> header;
  std::vector<size_t> widths;
  for (const ReplyColumn& column : result.columns) {
    header.push_back(EscapeControls(column.name));
    widths.push_back(std::max<size_t>(1, DisplayWidth(header.back())));
  }
  for (std::vector<std::string>& line : table) {
    for (size_t i = 0; i < line.size(); ++i) {
      line[i] = EscapeControls(line[i]);
      widths[i] = std::max(widths[i], DisplayWidth(line[i]));
    }
  }
  if (BoxWidth(widths) > width) {
    for (size_t& w : widths) w = std::min(w, kCappedWidth);
    Shrink(&widths, kFloorWidth, width);
    Shrink(&widths, 1, width);
  }
  std::string out;
  AppendRule(&out, widths, "┌", "┬", "┐");
  AppendLine(&out, widths, header);
  AppendRule(&out, widths, "├", "┼", "┤");
  for (const std::vector<std::string>& line : table) AppendLine(&out, widths, line);
  AppendRule(&out, widths, "└", "┴", "┘");
  out += fmt::format("({} {})\n", table.size(), table.size() == 1 ? "row" : "rows");
  return out;
}

void AppendCsvCell(std::string* out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out->append(text);
    return;
  }
  *out += '"';
  for (const char c : text) {
    if (c == '"') *out += '"';
    *out += c;
  }
  *out += '"';
}

}  // namespace

std::optional<OutputFormat> OutputFormatByName(std::string_view name) {
  if (name == "table") return OutputFormat::kTable;
  if (name == "json") return OutputFormat::kJson;
  if (name == "csv") return OutputFormat::kCsv;
  return std::nullopt;
}

std::string_view OutputFormatName(OutputFormat format) {
  switch (format) {
    case OutputFormat::kTable:
      return "table";
    case OutputFormat::kJson:
      return "json";
    case OutputFormat::kCsv:
      return "csv";
  }
  return "table";
}

std::string RenderTable(const SqlResult& result, size_t width, TimestampFormat timestamps) {
  if (!result.message.empty()) {
    return fmt::format("{}\nQuery OK, {} rows affected\n", result.message, result.row_count);
  }
  if (result.columns.empty()) return fmt::format("Query OK, {} rows affected\n", result.row_count);
  return RenderBox(result, width, timestamps);
}

std::string RenderCsv(const SqlResult& result, TimestampFormat timestamps) {
  const Cells table = TextOfRows(result, timestamps);
  if (table.empty() || result.columns.empty()) return {};
  std::string out;
  for (size_t i = 0; i < result.columns.size(); ++i) {
    if (i > 0) out += ',';
    AppendCsvCell(&out, result.columns[i].name);
  }
  out += '\n';
  for (const std::vector<std::string>& line : table) {
    for (size_t i = 0; i < line.size(); ++i) {
      if (i > 0) out += ',';
      AppendCsvCell(&out, line[i]);
    }
    out += '\n';
  }
  return out;
}

std::string RenderReply(const SqlReply& reply, OutputFormat format, size_t width,
                        TimestampFormat timestamps) {
  std::string out;
  switch (format) {
    case OutputFormat::kJson:
      return PrettyJson(reply.Document()) + "\n";
    case OutputFormat::kCsv:
      for (const SqlResult& result : reply.results) {
        const std::string text = RenderCsv(result, timestamps);
        if (!out.empty() && !text.empty()) out += '\n';
        out += text;
      }
      return out;
    case OutputFormat::kTable:
      break;
  }
  if (reply.results.empty()) out = "Query OK, 0 rows affected\n";
  for (const SqlResult& result : reply.results) {
    out += RenderTable(result, width, timestamps);
    out += '\n';
    if (!result.as_user.empty()) out += fmt::format("As: {}\n", EscapeControls(result.as_user));
  }
  if (reply.results.empty()) out += '\n';
  out += fmt::format("Took: {:.3f} ms\n", reply.took_ms);
  return out;
}

}  // namespace kalamdb::client
