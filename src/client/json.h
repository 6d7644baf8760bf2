// JSON as clients read and show it. 64-bit integers never pass through doubles.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::client {

// Parses a whole document; kInvalidInput when it is none, or nested too deeply.
Result<boost::json::value> ParseJson(std::string_view text);

// Members of objects; a missing or foreign member is empty, zero or false.
std::string_view StringMember(const boost::json::object& object, std::string_view name);
int64_t IntMember(const boost::json::object& object, std::string_view name);
double NumberMember(const boost::json::object& object, std::string_view name);
bool BoolMember(const boost::json::object& object, std::string_view name);
const boost::json::array* ArrayMember(const boost::json::object& object, std::string_view name);
const boost::json::object* ObjectMember(const boost::json::object& object, std::string_view name);

// One line; numbers in their shortest form.
void AppendCompactJson(std::string* out, const boost::json::value& value);
std::string CompactJson(const boost::json::value& value);
// Over several lines, two blanks a level. Empty arrays and objects stay on one line.
std::string PrettyJson(const boost::json::value& value);

}  // namespace kalamdb::client
