// multipart/form-data (RFC 7578) over a body that is wholly there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kalamdb::server {

struct FormPart {
  std::string name;
  std::string_view content;  // into the body
};

inline constexpr size_t kMaxFormParts = 128;

// kInvalidInput: no boundary, a cut-off body, malformed part headers, too many parts.
Result<std::vector<FormPart>> ParseMultipart(std::string_view content_type, std::string_view body);

}  // namespace kalamdb::server
