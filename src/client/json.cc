// Parsing is Boost.JSON's. Writing is ours: Boost prints 1.5 as 1.5E0.
#include "client/json.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "base/json_text.h"

namespace kalamdb::client {
namespace json = boost::json;
namespace {

constexpr int kMaxDepth = 256;
constexpr int kCompact = -1;

void AppendNumber(std::string* out, double number) {
  std::string text = fmt::format("{}", number);
  // A double stays recognisable as one.
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  *out += text;
}

void NewLine(std::string* out, int level) {
  if (level == kCompact) return;
  *out += '\n';
  out->append(static_cast<size_t>(level) * 2, ' ');
}

int Inner(int level) { return level == kCompact ? kCompact : level + 1; }

void Append(std::string* out, const json::value& value, int level) {
  switch (value.kind()) {
    case json::kind::null:
      *out += "null";
      return;
    case json::kind::bool_:
      *out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      *out += std::to_string(value.get_int64());
      return;
    case json::kind::uint64:
      *out += std::to_string(value.get_uint64());
      return;
    case json::kind::double_:
      AppendNumber(out, value.get_double());
      return;
    case json::kind::string:
      AppendJsonString(out, {value.get_string().data(), value.get_string().size()});
      return;
    case json::kind::array: {
      const json::array& array = value.get_array();
      *out += '[';
      for (size_t i = 0; i < array.size(); ++i) {
        if (i > 0) *out += ',';
        NewLine(out, Inner(level));
        Append(out, array[i], Inner(level));
      }
      if (!array.empty()) NewLine(out, level);
      *out += ']';
      return;
    }
    case json::kind::object: {
      bool first = true;
      *out += '{';
      for (const auto& member : value.get_object()) {
        if (!first) *out += ',';
        first = false;
        NewLine(out, Inner(level));
        AppendJsonString(out, {member.key().data(), member.key().size()});
        *out += level == kCompact ? ":" : ": ";
        Append(out, member.value(), Inner(level));
      }
      if (!first) NewLine(out, level);
      *out += '}';
      return;
    }
  }
}

const json::value* Member(const json::object& object, std::string_view name) {
  return object.if_contains(json::string_view(name.data(), name.size()));
}

}  // namespace

Result<json::value> ParseJson(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) return Status(ErrorCode::kInvalidInput, "no valid JSON: " + error.message());
  return value;
}

std::string_view StringMember(const json::object& object, std::string_view name) {
  const json::value* member = Member(object, name);
  if (member == nullptr || !member->is_string()) return {};
  return {member->get_string().data(), member->get_string().size()};
}

int64_t IntMember(const json::object& object, std::string_view name) {
  const json::value* member = Member(object, name);
  return member != nullptr && member->is_int64() ? member->get_int64() : 0;
}

double NumberMember(const json::object& object, std::string_view name) {
  const json::value* member = Member(object, name);
  if (member == nullptr) return 0;
  if (member->is_double()) return member->get_double();
  return static_cast<double>(member->is_int64() ? member->get_int64() : 0);
}

bool BoolMember(const json::object& object, std::string_view name) {
  const json::value* member = Member(object, name);
  return member != nullptr && member->is_bool() && member->get_bool();
}

const json::array* ArrayMember(const json::object& object, std::string_view name) {
  const json::value* member = Member(object, name);
  return member == nullptr ? nullptr : member->if_array();
}

const json::object* ObjectMember(const json::object& object, std::string_view name) {
  const json::value* member = Member(object, name);
  return member == nullptr ? nullptr : member->if_object();
}

void AppendCompactJson(std::string* out, const json::value& value) { Append(out, value, kCompact); }

std::string CompactJson(const json::value& value) {
  std::string out;
  Append(&out, value, kCompact);
  return out;
}

std::string PrettyJson(const json::value& value) {
  std::string out;
  Append(&out, value, 0);
  return out;
}

}  // namespace kalamdb::client
