// Splitting a form at its boundaries.
#include "server/multipart.h"

#include <optional>

#include "server/request.h"

namespace kalamdb::server {

namespace {

Status Malformed(std::string_view what) {
  return {ErrorCode::kInvalidInput, fmt::format("Invalid multipart body: {}", what)};
}

// The value of parameter `name` in `type; a=b; name="c"`; nothing when it is absent or malformed.
std::optional<std::string> Parameter(std::string_view header, std::string_view name) {
  size_t at = header.find(';');
  while (at != std::string_view::npos && at < header.size()) {
    ++at;
    while (at < header.size() && (header[at] == ' ' || header[at] == '\t')) ++at;
    const size_t equals = header.find_first_of("=;", at);
    if (equals == std::string_view::npos) return std::nullopt;
    if (header[equals] == ';') {
      at = equals;
      continue;
    }
    const std::string_view key = TrimBlanks(header.substr(at, equals - at));
    std::string value;
    at = equals + 1;
    if (at < header.size() && header[at] == '"') {
      for (++at; at < header.size() && header[at] != '"'; ++at) {
        if (header[at] == '\\' && at + 1 < header.size()) ++at;
        value += header[at];
      }
      if (at >= header.size()) return std::nullopt;
      at = header.find(';', at);
    } else {
      const size_t end = header.find(';', at);
      value = TrimBlanks(header.substr(at, end == std::string_view::npos ? end : end - at));
      at = end;
    }
    if (EqualsIgnoreCase(key, name)) return value;
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<FormPart>> ParseMultipart(std::string_view content_type, std::string_view body) {
  const auto boundary = Parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70) return Malformed("no boundary");
  const std::string opening = "--" + *boundary;
  const std::string delimiter = "\r\n" + opening;
  // What stands before the first boundary is no part.
  size_t at = 0;
  if (!body.starts_with(opening)) {
    at = body.find(delimiter);
    if (at == std::string_view::npos) return Malformed("the boundary does not occur");
    at += 2;
  }
  at += opening.size();
  std::vector<FormPart> parts;
  for (;;) {
    if (body.substr(at).starts_with("--")) return parts;
    // Blanks may follow a boundary.
    while (at < body.size() && (body[at] == ' ' || body[at] == '\t')) ++at;
    if (!body.substr(at).starts_with("\r\n")) return Malformed("a boundary line does not end");
    at += 2;
    if (parts.size() == kMaxFormParts) return Malformed("too many parts");
    FormPart part;
    bool named = false;
    for (;;) {
      const size_t end = body.find("\r\n", at);
      if (end == std::string_view::npos) return Malformed("cut off in a part's headers");
      const std::string_view line = body.substr(at, end - at);
      at = end + 2;
      if (line.empty()) break;
      const size_t colon = line.find(':');
      if (colon == std::string_view::npos) return Malformed("a header without colon");
      if (EqualsIgnoreCase(TrimBlanks(line.substr(0, colon)), "content-disposition")) {
        if (auto name = Parameter(line.substr(colon + 1), "name")) {
          part.name = std::move(*name);
          named = true;
        }
      }
    }
    if (!named) return Malformed("a part without name");
    // An empty part's delimiter begins with the CRLF that ended its headers.
    const size_t end = body.find(delimiter, at - 2);
    if (end == std::string_view::npos) return Malformed("cut off in a part");
    part.content = end < at ? std::string_view() : body.substr(at, end - at);
    parts.push_back(std::move(part));
    at = end + delimiter.size();
  }
}

}  // namespace kalamdb::server
