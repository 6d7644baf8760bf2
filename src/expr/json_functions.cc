// -> ->> #> #>> ? @> and the json_* functions that read. Text that is no JSON reads as NULL, as
// does a missing path and a value of the wrong kind.
#include <boost/json.hpp>
#include <string>

#include "expr/json_scan.h"
#include "expr/scalar.h"

namespace kalamdb::expr {
namespace {

namespace json = boost::json;
using Args = std::span<const Datum>;

// One step down: an integer names an element, text a member.
bool Step(std::string_view value, const Datum& step, std::string_view* next) {
  if (step.null) return false;
  if (IsInteger(step.kind)) return JsonElement(value, step.i, next);
  return JsonMember(value, step.text(), next);
}

// The value at the path that args[1..] spell.
bool Walk(Args a, std::string_view* value) {
  if (!ParseJson(a[0].text(), value)) return false;
  for (const Datum& step : a.subspan(1)) {
    if (!Step(*value, step, value)) return false;
  }
  return true;
}

// A path as #> takes it: text, a member's name in an object and an index in an array.
bool StepByText(std::string_view value, std::string_view step, std::string_view* next) {
  int64_t index = 0;
  if (!value.empty() && value[0] == '[') {
    return ParseInt64(step, &index) && JsonElement(value, index, next);
  }
  return JsonMember(value, step, next);
}

// The elements of an array literal: {a,b,"c d",0}. False when it is none.
bool ParsePath(std::string_view text, std::vector<std::string>* out) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return false;
  text = text.substr(1, text.size() - 2);
  if (text.empty()) return true;
  for (size_t i = 0;;) {
    std::string item;
    while (i < text.size() && text[i] == ' ') ++i;
    if (i < text.size() && text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        item.push_back(text[i]);
      }
      if (i == text.size()) return false;
      ++i;
      while (i < text.size() && text[i] == ' ') ++i;
    } else {
      while (i < text.size() && text[i] != ',') item.push_back(text[i++]);
      while (!item.empty() && item.back() == ' ') item.pop_back();
      if (item.empty()) return false;
    }
    out->push_back(std::move(item));
    if (i == text.size()) return true;
    if (text[i++] != ',') return false;
  }
}

Datum AsJson(const ScalarCall& call, std::string_view value) {
  std::string out;
  AppendJsonCompact(&out, value);
  return call.Copy(out);
}
Datum AsText(const ScalarCall& call, std::string_view value) {
  if (value == "null") return call.Null();
  if (value[0] != '"') return AsJson(call, value);
  std::string out;
  AppendJsonUnescaped(&out, value);
  return call.Copy(out);
}

Datum GetJson(const ScalarCall& call, Args a) {
  std::string_view v;
  return Walk(a, &v) ? AsJson(call, v) : call.Null();
}
Datum GetText(const ScalarCall& call, Args a) {
  std::string_view v;
  return Walk(a, &v) ? AsText(call, v) : call.Null();
}
Datum GetString(const ScalarCall& call, Args a) {
  std::string_view v;
  return Walk(a, &v) && v[0] == '"' ? AsText(call, v) : call.Null();
}
Datum GetInt(const ScalarCall& call, Args a) {
  std::string_view v;
  int64_t i = 0;
  if (!Walk(a, &v) || !(v[0] == '-' || (v[0] >= '0' && v[0] <= '9'))) return call.Null();
  return v.find_first_of(".eE") == v.npos && ParseInt64(v, &i) ? call.Int(i) : call.Null();
}
Datum GetFloat(const ScalarCall& call, Args a) {
  std::string_view v;
  double d = 0;
  if (!Walk(a, &v) || !(v[0] == '-' || (v[0] >= '0' && v[0] <= '9'))) return call.Null();
  return ParseDouble(v, &d) ? call.Real(d) : call.Null();
}
Datum GetBool(const ScalarCall& call, Args a) {
  std::string_view v;
  if (!Walk(a, &v) || (v != "true" && v != "false")) return call.Null();
  return Datum::Bool(v == "true");
}
Datum GetArray(const ScalarCall& call, Args a) {
  std::string_view v;
  return Walk(a, &v) && v[0] == '[' ? AsJson(call, v) : call.Null();
}
Datum Length(const ScalarCall& call, Args a) {
  std::string_view v;
  return Walk(a, &v) && (v[0] == '[' || v[0] == '{') ? call.Int(JsonCount(v)) : call.Null();
}
Datum ArrayLength(const ScalarCall& call, Args a) {
  std::string_view v;
  return Walk(a, &v) && v[0] == '[' ? call.Int(JsonCount(v)) : call.Null();
}
Datum Keys(const ScalarCall& call, Args a) {
  std::string_view v;
  if (!Walk(a, &v) || v[0] != '{') return call.Null();
  std::string out = "[";
  JsonForEach(v, [&](std::string_view key, std::string_view) {
    if (out.size() > 1) out += ',';
    out.append("\"").append(key).append("\"");
    return true;
  });
  return call.Copy(out + "]");
}
Datum TypeOf(const ScalarCall& call, Args a) {
  std::string_view v;
  if (!Walk(a, &v)) return call.Null();
  switch (v[0]) {
    case '{':
      return call.View("object");
    case '[':
      return call.View("array");
    case '"':
      return call.View("string");
    case 't':
    case 'f':
      return call.View("boolean");
    case 'n':
      return call.View("null");
    default:
      return call.View("number");
  }
}
Datum Valid(const ScalarCall&, Args a) {
  std::string_view v;
  return Datum::Bool(ParseJson(a[0].text(), &v));
}

// A key of an object, or a string among the elements of an array.
bool HasKey(std::string_view value, std::string_view key) {
  std::string_view member;
  if (value[0] == '{') return JsonMember(value, key, &member);
  bool found = false;
  JsonForEach(value, [&](std::string_view, std::string_view element) {
    found = element[0] == '"' && JsonStringEquals(element.substr(1, element.size() - 2), key);
    return !found;
  });
  return found;
}
Datum KeyExists(const ScalarCall& call, Args a) {
  std::string_view v;
  return ParseJson(a[0].text(), &v) ? Datum::Bool(HasKey(v, a[1].text())) : call.Null();
}
// json_contains(doc, path...): whether the path leads anywhere.
Datum PathExists(const ScalarCall& call, Args a) {
  std::string_view v;
  if (!ParseJson(a[0].text(), &v)) return call.Null();
  for (const Datum& step : a.subspan(1)) {
    if (!Step(v, step, &v)) return Datum::Bool(false);
  }
  return Datum::Bool(true);
}

bool WalkArray(Args a, std::string_view* v, bool* malformed) {
  std::vector<std::string> path;
  *malformed = !ParsePath(a[1].text(), &path);
  if (*malformed || !ParseJson(a[0].text(), v)) return false;
  for (const std::string& step : path) {
    if (!StepByText(*v, step, v)) return false;
  }
  return true;
}
Datum PathJson(const ScalarCall& call, Args a) {
  std::string_view v;
  bool malformed = false;
  if (WalkArray(a, &v, &malformed)) return AsJson(call, v);
  return malformed ? call.Fail(fmt::format("malformed array literal: \"{}\"", a[1].text()))
                   : call.Null();
}
Datum PathText(const ScalarCall& call, Args a) {
  std::string_view v;
  bool malformed = false;
  if (WalkArray(a, &v, &malformed)) return AsText(call, v);
  return malformed ? call.Fail(fmt::format("malformed array literal: \"{}\"", a[1].text()))
                   : call.Null();
}
bool WalkSteps(Args a, std::string_view* v) {
  if (!ParseJson(a[0].text(), v)) return false;
  for (const Datum& step : a.subspan(1)) {
    if (!StepByText(*v, step.text(), v)) return false;
  }
  return true;
}
Datum ExtractPath(const ScalarCall& call, Args a) {
  std::string_view v;
  return WalkSteps(a, &v) ? AsJson(call, v) : call.Null();
}
Datum ExtractPathText(const ScalarCall& call, Args a) {
  std::string_view v;
  return WalkSteps(a, &v) ? AsText(call, v) : call.Null();
}

bool SameScalar(const json::value& x, const json::value& y) {
  if (x.is_number() && y.is_number()) {
    if (x.is_double() || y.is_double()) return x.to_number<double>() == y.to_number<double>();
  }
  return x == y;
}
// jsonb's @>: every part of `part` is found in `whole` at the same place; order and repetition in
// arrays do not count.
bool Contains(const json::value& whole, const json::value& part, bool top) {
  if (part.is_object()) {
    if (!whole.is_object()) return false;
    for (const auto& [key, value] : part.get_object()) {
      const json::value* other = whole.get_object().if_contains(key);
      if (other == nullptr || !Contains(*other, value, false)) return false;
    }
    return true;
  }
  if (whole.is_array()) {
    auto has = [&](const json::value& wanted) {
      for (const json::value& element : whole.get_array()) {
        if (Contains(element, wanted, false) && element.kind() == wanted.kind()) return true;
        if (SameScalar(element, wanted)) return true;
      }
      return false;
    };
    if (!part.is_array()) return top && has(part);
    for (const json::value& wanted : part.get_array()) {
      if (!has(wanted)) return false;
    }
    return true;
  }
  return !part.is_array() && SameScalar(whole, part);
}
Datum ContainsJson(const ScalarCall& call, Args a) {
  json::parse_options options;
  options.max_depth = 64;
  boost::system::error_code bad_whole, bad_part;
  const json::value whole = json::parse(a[0].text(), bad_whole, {}, options);
  const json::value part = json::parse(a[1].text(), bad_part, {}, options);
  if (bad_whole || bad_part) return call.Null();
  return Datum::Bool(Contains(whole, part, true));
}

constexpr Overload kFunctions[] = {
    {"->", "ji", 't', kPlain, GetJson},
    {"->", "jt", 't', kPlain, GetJson},
    {"->>", "ji", 't', kPlain, GetText},
    {"->>", "jt", 't', kPlain, GetText},
    {"#>", "jt", 't', kPlain, PathJson},
    {"#>>", "jt", 't', kPlain, PathText},
    {"?", "jt", 'o', kPlain, KeyExists},
    {"@>", "jj", 'o', kPlain, ContainsJson},
    {"json_get", "jp*", 't', kPlain, GetText},
    {"json_get_json", "jp*", 't', kPlain, GetJson},
    {"json_as_text", "jp*", 't', kPlain, GetText},
    {"json_get_str", "jp*", 't', kPlain, GetString},
    {"json_get_int", "jp*", 'l', kPlain, GetInt},
    {"json_get_float", "jp*", 'd', kPlain, GetFloat},
    {"json_get_bool", "jp*", 'o', kPlain, GetBool},
    {"json_get_array", "jp*", 't', kPlain, GetArray},
    {"json_contains", "jp*", 'o', kPlain, PathExists},
    {"json_length", "jp*", 'l', kPlain, Length},
    {"json_object_keys", "jp*", 't', kPlain, Keys},
    {"json_array_length", "j", 'i', kPlain, ArrayLength},
    {"jsonb_array_length", "j", 'i', kPlain, ArrayLength},
    {"json_typeof", "j", 't', kPlain, TypeOf},
    {"jsonb_typeof", "j", 't', kPlain, TypeOf},
    {"json_valid", "t", 'o', kPlain, Valid},
    {"json_extract_path", "jt*", 't', kPlain, ExtractPath},
    {"jsonb_extract_path", "jt*", 't', kPlain, ExtractPath},
    {"json_extract_path_text", "jt*", 't', kPlain, ExtractPathText},
    {"jsonb_extract_path_text", "jt*", 't', kPlain, ExtractPathText},
};

}  // namespace

std::span<const Overload> JsonFunctions() { return kFunctions; }

}  // namespace kalamdb::expr
