// Errors are values. A Status is either OK or a class of error with a message for the client.
//
// The class decides the wire code, the HTTP status and whether ordinary users may see the message
// (src/engine/error_reply.h maps it); the message is the text without its class prefix.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kalamdb {

enum class ErrorCode : unsigned char {
  kOk = 0,
  // --- the request as such
  kInvalidInput,       // body, multipart form or EXECUTE AS USER wrapper malformed
  kInvalidSql,         // the text is no statement that we know
  kBatchParse,         // the batch cannot be split into statements
  kEmptySql,           // nothing left after splitting
  kInvalidParameter,   // a parameter value of a kind that cannot be bound
  kParamsWithBatch,    // parameters and more than one statement
  kParameterBinding,   // placeholder without a value, too many or too large parameters
  // --- rights
  kPermissionDenied,
  kUnauthorized,
  // --- catalog and rows
  kAlreadyExists,      // also primary key violations
  kInvalidOperation,
  kConstraintViolation,
  kConflict,           // somebody else changed the row first
  kIdempotentConflict,
  kNotFound,           // anything but a table
  kTableNotFound,      // always hidden from ordinary users
  kColumnNotFound,
  kSystemColumn,
  kInvalidSchemaEvolution,
  // --- running
  kExecution,          // evaluation failed: overflow, bad cast, division by zero
  kTimeout,
  kNotImplemented,
  kUnavailable,        // shutting down, queue full
  kStorage,
  kCorruption,
  kInternal,
  // --- never reaches a client
  kRetry,              // the command was prepared against something that changed: prepare it again
  kNeedsAnalytics,     // the row engine cannot answer this; the analytical engine can
  kNeedsPool,          // the statement may block: it has to move to a worker thread
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(ErrorCode code, std::string message)
      : rep_(code == ErrorCode::kOk ? nullptr
                                    : std::make_unique<Rep>(Rep{code, std::move(message)})) {}
  Status(const Status& other) : rep_(other.rep_ ? std::make_unique<Rep>(*other.rep_) : nullptr) {}
  Status& operator=(const Status& other) {
    if (this != &other) rep_ = other.rep_ ? std::make_unique<Rep>(*other.rep_) : nullptr;
    return *this;
  }
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;

  static Status Ok() { return {}; }

  [[nodiscard]] bool ok() const { return rep_ == nullptr; }
  [[nodiscard]] ErrorCode code() const { return rep_ ? rep_->code : ErrorCode::kOk; }
  [[nodiscard]] std::string_view message() const {
    return rep_ ? std::string_view(rep_->message) : std::string_view();
  }

  // Where in the text that was given the error lies: a byte offset, -1 when that is not known.
  [[nodiscard]] int64_t position() const { return rep_ ? rep_->position : -1; }
  // The error with a position; the first one that it was given stays. -1 says nothing.
  [[nodiscard]] Status At(int64_t position) && {
    if (rep_ && rep_->position < 0 && position >= 0) rep_->position = position;
    return std::move(*this);
  }
  // The same position in a text that `offset` bytes stand in front of.
  [[nodiscard]] Status Shifted(size_t offset) && {
    if (rep_ && rep_->position >= 0) rep_->position += static_cast<int64_t>(offset);
    return std::move(*this);
  }

 private:
  struct Rep {
    ErrorCode code;
    std::string message;
    int64_t position = -1;
  };
  std::unique_ptr<Rep> rep_;
};

// A value or the Status that says why there is none. Never holds an OK status.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}           // NOLINT: implicit by design
  Result(Status status) : status_(std::move(status)) {}   // NOLINT
  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] ErrorCode code() const { return ok() ? ErrorCode::kOk : status_.code(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  T&& Take() { return std::move(*value_); }
  // The result with the position of its error, as Status::At.
  [[nodiscard]] Result At(int64_t position) && {
    if (!ok()) status_ = std::move(status_).At(position);
    return std::move(*this);
  }

 private:
  std::optional<T> value_;
  Status status_;
};

inline Status InvalidSql(std::string m) { return {ErrorCode::kInvalidSql, std::move(m)}; }
inline Status InvalidOperation(std::string m) { return {ErrorCode::kInvalidOperation, std::move(m)}; }
inline Status NotFound(std::string m) { return {ErrorCode::kNotFound, std::move(m)}; }
inline Status AlreadyExists(std::string m) { return {ErrorCode::kAlreadyExists, std::move(m)}; }
inline Status ExecutionError(std::string m) { return {ErrorCode::kExecution, std::move(m)}; }
inline Status PermissionDenied(std::string m) { return {ErrorCode::kPermissionDenied, std::move(m)}; }
inline Status Unauthorized(std::string m) { return {ErrorCode::kUnauthorized, std::move(m)}; }
inline Status NotImplemented(std::string m) { return {ErrorCode::kNotImplemented, std::move(m)}; }
inline Status Corruption(std::string m) { return {ErrorCode::kCorruption, std::move(m)}; }
inline Status InternalError(std::string m) { return {ErrorCode::kInternal, std::move(m)}; }
inline Status StorageError(std::string m) { return {ErrorCode::kStorage, std::move(m)}; }
inline Status NeedsAnalytics(std::string m) { return {ErrorCode::kNeedsAnalytics, std::move(m)}; }

#define KDB_CONCAT_(a, b) a##b
#define KDB_CONCAT(a, b) KDB_CONCAT_(a, b)
// Returns from the enclosing function when `expr` (a Status) is an error.
#define KDB_RETURN_IF_ERROR(expr)                       \
  do {                                                  \
    if (::kalamdb::Status kdb_s_ = (expr); !kdb_s_.ok()) return kdb_s_; \
  } while (0)
// KDB_ASSIGN_OR_RETURN(auto x, SomeResult());
#define KDB_ASSIGN_OR_RETURN(decl, expr) \
  KDB_ASSIGN_OR_RETURN_(KDB_CONCAT(kdb_r_, __LINE__), decl, expr)
#define KDB_ASSIGN_OR_RETURN_(tmp, decl, expr) \
  auto tmp = (expr);                           \
  if (!tmp.ok()) return tmp.status();          \
  decl = std::move(*tmp)

}  // namespace kalamdb
