// The answer to a SQL request.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace kalamdb::client {

struct ReplyColumn {
  std::string name;
  std::string data_type;  // "BigInt"; of a type with arguments its name: "Decimal", "Embedding"
};

struct SqlResult {
  std::vector<ReplyColumn> columns;  // empty for statements without rows
  int64_t row_count = 0;             // rows returned or affected
  std::string message;
  std::string as_user;
  boost::json::object fields;  // everything as the server sent it

  // Arrays of cells in the order of columns; null for statements without rows.
  [[nodiscard]] const boost::json::array* rows() const;
  // The cell at (row, column) as text, "" where there is none or it is null.
  [[nodiscard]] std::string Text(size_t row, size_t column) const;
};

struct SqlError {
  std::string code;
  std::string message;
  std::string details;
  // The line of the statement with a caret, for people; empty when nobody has made one.
  std::string excerpt;
};

struct SqlReply {
  int http_status = 200;
  std::vector<SqlResult> results;
  double took_ms = 0;
  std::optional<SqlError> error;

  [[nodiscard]] bool ok() const { return !error.has_value(); }
  // The reply for people who asked for JSON: members in the order status, results, took, error,
  // absent ones left out.
  [[nodiscard]] boost::json::object Document() const;
  // "Server error (400): ..." when error is set.
  [[nodiscard]] Status ToStatus() const;
};

// Reads the body of an answer. An error when it is no SQL reply at all; the text then quotes its
// beginning.
Result<SqlReply> ParseSqlReply(int http_status, std::string_view body);

// What an error answer of any route says: error.message, message, error, or the body itself, on one
// line.
std::string ErrorText(std::string_view body);

}  // namespace kalamdb::client
