// MessagePack as the JSON value of the same content, so that a test can compare the two.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string_view>

#include "base/msgpack.h"

namespace kalamdb {

inline boost::json::value NextMsgpackValue(msgpack::Reader* reader) {
  Result<msgpack::Token> next = reader->Next();
  if (!next.ok()) {
    ADD_FAILURE() << next.status().message();
    return {};
  }
  const msgpack::Token& token = *next;
  using Kind = msgpack::Token::Kind;
  switch (token.kind) {
    case Kind::kNil:
      return nullptr;
    case Kind::kBool:
      return token.boolean;
    case Kind::kInteger:
      return token.integer;
    case Kind::kUnsigned:
      return token.unsigned_integer;
    case Kind::kDouble:
      return token.real;
    case Kind::kText:
      return boost::json::string(token.bytes.data(), token.bytes.size());
    case Kind::kArray: {
      boost::json::array out;
      for (uint32_t i = 0; i < token.members && !testing::Test::HasFailure(); ++i)
        out.push_back(NextMsgpackValue(reader));
      return out;
    }
    case Kind::kMap: {
      boost::json::object out;
      for (uint32_t i = 0; i < token.members && !testing::Test::HasFailure(); ++i) {
        const boost::json::value key = NextMsgpackValue(reader);
        if (!key.is_string()) {
          ADD_FAILURE() << "a key that is no text";
          break;
        }
        EXPECT_FALSE(out.contains(key.get_string())) << key;
        out[key.get_string()] = NextMsgpackValue(reader);
      }
      return out;
    }
    default:
      ADD_FAILURE() << "a value that JSON does not have";
      return {};
  }
}

// Fails the test for anything but exactly one value.
inline boost::json::value MsgpackToJson(std::string_view bytes) {
  msgpack::Reader reader(bytes);
  boost::json::value out = NextMsgpackValue(&reader);
  EXPECT_TRUE(reader.AtEnd());
  return out;
}

// Equal, but that a parser of JSON may miss the last bit of a double.
inline bool SameJson(const boost::json::value& a, const boost::json::value& b) {
  if (a.is_double() && b.is_double()) {
    return testing::internal::Double(a.get_double())
        .AlmostEquals(testing::internal::Double(b.get_double()));
  }
  if (a.is_array() && b.is_array()) {
    const auto &x = a.get_array(), &y = b.get_array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), SameJson);
  }
  if (a.is_object() && b.is_object()) {
    const auto &x = a.get_object(), &y = b.get_object();
    return x.size() == y.size() && std::all_of(x.begin(), x.end(), [&](const auto& member) {
             const boost::json::value* other = y.if_contains(member.key());
             return other != nullptr && SameJson(member.value(), *other);
           });
  }
  return a == b;
}

}  // namespace kalamdb
