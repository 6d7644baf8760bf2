// The rows as the commands of one batch have left them so far.
//
//   slots_      open addressing over key hashes ──> newest version of a key
//   versions_   every version in the order of writing; each knows the one it replaced
//   keys_       the keys' bytes
//
// Versions come and go like a stack, so a command that fails is taken back by popping its versions:
// a key that disappears is always the last one that was put into its probe sequence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kalamdb::shard {

// Not thread-safe.
class BatchOverlay {
 public:
  // Null: the batch does not touch `key`. An empty row: the batch removed it. Valid until the next
  // change.
  [[nodiscard]] const std::string_view* Find(std::string_view key) const;
  // `row` is not copied: it must stay where it is until Clear.
  void Set(std::string_view key, std::string_view row);

  [[nodiscard]] size_t size() const { return versions_.size(); }
  // Takes back what was set since size() was `size`.
  void Rollback(size_t size);
  void Clear();
  // Returns buffers that grew large; only when clear.
  void Shrink();

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr size_t kMinSlots = 64;

  struct Version {
    uint64_t hash;
    size_t key_offset;
    uint32_t key_size;
    uint32_t replaced;  // index of the version before, or kNone
    size_t slot;
    std::string_view row;
  };

  [[nodiscard]] std::string_view KeyOf(const Version& v) const {
    return {keys_.data() + v.key_offset, v.key_size};
  }
  // The slot that holds `key`, or the empty one where it belongs.
  [[nodiscard]] size_t Probe(std::string_view key, uint64_t hash) const;
  void Grow();

  std::vector<uint32_t>
      slots_;  // index into versions_, or kNone; a power of two, at most half full
  std::vector<Version> versions_;
  std::string keys_;
};

}  // namespace kalamdb::shard
