// The two serializations of the live protocol behind one set of calls, so that every message and
// every row is described once.
//
// Integer, Text, Bool, Null, Cell and Encoded write one value: behind a Key, or as a member of an
// array. Both writers keep no state but their buffer.
#pragma once

#include <string>
#include <string_view>

#include "base/json_text.h"
#include "base/msgpack.h"
#include "types/json_cell.h"
#include "types/msgpack_cell.h"

namespace kalamdb::live {

enum class Serialization : uint8_t { kJson, kMsgpack };
inline constexpr size_t kSerializations = 2;

class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(out) {}
  void BeginMap(size_t /*members*/) {
    Separate();
    out_->push_back('{');
  }
  void EndMap() { out_->push_back('}'); }
  // A map of which only a bound is known.
  size_t BeginOpenMap(size_t /*at_most*/) {
    BeginMap(0);
    return 0;
  }
  void EndOpenMap(size_t /*begun*/, size_t /*members*/) { EndMap(); }
  void BeginArray(size_t /*members*/) {
    Separate();
    out_->push_back('[');
  }
  void EndArray() { out_->push_back(']'); }
  void Key(std::string_view name) {
    Separate();
    AppendJsonString(out_, name);
    out_->push_back(':');
  }
  void Integer(int64_t v) {
    Separate();
    AppendInteger(out_, v);
  }
  void Text(std::string_view text) {
    Separate();
    AppendJsonString(out_, text);
  }
  void Bool(bool v) {
    Separate();
    out_->append(v ? "true" : "false");
  }
  void Null() {
    Separate();
    out_->append("null");
  }
  void Cell(const Datum& d) {
    Separate();
    AppendCell(out_, d);
  }
  // A value that is in this serialization already.
  void Encoded(std::string_view value) {
    Separate();
    out_->append(value);
  }

 private:
  // Texts end in a quotation mark: the last byte tells where the writer stands.
  void Separate() {
    if (out_->empty()) return;
    const char last = out_->back();
    if (last != ':' && last != '{' && last != '[') out_->push_back(',');
  }
  std::string* out_;
};

class MsgpackWriter {
 public:
  explicit MsgpackWriter(std::string* out) : out_(out) {}
  void BeginMap(size_t members) { msgpack::AppendMapHead(out_, static_cast<uint32_t>(members)); }
  void EndMap() {}
  size_t BeginOpenMap(size_t at_most) { return msgpack::BeginMap(out_, at_most); }
  void EndOpenMap(size_t begun, size_t members) { msgpack::EndMap(out_, begun, members); }
  void BeginArray(size_t members) {
    msgpack::AppendArrayHead(out_, static_cast<uint32_t>(members));
  }
  void EndArray() {}
  void Key(std::string_view name) { msgpack::AppendText(out_, name); }
  void Integer(int64_t v) { msgpack::AppendInteger(out_, v); }
  void Text(std::string_view text) { msgpack::AppendText(out_, text); }
  void Bool(bool v) { msgpack::AppendBool(out_, v); }
  void Null() { msgpack::AppendNil(out_); }
  void Cell(const Datum& d) { AppendMsgpackCell(out_, d); }
  void Encoded(std::string_view value) { out_->append(value); }

 private:
  std::string* out_;
};

// Calls `write` with the writer of the serialization.
template <class Write>
void WriteWith(Serialization serialization, std::string* out, Write write) {
  if (serialization == Serialization::kMsgpack) {
    write(MsgpackWriter(out));
  } else {
    write(JsonWriter(out));
  }
}

}  // namespace kalamdb::live
