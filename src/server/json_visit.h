// Request bodies that are a JSON object or array, visited without building a tree.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"

namespace kalamdb::server {

struct JsonItem {
  enum class Kind : uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  bool boolean = false;
  int64_t integer = 0;    // exact; integers beyond 64 bits come as kDouble
  double real = 0;        // correctly rounded
  std::string_view text;  // ends with the call
};

class JsonVisitor {
 public:
  // A member of the object. For an array or object its contents follow, or are skipped.
  virtual Status Field(std::string_view key, const JsonItem& item) = 0;
  // An element of the array that is the member `key` (empty: of the array that is the document). Of
  // nested arrays and objects only the fact is shown.
  virtual Status Element(std::string_view key, const JsonItem& item) = 0;

 protected:
  ~JsonVisitor() = default;
};

// kInvalidInput for what is no such document: wrong syntax or root, UTF-8 errors, nesting beyond
// 32, text behind the end. Otherwise the visitor's first error. Repeated keys are the visitor's
// business.
Status VisitJsonObject(std::string_view document, JsonVisitor* visitor);
Status VisitJsonArray(std::string_view document, JsonVisitor* visitor);

}  // namespace kalamdb::server
