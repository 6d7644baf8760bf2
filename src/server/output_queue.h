// Bytes that wait for a socket. Small pieces are joined, large and shared ones are sent from where
// they lie.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace kalamdb::server {

// Holds no memory while empty.
class OutputQueue {
 public:
  OutputQueue();
  ~OutputQueue();
  OutputQueue(OutputQueue&& other) noexcept;
  OutputQueue& operator=(OutputQueue&& other) noexcept;

  void Append(std::string_view bytes);
  void AppendOwned(std::string bytes);
  void AppendShared(std::shared_ptr<const std::string> bytes);
  [[nodiscard]] bool empty() const { return state_ == nullptr; }
  [[nodiscard]] size_t bytes() const;

  enum class Outcome : uint8_t { kDrained, kBlocked, kFailed };
  // Writes until all is taken or the socket is full. `sent`: bytes taken by this call.
  Outcome Flush(int fd, size_t* sent);
  void Clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kalamdb::server
