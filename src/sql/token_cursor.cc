#include "sql/token_cursor.h"

#include <fmt/format.h>

#include <charconv>

namespace kalamdb::sql {

namespace {
constexpr Token kEndToken;
// Longest piece of the statement that an error message repeats.
constexpr size_t kMaxQuotedInError = 80;
}  // namespace

const Token& TokenCursor::Peek(size_t ahead) const {
  return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : kEndToken;
}

bool TokenCursor::Is(std::string_view upper, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && IsWord(Text(token), upper);
}

bool TokenCursor::Accept(std::string_view upper) {
  if (!Is(upper)) return false;
  Skip();
  return true;
}

bool TokenCursor::AcceptSymbol(char symbol) {
  if (!IsSymbol(symbol)) return false;
  Skip();
  return true;
}

bool TokenCursor::AcceptAll(std::initializer_list<std::string_view> uppers) {
  size_t ahead = 0;
  for (std::string_view upper : uppers) {
    if (!Is(upper, ahead++)) return false;
  }
  Skip(uppers.size());
  return true;
}

Result<bool> TokenCursor::AcceptIfExists() {
  if (!Is("IF")) return false;
  if (AcceptAll({"IF", "EXISTS"})) return true;
  Skip();
  return Expected("EXISTS");
}

Result<bool> TokenCursor::AcceptIfNotExists() {
  if (!Is("IF")) return false;
  if (AcceptAll({"IF", "NOT", "EXISTS"})) return true;
  Skip();
  return Expected("NOT EXISTS");
}

Result<std::string> TokenCursor::Name(std::string_view what) {
  const Token& token = Peek();
  if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) return Expected(what);
  std::string name = FoldCase(NameValue(Text(token)));
  Skip();
  return name;
}

Result<TableName> TokenCursor::Table() {
  const size_t start = at_;
  std::vector<std::string> parts;
  do {
    Result<std::string> part = Name("a table name");
    if (!part.ok()) return part.status();
    parts.push_back(std::move(*part));
  } while (AcceptSymbol('.'));
  if (parts.size() > 2) {
    return InvalidSql(
        fmt::format("Invalid table reference '{}'. Expected 'table' or 'namespace.table'",
                    Between(start, at_).substr(0, kMaxQuotedInError)));
  }
  TableName name;
  name.table = std::move(parts.back());
  if (parts.size() == 2) name.schema = std::move(parts.front());
  return name;
}

std::optional<std::string> TokenCursor::BareOrQuoted() {
  const Token first = Peek();
  std::string value;
  switch (first.kind) {
    case TokenKind::kString:
      if (!StringValue(Text(first), &value)) return std::nullopt;
      Skip();
      return value;
    case TokenKind::kQuotedName:
      value = NameValue(Text(first));
      Skip();
      return value;
    case TokenKind::kEnd:
      return std::nullopt;
    default:
      break;
  }
  uint32_t end = first.offset;
  while (!AtEnd()) {
    const Token& token = Peek();
    if (token.offset != end || token.kind == TokenKind::kString ||
        token.kind == TokenKind::kQuotedName) {
      break;
    }
    if (token.symbol != 0 &&
        std::string_view("(),;").find(token.symbol) != std::string_view::npos) {
      break;
    }
    end = token.end();
    Skip();
  }
  if (end == first.offset) return std::nullopt;
  return std::string(text_.substr(first.offset, end - first.offset));
}

std::optional<std::string> TokenCursor::String() {
  const Token& token = Peek();
  std::string value;
  if (token.kind != TokenKind::kString || !StringValue(Text(token), &value)) return std::nullopt;
  Skip();
  return value;
}

std::optional<uint64_t> TokenCursor::Unsigned() {
  const Token& token = Peek();
  if (token.kind != TokenKind::kNumber) return std::nullopt;
  const std::string_view digits = Text(token);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  Skip();
  return value;
}

bool TokenCursor::SkipParentheses() {
  size_t depth = 0;
  while (!AtEnd()) {
    if (IsSymbol('(')) ++depth;
    if (IsSymbol(')')) --depth;
    Skip();
    if (depth == 0) return true;
  }
  return false;
}

std::string_view TokenCursor::Rest() const { return Between(at_, tokens_.size()); }

std::string_view TokenCursor::Between(size_t from, size_t to) const {
  if (from >= to || from >= tokens_.size()) return {};
  const uint32_t begin = tokens_[from].offset;
  return text_.substr(begin, tokens_[to - 1].end() - begin);
}

Status TokenCursor::Expected(std::string_view what) const {
  const Token& token = Peek();
  if (AtEnd()) {
    return InvalidSql(fmt::format("sql parser error: Expected: {}, found: EOF", what))
        .At(tokens_.empty() ? -1 : static_cast<int64_t>(tokens_.back().end()));
  }
  const TextPosition at = PositionOf(text_, token.offset);
  std::string_view found = Text(token).substr(0, kMaxQuotedInError);
  while (!found.empty() && found.size() < Text(token).size() && (found.back() & 0x80) != 0) {
    found.remove_suffix(1);
  }
  return InvalidSql(fmt::format("sql parser error: Expected: {}, found: {} at Line: {}, Column: {}",
                                what, found, at.line, at.column))
      .At(token.offset);
}

Status TokenCursor::ExpectEnd() const {
  return AtEnd() ? Status::Ok() : Expected("end of statement");
}

Status TokenCursor::ExpectSymbol(char symbol) {
  if (AcceptSymbol(symbol)) return Status::Ok();
  return Expected(std::string_view(&symbol, 1));
}

Status TokenCursor::Expect(std::string_view upper) {
  if (Accept(upper)) return Status::Ok();
  return Expected(upper);
}

}  // namespace kalamdb::sql
