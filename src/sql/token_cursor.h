// Walks the tokens of one of KalamDB's own statements: what its recursive-descent parsers share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/lexer.h"
#include "sql/statement.h"

namespace kalamdb::sql {

class TokenCursor {
 public:
  // Both must outlive the cursor.
  TokenCursor(std::string_view text, Tokens tokens) : text_(text), tokens_(tokens) {}

  [[nodiscard]] bool AtEnd() const { return at_ >= tokens_.size(); }
  // The token `ahead` of the next one; kEnd behind the last.
  [[nodiscard]] const Token& Peek(size_t ahead = 0) const;
  [[nodiscard]] std::string_view Text(const Token& token) const { return token.In(text_); }
  void Skip(size_t n = 1) { at_ = std::min(at_ + n, tokens_.size()); }
  [[nodiscard]] size_t position() const { return at_; }
  void Rewind(size_t position) { at_ = position; }

  // Keywords: unquoted words, any case; `upper` is upper case.
  [[nodiscard]] bool Is(std::string_view upper, size_t ahead = 0) const;
  [[nodiscard]] bool IsSymbol(char symbol, size_t ahead = 0) const {
    return Peek(ahead).symbol == symbol;
  }
  bool Accept(std::string_view upper);
  bool AcceptSymbol(char symbol);
  // Several keywords in a row, all or nothing.
  bool AcceptAll(std::initializer_list<std::string_view> uppers);

  // IF [NOT] EXISTS: false when absent; an IF without the rest is an error.
  Result<bool> AcceptIfExists();
  Result<bool> AcceptIfNotExists();

  // A name, quoted or not, folded. `what` names it in the error.
  Result<std::string> Name(std::string_view what);
  // [namespace.]table. Errors: `Invalid table reference '...'. Expected 'table' or
  // 'namespace.table'`.
  Result<TableName> Table();
  // A quoted string or name, or the run of characters up to the next blank or bracket, its case
  // kept: user ids, e-mail addresses, job ids. Nothing when there is none.
  std::optional<std::string> BareOrQuoted();
  // A string literal.
  std::optional<std::string> String();
  // A whole number without sign.
  std::optional<uint64_t> Unsigned();

  // Skips a parenthesised run, the cursor standing on its `(`. False when it does not close.
  bool SkipParentheses();
  // The text from the next token to the end of the statement.
  [[nodiscard]] std::string_view Rest() const;
  // The text between two positions.
  [[nodiscard]] std::string_view Between(size_t from, size_t to) const;

  // Where the next token stands.
  [[nodiscard]] TextPosition Where() const { return PositionOf(text_, Peek().offset); }

  // `sql parser error: Expected: <what>, found: <token> at Line: l, Column: c`.
  [[nodiscard]] Status Expected(std::string_view what) const;
  // OK when nothing is left.
  [[nodiscard]] Status ExpectEnd() const;
  Status ExpectSymbol(char symbol);
  Status Expect(std::string_view upper);

 private:
  std::string_view text_;
  Tokens tokens_;
  size_t at_ = 0;
};

}  // namespace kalamdb::sql
