// SQL text to tokens: PostgreSQL's lexical rules, and back-quoted names beside them.
//
// Every pass before the grammar works on these tokens, so that no rewriting ever reaches into a
// string or a comment: splitting, classification, rewriting for libpg_query, KalamDB's own
// statements.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kalamdb::sql {

enum class TokenKind : uint8_t {
  kWord,        // unquoted identifier or keyword
  kQuotedName,  // "x" or `x`
  kString,      // 'x', E'x', N'x', U&'x', $tag$x$tag$
  kBits,        // X'1f', B'01'
  kNumber,
  kParam,     // $1
  kOperator,  // operators and punctuation
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  char symbol = 0;  // the character of a kOperator that is one byte long
  uint32_t offset = 0;
  uint32_t length = 0;
  [[nodiscard]] uint32_t end() const { return offset + length; }
  [[nodiscard]] std::string_view In(std::string_view text) const {
    return text.substr(offset, length);
  }
};
using Tokens = std::span<const Token>;

// Appends the tokens of `text`, without a kEnd. Comments (also nested ones) and blanks leave
// nothing. Errors: kBatchParse for an unterminated quote or block comment; the tokens before it are
// appended.
Status Lex(std::string_view text, std::vector<Token>* out);

// kInvalidSql when the text is longer than kMaxSqlBytes, holds a NUL byte or is not valid UTF-8.
Status CheckSqlText(std::string_view text);

// What a kString token means: quotes, doubled quotes and backslash escapes taken off.
// False for the forms that own statements do not take (U&'...').
bool StringValue(std::string_view token, std::string* out);
// The bytes of X'0aff'; false when it is no even number of hex digits, or B'...'.
bool HexValue(std::string_view token, std::string* out);
// The name inside a kQuotedName or kWord token, its case kept.
std::string NameValue(std::string_view token);

// ASCII only, as PostgreSQL folds names in UTF-8 databases.
std::string FoldCase(std::string_view name);
// `upper` must be upper case.
bool IsWord(std::string_view word, std::string_view upper);

// Position of a byte in a text for messages: lines and characters count from 1.
struct TextPosition {
  int line = 1;
  int column = 1;
};
TextPosition PositionOf(std::string_view text, size_t offset);

}  // namespace kalamdb::sql
