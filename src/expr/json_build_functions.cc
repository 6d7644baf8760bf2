// Functions that make JSON: json_from_scalar, to_json, json_build_object, json_build_array.
#include <cmath>
#include <string>

#include "base/json_text.h"
#include "expr/json_scan.h"
#include "expr/scalar.h"

namespace kalamdb::expr {
namespace {

using Args = std::span<const Datum>;

// Numbers and booleans as they are, JSON as it is, everything else as a string of its text.
void AppendValue(std::string* out, const Datum& d) {
  if (d.null) {
    *out += "null";
    return;
  }
  std::string_view value;
  if (d.kind == TypeKind::kJson && ParseJson(d.text(), &value)) {
    AppendJsonCompact(out, value);
    return;
  }
  const bool finite = !IsFloating(d.kind) || std::isfinite(d.d);
  if ((IsNumeric(d.kind) && finite) || d.kind == TypeKind::kBoolean ||
      d.kind == TypeKind::kEmbedding) {
    AppendText(out, d);
    return;
  }
  std::string text;
  AppendText(&text, d);
  AppendJsonString(out, text);
}

Datum ToJson(const ScalarCall& call, Args a) {
  std::string out;
  AppendValue(&out, a[0]);
  return call.Copy(out);
}
Datum BuildArray(const ScalarCall& call, Args a) {
  std::string out = "[";
  for (const Datum& d : a) {
    if (out.size() > 1) out += ',';
    AppendValue(&out, d);
    if (out.size() > kMaxTextBytes) return call.Fail("requested length too large");
  }
  return call.Copy(out + "]");
}
Datum BuildObject(const ScalarCall& call, Args a) {
  if (a.size() % 2 != 0) return call.Fail("argument list must have even number of elements");
  std::string out = "{";
  for (size_t i = 0; i < a.size(); i += 2) {
    if (a[i].null) return call.Fail("null value not allowed for object key");
    if (out.size() > 1) out += ',';
    std::string key;
    AppendText(&key, a[i]);
    AppendJsonString(&out, key);
    out += ':';
    AppendValue(&out, a[i + 1]);
    if (out.size() > kMaxTextBytes) return call.Fail("requested length too large");
  }
  return call.Copy(out + "}");
}

DataType Json(std::span<const ExprPtr>) { return DataType::Of(TypeKind::kJson); }

constexpr Overload kFunctions[] = {
    {"json_from_scalar", "a", 't', kPlain, ToJson},
    {"to_json", "a", '?', kPlain, ToJson, Json},
    {"to_jsonb", "a", '?', kPlain, ToJson, Json},
    {"json_build_array", "a*", '?', kTakesNull, BuildArray, Json},
    {"jsonb_build_array", "a*", '?', kTakesNull, BuildArray, Json},
    {"json_build_object", "a*", '?', kTakesNull, BuildObject, Json},
    {"jsonb_build_object", "a*", '?', kTakesNull, BuildObject, Json},
};

}  // namespace

std::span<const Overload> JsonBuildFunctions() { return kFunctions; }

}  // namespace kalamdb::expr
