// The answer's body, written as rows come.
//
//   {"results":[{"schema":[...],"rows":[[...],...],"row_count":N,"as_user":"u"},...],"status":"success","took":1.2}
//
// `results` comes first and `status` last, so that a SELECT of any size is written as it is read.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "query/context.h"

namespace kalamdb::engine {

// Appends one row result to a body. The owner decides what happens to the bytes as they grow.
class RowResultWriter final : public query::ResultSink {
 public:
  // `grown` is called after each row; it may take bytes away from the front of `body` or refuse to
  // go on.
  using Grown = std::function<Status(std::string* body)>;
  // `mask`: the caller may not read credentials; non-null cells of masked columns become "***".
  RowResultWriter(std::string* body, bool mask, Grown grown)
      : body_(body), mask_(mask), grown_(std::move(grown)) {}

  Status Begin(const std::vector<query::ResultColumn>& columns) override;
  Status Row(std::span<const Datum> cells) override;
  // Closes the result object. Called once, also when the result broke off (then Begin may not have
  // been called).
  void End(std::string_view as_user, bool truncated);
  [[nodiscard]] uint64_t rows() const { return rows_; }
  [[nodiscard]] bool begun() const { return begun_; }

 private:
  std::string* body_;
  bool mask_;
  Grown grown_;
  bool begun_ = false;
  uint64_t rows_ = 0;
  std::vector<char> masked_;
};

// {"row_count":N,"message":"...","as_user":"u"}
void AppendMessageResult(std::string* body, uint64_t row_count, std::string_view message,
                         std::string_view as_user);

// Statement results that are rows made by hand: SHOW, DESCRIBE and the like.
struct HandmadeColumn {
  std::string_view name;
  TypeKind type;
  bool primary_key = false;
  bool not_null = false;
};
std::vector<query::ResultColumn> HandmadeColumns(std::span<const HandmadeColumn> columns);

}  // namespace kalamdb::engine
