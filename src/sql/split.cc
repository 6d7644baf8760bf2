// Requests hold several statements: cut at the semicolons that stand outside quotes and comments.
#include <cstring>
#include <exception>

#include "sql/lexer.h"
#include "sql/parser.h"

namespace kalamdb::sql {

namespace {

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Most requests are one statement without comments: those need no tokens. What is wrong inside
// quotes is found when the statement is parsed.
bool IsPlainlyOneStatement(std::string_view* text) {
  std::string_view t = *text;
  while (!t.empty() && IsBlank(t.front())) t.remove_prefix(1);
  while (!t.empty() && IsBlank(t.back())) t.remove_suffix(1);
  if (!t.empty() && t.back() == ';') {
    t.remove_suffix(1);
    while (!t.empty() && IsBlank(t.back())) t.remove_suffix(1);
  }
  if (t.empty() || std::memchr(t.data(), ';', t.size()) != nullptr) return false;
  if (t.find("--") != std::string_view::npos || t.find("/*") != std::string_view::npos)
    return false;
  *text = t;
  return true;
}

Result<std::vector<std::string_view>> Split(std::string_view text) {
  if (Status bad = CheckSqlText(text); !bad.ok()) return bad;
  std::vector<std::string_view> statements;
  if (IsPlainlyOneStatement(&text)) {
    statements.emplace_back(text);
    return statements;
  }
  std::vector<Token> tokens;
  if (Status bad = Lex(text, &tokens); !bad.ok()) return bad;
  const Token* first = nullptr;
  const Token* last = nullptr;
  const auto flush = [&] {
    if (first != nullptr) {
      statements.emplace_back(text.substr(first->offset, last->end() - first->offset));
    }
    first = last = nullptr;
  };
  for (const Token& token : tokens) {
    if (token.symbol == ';') {
      flush();
      continue;
    }
    if (first == nullptr) first = &token;
    last = &token;
  }
  flush();
  if (statements.empty()) return Status(ErrorCode::kEmptySql, "No SQL statements provided");
  return statements;
}

}  // namespace

Result<std::vector<std::string_view>> SplitBatch(std::string_view text) {
  try {
    return Split(text);
  } catch (const std::exception&) {
    return Status(ErrorCode::kUnavailable, "out of memory while parsing");
  }
}

}  // namespace kalamdb::sql
