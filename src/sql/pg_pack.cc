#include "sql/pg_pack.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace kalamdb::sql {

namespace {

thread_local PgPackBuffer* current_buffer = nullptr;

// The layout of protobuf-c 1.x, which libpg_query contains without its header.
enum Label : int { kRequired = 0, kOptional = 1, kRepeated = 2, kNone = 3 };
enum Type : int {
  kInt32 = 0,
  kInt64 = 3,
  kUint32 = 6,
  kUint64 = 8,
  kDouble = 11,
  kBool = 12,
  kEnum = 13,
  kString = 14,
  kMessage = 16,
};
constexpr uint32_t kOneOf = 4;
constexpr uint32_t kMagic = 0x28aaeef9;

struct FieldDescriptor {
  const char* name;
  uint32_t id;
  int label;
  int type;
  unsigned quantifier_offset;  // of the count of a repeated field, of the case of a oneof
  unsigned offset;
  const void* descriptor;
  const void* default_value;
  uint32_t flags;
  unsigned reserved_flags;
  void* reserved[2];
};
struct MessageDescriptor {
  uint32_t magic;
  const char* name;
  const char* short_name;
  const char* c_name;
  const char* package_name;
  size_t sizeof_message;
  unsigned n_fields;
  const FieldDescriptor* fields;  // by id
};
struct Message {
  const MessageDescriptor* descriptor;
};

template <typename T>
T Load(const char* p) {
  T v;
  std::memcpy(&v, p, sizeof(T));
  return v;
}

// Packs a message back to front, its fields in reverse.
class Packer {
 public:
  explicit Packer(PgPackBuffer* out) : out_(*out) {}

  void Pack(const Message* message) {
    const MessageDescriptor& d = *message->descriptor;
    if (d.magic != kMagic) return out_.Fail();
    const char* base = reinterpret_cast<const char*>(message);
    if (d.n_fields > kManyFields && (d.fields[0].flags & kOneOf) != 0) {
      return OneOf(d, base);
    }
    for (unsigned i = d.n_fields; i-- > 0;) {
      const FieldDescriptor& field = d.fields[i];
      const char* at = base + field.offset;
      if ((field.flags & kOneOf) != 0) {
        if (Load<uint32_t>(base + field.quantifier_offset) == field.id) Value(field, at);
      } else if (field.label == kRepeated) {
        Repeated(field, at, Load<size_t>(base + field.quantifier_offset));
      } else if (!IsZero(field, at)) {
        Value(field, at);
      }
    }
  }

 private:
  // Node is the only message that comes near this many.
  static constexpr unsigned kManyFields = 64;

  void OneOf(const MessageDescriptor& d, const char* base) {
    const uint32_t id = Load<uint32_t>(base + d.fields[0].quantifier_offset);
    if (id == 0) return;
    // The fields of Node are numbered nearly without gaps.
    unsigned i = id - 1 < d.n_fields ? id - 1 : d.n_fields - 1;
    while (i > 0 && d.fields[i].id > id) --i;
    if (d.fields[i].id != id) return out_.Fail();
    Value(d.fields[i], base + d.fields[i].offset);
  }

  void Repeated(const FieldDescriptor& field, const char* at, size_t n) {
    if (n == 0) return;
    if (field.type != kMessage) return out_.Fail();  // only nodes are repeated
    const char* elements = Load<const char*>(at);
    while (n-- > 0) Value(field, elements + n * sizeof(void*));
  }

  // proto3 leaves out what has its default.
  static bool IsZero(const FieldDescriptor& field, const char* at) {
    switch (field.type) {
      case kMessage:
        return Load<const void*>(at) == nullptr;
      case kString: {
        const char* text = Load<const char*>(at);
        return text == nullptr || *text == '\0';
      }
      case kInt64:
      case kUint64:
      case kDouble:
        return Load<uint64_t>(at) == 0;
      default:
        return Load<uint32_t>(at) == 0;
    }
  }

  void Value(const FieldDescriptor& field, const char* at) {
    switch (field.type) {
      case kInt32:
      case kEnum:
        return Number(field, static_cast<uint64_t>(int64_t{Load<int32_t>(at)}));
      case kUint32:
        return Number(field, Load<uint32_t>(at));
      case kInt64:
      case kUint64:
        return Number(field, Load<uint64_t>(at));
      case kBool:
        return Number(field, Load<int32_t>(at) != 0 ? 1 : 0);
      case kDouble:
        out_.Prepend(at, sizeof(double));
        return Varint(uint64_t{field.id} << 3 | 1);
      case kString: {
        const char* text = Load<const char*>(at);
        const size_t n = text == nullptr ? 0 : std::strlen(text);
        out_.Prepend(text, n);
        return Length(field, n);
      }
      case kMessage: {
        const size_t behind = out_.bytes().size();
        if (const auto* inner = Load<const Message*>(at)) Pack(inner);
        return Length(field, out_.bytes().size() - behind);
      }
      default:
        out_.Fail();
    }
  }

  void Number(const FieldDescriptor& field, uint64_t value) {
    Varint(value);
    Varint(uint64_t{field.id} << 3);
  }
  void Length(const FieldDescriptor& field, size_t n) {
    Varint(n);
    Varint(uint64_t{field.id} << 3 | 2);
  }
  void Varint(uint64_t v) {
    char bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) bytes[n++] = static_cast<char>(v | 0x80);
    bytes[n++] = static_cast<char>(v);
    out_.Prepend(bytes, n);
  }

  PgPackBuffer& out_;
};

}  // namespace

PgPackBuffer::PgPackBuffer(PgPackBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)),
      begin_(std::exchange(other.begin_, 0)),
      failed_(other.failed_) {}

PgPackBuffer::~PgPackBuffer() { std::free(data_); }

void PgPackBuffer::Prepend(const void* bytes, size_t n) {
  if (n == 0 || failed_) return;
  if (n > begin_) {
    constexpr size_t kFirstCapacity = 1024;
    const size_t used = capacity_ - begin_;
    size_t capacity = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
    while (capacity - used < n) capacity *= 2;
    char* grown = static_cast<char*>(std::malloc(capacity));
    if (grown == nullptr) {
      failed_ = true;
      return;
    }
    if (used > 0) std::memcpy(grown + capacity - used, data_ + begin_, used);
    std::free(data_);
    data_ = grown;
    capacity_ = capacity;
    begin_ = capacity - used;
  }
  begin_ -= n;
  std::memcpy(data_ + begin_, bytes, n);
}

PgPackScope::PgPackScope(PgPackBuffer* buffer) { current_buffer = buffer; }
PgPackScope::~PgPackScope() { current_buffer = nullptr; }

}  // namespace kalamdb::sql

// libpg_query asks for the size, allocates that much and has it filled.
extern "C" {
size_t __real_pg_query__parse_result__get_packed_size(const void* message);
size_t __real_pg_query__parse_result__pack(const void* message, uint8_t* out);

size_t __wrap_pg_query__parse_result__get_packed_size(const void* message);
size_t __wrap_pg_query__parse_result__pack(const void* message, uint8_t* out);

size_t __wrap_pg_query__parse_result__get_packed_size(const void* message) {
  using namespace kalamdb::sql;
  if (current_buffer == nullptr) return __real_pg_query__parse_result__get_packed_size(message);
  current_buffer->Clear();
  Packer(current_buffer).Pack(static_cast<const Message*>(message));
  return 0;
}

size_t __wrap_pg_query__parse_result__pack(const void* message, uint8_t* out) {
  if (kalamdb::sql::current_buffer == nullptr) {
    return __real_pg_query__parse_result__pack(message, out);
  }
  return 0;
}
}
