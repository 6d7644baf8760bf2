// Boost.JSON's event parser behind the visitor.
#include "server/json_visit.h"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

namespace kalamdb::server {

namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;

constexpr size_t kMaxDepth = 32;
constexpr size_t kMaxKey = 1024;

std::string_view ToStd(string_view s) { return {s.data(), s.size()}; }

struct Handler {
  static constexpr size_t max_object_size = SIZE_MAX;
  static constexpr size_t max_array_size = SIZE_MAX;
  static constexpr size_t max_key_size = SIZE_MAX;
  static constexpr size_t max_string_size = SIZE_MAX;

  JsonVisitor* visitor = nullptr;
  bool array_root = false;
  Status status;
  size_t depth = 0;       // open arrays and objects
  bool in_array = false;  // the second level is an array that is being shown
  std::string key;
  std::string text;  // parts of a string so far

  bool Fail(error_code& ec, Status s) {
    status = std::move(s);
    ec = json::error::syntax;
    return false;
  }
  // Shows one value in its place, or skips it. `depth` does not count the value itself.
  bool Show(const JsonItem& item, error_code& ec) {
    if (depth == 0) {
      const bool wanted =
          array_root ? item.kind == JsonItem::Kind::kArray : item.kind == JsonItem::Kind::kObject;
      if (wanted) return true;
      return Fail(ec, Status(ErrorCode::kInvalidInput, array_root ? "a JSON array is expected"
                                                                  : "a JSON object is expected"));
    }
    const bool member = depth == 1 && !array_root;
    const bool element = array_root ? depth == 1 : depth == 2 && in_array;
    if (!member && !element) return true;
    Status s = member ? visitor->Field(key, item) : visitor->Element(key, item);
    return s.ok() || Fail(ec, std::move(s));
  }
  bool Open(JsonItem::Kind kind, error_code& ec) {
    JsonItem item;
    item.kind = kind;
    if (!Show(item, ec)) return false;
    if (depth == 1) in_array = kind == JsonItem::Kind::kArray;
    ++depth;
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec) { return Open(JsonItem::Kind::kObject, ec); }
  bool on_object_end(size_t, error_code&) {
    --depth;
    return true;
  }
  bool on_array_begin(error_code& ec) { return Open(JsonItem::Kind::kArray, ec); }
  bool on_array_end(size_t, error_code&) {
    --depth;
    return true;
  }
  bool on_key_part(string_view s, size_t n, error_code& ec) {
    if (n > kMaxKey) return Fail(ec, Status(ErrorCode::kInvalidInput, "a field name is too long"));
    text.append(s.data(), s.size());
    return true;
  }
  bool on_key(string_view s, size_t n, error_code& ec) {
    if (!on_key_part(s, n, ec)) return false;
    if (depth == 1) key.swap(text);
    text.clear();
    return true;
  }
  bool on_string_part(string_view s, size_t, error_code&) {
    text.append(s.data(), s.size());
    return true;
  }
  bool on_string(string_view s, size_t, error_code& ec) {
    JsonItem item;
    item.kind = JsonItem::Kind::kString;
    item.text = ToStd(s);
    if (!text.empty()) {
      text.append(s.data(), s.size());
      item.text = text;
    }
    const bool go_on = Show(item, ec);
    text.clear();
    return go_on;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(int64_t i, string_view, error_code& ec) {
    JsonItem item;
    item.kind = JsonItem::Kind::kInt;
    item.integer = i;
    return Show(item, ec);
  }
  bool on_uint64(uint64_t u, string_view s, error_code& ec) {
    if (u <= INT64_MAX) return on_int64(static_cast<int64_t>(u), s, ec);
    return on_double(static_cast<double>(u), s, ec);
  }
  bool on_double(double d, string_view s, error_code& ec) {
    JsonItem item;
    item.kind = JsonItem::Kind::kDouble;
    item.real = d;
    // The document lies in one piece, so `s` is the whole number; Boost's own value can be off by
    // one unit.
    double exact = 0;
    const auto [end, err] = std::from_chars(s.data(), s.data() + s.size(), exact);
    if (err == std::errc() && end == s.data() + s.size()) item.real = exact;
    return Show(item, ec);
  }
  bool on_bool(bool b, error_code& ec) {
    JsonItem item;
    item.kind = JsonItem::Kind::kBool;
    item.boolean = b;
    return Show(item, ec);
  }
  bool on_null(error_code& ec) { return Show({}, ec); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

Status Visit(std::string_view document, JsonVisitor* visitor, bool array_root) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<Handler> parser(options);
  parser.handler().visitor = visitor;
  parser.handler().array_root = array_root;
  error_code ec;
  size_t used = parser.write_some(false, document.data(), document.size(), ec);
  Handler& handler = parser.handler();
  if (!handler.status.ok()) return std::move(handler.status);
  if (!ec) {
    while (used < document.size() && std::strchr(" \t\r\n", document[used]) != nullptr &&
           document[used] != '\0') {
      ++used;
    }
    if (used < document.size()) ec = json::error::extra_data;
  }
  if (ec) {
    return Status(ErrorCode::kInvalidInput, fmt::format("{} near byte {}", ec.message(), used));
  }
  return Status::Ok();
}

}  // namespace

Status VisitJsonObject(std::string_view document, JsonVisitor* visitor) {
  return Visit(document, visitor, false);
}

Status VisitJsonArray(std::string_view document, JsonVisitor* visitor) {
  return Visit(document, visitor, true);
}

}  // namespace kalamdb::server
