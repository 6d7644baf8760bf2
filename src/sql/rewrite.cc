#include "sql/rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sql/tree_depth.h"

namespace kalamdb::sql {

namespace {

// PostgreSQL keeps this many bytes of a name.
constexpr size_t kMaxPgNameBytes = 63;
// First byte of a stand-in for a long name.
constexpr char kStandIn = '\x01';

// The words that are functions without parentheses in the grammar.
bool IsValueFunction(std::string_view word) {
  switch (word.size()) {
    case 9:
      return IsWord(word, "LOCALTIME");
    case 12:
      return IsWord(word, "CURRENT_USER") || IsWord(word, "CURRENT_ROLE") ||
             IsWord(word, "CURRENT_DATE") || IsWord(word, "CURRENT_TIME") ||
             IsWord(word, "SESSION_USER");
    case 14:
      return IsWord(word, "CURRENT_SCHEMA") || IsWord(word, "LOCALTIMESTAMP");
    case 15:
      return IsWord(word, "CURRENT_CATALOG");
    case 17:
      return IsWord(word, "CURRENT_TIMESTAMP");
    default:
      return false;
  }
}

std::string QuoteName(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

Status TooDeep() {
  return InvalidSql(fmt::format(
      "Statement is nested too deeply (at most {} levels of parentheses and {} chained operators)",
      kMaxNesting, kMaxTreeDepth));
}

}  // namespace

void PgText::Replace(uint32_t offset, uint32_t length, std::string replacement) {
  edits_.push_back({offset, length, std::move(replacement), 0});
}

Result<size_t> PgText::ScanStarExcept(Tokens tokens, size_t star) {
  // tokens[star] is *, then EXCEPT, then (.
  size_t i = star + 3;
  Star entry;
  for (bool name_next = true; i < tokens.size(); ++i, name_next = !name_next) {
    const Token& token = tokens[i];
    if (name_next) {
      if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) break;
      entry.columns.push_back(FoldCase(NameValue(token.In(text_))));
    } else if (token.symbol == ')') {
      size_t first = star;
      while (first >= 2 && tokens[first - 1].symbol == '.') first -= 2;
      entry.offset = tokens[first].offset;
      stars_.push_back(std::move(entry));
      const uint32_t from = tokens[star + 1].offset;
      const uint32_t length = token.end() - from;
      Replace(from, length, std::string(length, ' '));
      return i - star;
    } else if (token.symbol != ',') {
      break;
    }
  }
  return InvalidSql("* EXCEPT needs a list of column names in parentheses");
}

void PgText::ScanWord(std::string_view word, const Token& token, Tokens tokens, size_t i) {
  const auto next_symbol = [&](size_t n) {
    return i + n < tokens.size() ? tokens[i + n].symbol : '\0';
  };
  if (word.size() > kMaxPgNameBytes) {
    long_names_.emplace_back(FoldCase(word));
    Replace(token.offset, token.length,
            QuoteName(fmt::format("{}{}", kStandIn, long_names_.size() - 1)));
  } else if (word.size() == 4 && IsWord(word, "USER")) {
    Replace(token.offset, token.length, QuoteName("user"));
  } else if (word.size() == 7 && next_symbol(1) == '.' && IsWord(word, "DEFAULT")) {
    // The namespace, not the keyword.
    Replace(token.offset, token.length, QuoteName("default"));
  } else if (word.size() == 8 && IsWord(word, "TRY_CAST") && next_symbol(1) == '(') {
    Replace(token.offset, token.length, "    CAST");
    try_casts_.push_back(token.offset + 4);
  } else if (next_symbol(1) == '(' && next_symbol(2) == ')' && IsValueFunction(word)) {
    const uint32_t from = tokens[i + 1].offset;
    const uint32_t length = tokens[i + 2].end() - from;
    Replace(from, length, std::string(length, ' '));
  }
}

void PgText::ScanInsert(Tokens tokens) {
  const auto is_name = [&](size_t i) {
    return i < tokens.size() &&
           (tokens[i].kind == TokenKind::kWord || tokens[i].kind == TokenKind::kQuotedName);
  };
  const auto is = [&](size_t i, std::string_view upper) {
    return i < tokens.size() && tokens[i].kind == TokenKind::kWord &&
           IsWord(tokens[i].In(text_), upper);
  };
  if (!is(0, "INSERT") || is(1, "OR")) return;
  if (is(1, "INTO")) {
    if (is(2, "TABLE") && is_name(3)) Replace(tokens[2].offset, tokens[2].length, "     ");
  } else if (is(1, "TABLE") && is_name(2)) {
    Replace(tokens[1].offset, tokens[1].length, "INTO ");
  } else if (is_name(1) &&
             !(is(1, "OVERWRITE") && is_name(2) && !is(2, "VALUES") && !is(2, "SELECT"))) {
    Replace(tokens[1].offset, 0, "INTO ");
  }
}

Status PgText::Scan(std::string_view text, Tokens tokens) {
  text_ = text;
  statement_ = text.substr(tokens.front().offset, tokens.back().end() - tokens.front().offset);
  TreeDepth depth;
  ScanInsert(tokens);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    switch (token.kind) {
      case TokenKind::kOperator:
        if (token.symbol == 0) {
          depth.AddOperator();
          break;
        }
        depth.AddSymbol(token.symbol);
        if (depth.max_nesting() > kMaxNesting || depth.max_depth() > kMaxTreeDepth) {
          return TooDeep();
        }
        if (token.symbol == '*' && i + 3 < tokens.size() && tokens[i + 2].symbol == '(' &&
            tokens[i + 1].kind == TokenKind::kWord && IsWord(tokens[i + 1].In(text), "EXCEPT")) {
          // `SELECT * EXCEPT (SELECT ...)` is a set operation.
          const Token& inner = tokens[i + 3];
          const std::string_view word = inner.kind == TokenKind::kWord ? inner.In(text) : "";
          if (inner.symbol == '(' || IsWord(word, "SELECT") || IsWord(word, "VALUES") ||
              IsWord(word, "WITH") || IsWord(word, "TABLE")) {
            break;
          }
          Result<size_t> skipped = ScanStarExcept(tokens, i);
          if (!skipped.ok()) return skipped.status();
          i += *skipped;
        }
        break;
      case TokenKind::kWord: {
        const std::string_view word = token.In(text);
        depth.AddWord(word, i > 0 && tokens[i - 1].symbol == '.');
        ScanWord(word, token, tokens, i);
        break;
      }
      case TokenKind::kQuotedName: {
        const std::string_view quoted = token.In(text);
        if (quoted.find(kStandIn) != std::string_view::npos) {
          return InvalidSql("Quoted name contains a control character");
        }
        if (quoted[0] == '`' || (quoted[0] == '"' && quoted.size() > kMaxPgNameBytes + 2)) {
          std::string name = NameValue(quoted);
          if (name.size() > kMaxPgNameBytes) {
            long_names_.push_back(std::move(name));
            name = fmt::format("{}{}", kStandIn, long_names_.size() - 1);
          }
          Replace(token.offset, token.length, QuoteName(name));
        }
        break;
      }
      case TokenKind::kParam: {
        int number = 0;
        const std::string_view digits = token.In(text).substr(1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || end != digits.data() + digits.size() || number < 1 ||
            number > 65535) {
          return InvalidSql(fmt::format("Invalid placeholder '{}'", token.In(text)));
        }
        max_param_ = std::max(max_param_, number);
        break;
      }
      default:
        break;
    }
  }
  if (depth.max_depth() > kMaxTreeDepth) return TooDeep();
  depth_ = depth.max_depth();
  return Status::Ok();
}

void PgText::Build(std::string_view prefix, uint32_t begin, uint32_t end) {
  sql_.reserve(prefix.size() + (end - begin) + edits_.size() * 8);
  sql_ = prefix;
  // The text in front of `begin` counts as replaced by the prefix.
  edits_.insert(edits_.begin(), Edit{0, begin, std::string(prefix), 0});
  uint32_t copied = begin;
  for (size_t i = 1; i < edits_.size(); ++i) {
    Edit& edit = edits_[i];
    sql_.append(text_.substr(copied, edit.offset - copied));
    edit.new_offset = static_cast<uint32_t>(sql_.size());
    sql_.append(edit.replacement);
    copied = edit.offset + edit.length;
  }
  sql_.append(text_.substr(copied, end - copied));
}

Status PgText::Prepare(std::string_view text, Tokens tokens) {
  if (tokens.empty()) return InvalidSql("sql parser error: Expected: an SQL statement, found: EOF");
  if (Status bad = Scan(text, tokens); !bad.ok()) return bad;
  Build("", tokens.front().offset, tokens.back().end());
  return Status::Ok();
}

Status PgText::PrepareExpression(std::string_view text, Tokens tokens) {
  if (tokens.empty()) return InvalidSql("sql parser error: Expected: an expression, found: EOF");
  if (Status bad = Scan(text, tokens); !bad.ok()) return bad;
  Build("SELECT ", tokens.front().offset, tokens.back().end());
  return Status::Ok();
}

int PgText::OriginalOffset(int64_t offset) const {
  if (offset < 0 || edits_.empty()) return -1;
  auto after = std::upper_bound(edits_.begin(), edits_.end(), offset,
                                [](int64_t o, const Edit& e) { return o < e.new_offset; });
  if (after == edits_.begin()) return static_cast<int>(offset);
  const Edit& edit = *(after - 1);
  const int64_t within = offset - edit.new_offset;
  const auto replaced = static_cast<int64_t>(edit.replacement.size());
  if (within < replaced)
    return static_cast<int>(edit.offset + std::min<int64_t>(within, edit.length));
  return static_cast<int>(edit.offset + edit.length + (within - replaced));
}

const std::vector<std::string>* PgText::StarExcept(int64_t offset) const {
  if (stars_.empty()) return nullptr;
  const int original = OriginalOffset(offset);
  const auto star =
      std::lower_bound(stars_.begin(), stars_.end(), original,
                       [](const Star& s, int o) { return static_cast<int>(s.offset) < o; });
  if (star == stars_.end() || static_cast<int>(star->offset) != original) return nullptr;
  return &star->columns;
}

bool PgText::IsTryCast(int64_t offset) const {
  if (try_casts_.empty() || offset < 0) return false;
  return std::binary_search(try_casts_.begin(), try_casts_.end(),
                            static_cast<uint32_t>(OriginalOffset(offset)));
}

std::string_view PgText::RealName(std::string_view name) const {
  if (name.empty() || name[0] != kStandIn) return name;
  size_t index = 0;
  std::from_chars(name.data() + 1, name.data() + name.size(), index);
  return index < long_names_.size() ? std::string_view(long_names_[index]) : name;
}

}  // namespace kalamdb::sql
