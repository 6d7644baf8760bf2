// What the dialect has and libpg_query refuses is rewritten on tokens before it is parsed, and what
// it says about positions is translated back:
//
//   CURRENT_USER()  CURRENT_TIMESTAMP() ...   the parentheses go
//   * EXCEPT (a, b)                           goes; the star is remembered with its columns
//   TRY_CAST(x AS t)                          CAST, remembered
//   INSERT [INTO] [TABLE] t                   INSERT INTO t
//   `name`, user                              "name", "user" (a plain name in the dialect)
//   names of more than 63 bytes               a stand-in, since PostgreSQL would cut them
//
// The same pass measures how deep the tree will be: recursion in the grammar's tree writer, in the
// bridge and in the binder is bounded by what is refused here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/lexer.h"

namespace kalamdb::sql {

// Parentheses, brackets and CASE within each other.
inline constexpr uint32_t kMaxNesting = 512;
// Operators in one chain (a + a + ...), joins and set operations, together with what they stand in.
// AND and OR do not count: their operands form flat lists.
inline constexpr uint32_t kMaxTreeDepth = 2500;

class PgText {
 public:
  // Rewrites the statement that `tokens` (of `text`) form. `text` must outlive this object.
  // Errors: kInvalidSql when it is too deep, or for a rewritten form that is malformed.
  Status Prepare(std::string_view text, Tokens tokens);
  // The same for an expression alone: SELECT stands in front of it.
  Status PrepareExpression(std::string_view text, Tokens tokens);

  [[nodiscard]] const std::string& sql() const { return sql_; }
  // Byte offset in the original text of an offset in sql(); -1 stays.
  [[nodiscard]] int OriginalOffset(int64_t offset) const;
  // The whole text that the tokens came from, and the statement within it.
  [[nodiscard]] std::string_view original() const { return text_; }
  [[nodiscard]] std::string_view statement() const { return statement_; }

  // Questions about offsets in sql().
  [[nodiscard]] const std::vector<std::string>* StarExcept(int64_t offset) const;
  [[nodiscard]] bool IsTryCast(int64_t offset) const;
  // The name that a stand-in stands for; other names as they are.
  [[nodiscard]] std::string_view RealName(std::string_view name) const;

  [[nodiscard]] int max_param() const { return max_param_; }
  [[nodiscard]] uint32_t depth() const { return depth_; }

 private:
  struct Edit {
    uint32_t offset;  // in the original text
    uint32_t length;
    std::string replacement;
    uint32_t new_offset;  // in sql()
  };
  struct Star {
    uint32_t offset;  // of the first token of t.*, in the original text
    std::vector<std::string> columns;
  };

  Status Scan(std::string_view text, Tokens tokens);
  void ScanInsert(Tokens tokens);
  void ScanWord(std::string_view word, const Token& token, Tokens tokens, size_t i);
  // Returns the number of tokens that belong to the clause.
  Result<size_t> ScanStarExcept(Tokens tokens, size_t star);
  void Replace(uint32_t offset, uint32_t length, std::string replacement);
  void Build(std::string_view prefix, uint32_t begin, uint32_t end);

  std::string_view text_;
  std::string_view statement_;
  std::string sql_;
  std::vector<Edit> edits_;  // by offset
  std::vector<Star> stars_;
  std::vector<uint32_t> try_casts_;  // original offsets of the word CAST in TRY_CAST
  std::vector<std::string> long_names_;
  int max_param_ = 0;
  uint32_t depth_ = 0;
};

}  // namespace kalamdb::sql
