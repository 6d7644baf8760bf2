// Reading JSON text in place: checking it, finding a member, without building a tree and without
// touching its numbers. Private to src/expr.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace kalamdb::expr {

inline constexpr int kMaxJsonDepth = 512;

// Whether `text` is one JSON value (RFC 8259) nested at most kMaxJsonDepth deep. `value` gets it
// without the blanks around it.
bool ParseJson(std::string_view text, std::string_view* value);

// What follows takes values that ParseJson has accepted.

// The value of a member of an object; of equal keys the last. False when there is none.
bool JsonMember(std::string_view object, std::string_view key, std::string_view* value);
// The element of an array, from its end when negative.
bool JsonElement(std::string_view array, int64_t index, std::string_view* value);
// Elements of an array, or members of an object.
int64_t JsonCount(std::string_view container);
// Calls `visit` with each key (still escaped, without quotes) and value of an object, or with an
// empty key and each element of an array; stops when it returns false.
void JsonForEach(std::string_view container,
                 const std::function<bool(std::string_view key, std::string_view value)>& visit);
// Appends the text of a JSON string, given with or without its quotes, escapes resolved.
void AppendJsonUnescaped(std::string* out, std::string_view string);
// Whether the text that stands escaped in `raw` (without quotes) is `text`.
bool JsonStringEquals(std::string_view raw, std::string_view text);
// Appends a value without the blanks between its tokens.
void AppendJsonCompact(std::string* out, std::string_view value);

}  // namespace kalamdb::expr
