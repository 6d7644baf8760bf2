// file('path'[, 'mime']) in a statement: files that a request brings with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kalamdb::client {

struct FileCall {
  std::string placeholder;  // unique within the statement
  std::string path;         // as it was written
  std::string mime;         // empty: none given
};

struct FileCalls {
  std::string sql;  // every call replaced by FILE("<placeholder>")
  std::vector<FileCall> calls;
};

// Files in one statement.
inline constexpr size_t kMaxFileCalls = 64;

// Looks outside strings, quoted names and comments, for the word in lower case and a bracket right
// behind it. Error: `Parse error: Invalid file() syntax: ...`.
Result<FileCalls> TakeFileCalls(std::string_view sql);

// What a form sends of one file.
struct FilePart {
  std::string placeholder;
  std::string file_name;  // as the server may show it
  std::string mime;       // empty: application/octet-stream
  std::string content;
};

struct Form {
  std::string content_type;
  std::string body;
  std::vector<size_t> file_ends;  // in body, one for each file: what shows the progress
};

// multipart/form-data with the parts sql, params (a JSON array; empty: none), namespace_id (empty:
// none) and file:<placeholder>.
Form BuildForm(std::string_view sql, std::string_view params_json, std::string_view namespace_id,
               const std::vector<FilePart>& files);

}  // namespace kalamdb::client
