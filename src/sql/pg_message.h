// Reads the parse tree that libpg_query serialises as protobuf, in place: nothing is unpacked, a
// message is a view over its bytes, and the depth of what is read is the reader's own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kalamdb::sql {

// Walks the fields of one message in wire order.
class PgFieldReader {
 public:
  explicit PgFieldReader(std::string_view bytes) : p_(bytes.data()), end_(p_ + bytes.size()) {}

  // False at the end; malformed bytes end the message too.
  bool Next() {
    if (p_ >= end_) return false;
    uint64_t key = 0;
    if (!Varint(&key)) return false;
    field_ = static_cast<uint32_t>(key >> 3);
    bytes_ = {};
    number_ = 0;
    switch (key & 7) {
      case 0:
        return Varint(&number_);
      case 1:
        return Skip(8);
      case 5:
        return Skip(4);
      case 2: {
        uint64_t size = 0;
        if (!Varint(&size) || size > static_cast<uint64_t>(end_ - p_)) return Fail();
        bytes_ = {p_, static_cast<size_t>(size)};
        p_ += size;
        return true;
      }
      default:
        return Fail();
    }
  }
  [[nodiscard]] uint32_t field() const { return field_; }
  [[nodiscard]] uint64_t number() const { return number_; }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] const char* position() const { return p_; }

 private:
  bool Fail() {
    p_ = end_;
    return false;
  }
  bool Skip(ptrdiff_t n) {
    if (end_ - p_ < n) return Fail();
    p_ += n;
    return true;
  }
  bool Varint(uint64_t* out) {
    uint64_t v = 0;
    for (int shift = 0; shift < 64 && p_ < end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*p_++);
      v |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) {
        *out = v;
        return true;
      }
    }
    return Fail();
  }

  const char* p_;
  const char* end_;
  uint32_t field_ = 0;
  uint64_t number_ = 0;
  std::string_view bytes_;
};

// A Node: the one of many messages that is set. tag 0: none.
struct PgNode {
  uint32_t tag = 0;
  std::string_view bytes;
  [[nodiscard]] explicit operator bool() const { return tag != 0; }
};
inline PgNode ReadPgNode(std::string_view node_bytes) {
  PgFieldReader reader(node_bytes);
  if (!reader.Next()) return {};
  return {reader.field(), reader.bytes()};
}

// One message, its fields found by number. Absent fields read as zero, false or empty.
class PgMessage {
 public:
  explicit PgMessage(std::string_view bytes) : bytes_(bytes) {
    PgFieldReader reader(bytes);
    const char* at = bytes.data();
    while (reader.Next()) {
      if (reader.field() < kMaxField && first_[reader.field()] == 0) {
        first_[reader.field()] = static_cast<uint32_t>(at - bytes.data()) + 1;
      }
      at = reader.position();
    }
  }

  [[nodiscard]] bool Has(uint32_t field) const { return first_[field] != 0; }
  [[nodiscard]] int64_t Int(uint32_t field) const {
    if (!Has(field)) return 0;
    PgFieldReader reader = At(field);
    return reader.Next() ? static_cast<int64_t>(reader.number()) : 0;
  }
  [[nodiscard]] bool Bool(uint32_t field) const { return Int(field) != 0; }
  // Text, or the bytes of a message.
  [[nodiscard]] std::string_view Bytes(uint32_t field) const {
    if (!Has(field)) return {};
    PgFieldReader reader = At(field);
    return reader.Next() ? reader.bytes() : std::string_view();
  }
  [[nodiscard]] PgNode Node(uint32_t field) const { return ReadPgNode(Bytes(field)); }

  // The elements of a repeated field; libpg_query writes them in one run.
  class Elements {
   public:
    Elements(PgFieldReader reader, uint32_t field) : reader_(reader), field_(field) {}
    // False when there are no more.
    bool Next() { return reader_.Next() && reader_.field() == field_; }
    [[nodiscard]] PgNode node() const { return ReadPgNode(reader_.bytes()); }
    [[nodiscard]] std::string_view bytes() const { return reader_.bytes(); }

   private:
    PgFieldReader reader_;
    uint32_t field_;
  };
  [[nodiscard]] Elements Repeated(uint32_t field) const {
    return {Has(field) ? At(field) : PgFieldReader({}), field};
  }
  [[nodiscard]] size_t Count(uint32_t field) const {
    size_t n = 0;
    for (Elements e = Repeated(field); e.Next();) ++n;
    return n;
  }

 private:
  static constexpr uint32_t kMaxField = 24;
  [[nodiscard]] PgFieldReader At(uint32_t field) const {
    return PgFieldReader(bytes_.substr(first_[field] - 1));
  }

  std::string_view bytes_;
  std::array<uint32_t, kMaxField> first_{};  // offset + 1
};

}  // namespace kalamdb::sql
