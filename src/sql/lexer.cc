#include "sql/lexer.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "base/json_text.h"
#include "sql/parser.h"

namespace kalamdb::sql {

namespace {

enum CharClass : uint8_t { kOther = 0, kSpace = 1, kNameStart = 2, kDigit = 4, kOpChar = 8 };

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> c{};
  for (char s : {' ', '\t', '\n', '\r', '\f', '\v'}) c[static_cast<unsigned char>(s)] = kSpace;
  for (int i = 'a'; i <= 'z'; ++i) c[i] = kNameStart;
  for (int i = 'A'; i <= 'Z'; ++i) c[i] = kNameStart;
  for (int i = 0x80; i <= 0xff; ++i) c[i] = kNameStart;
  c['_'] = kNameStart;
  for (int i = '0'; i <= '9'; ++i) c[i] = kDigit;
  // The back quote, an operator character in PostgreSQL, quotes names here.
  for (char s : std::string_view("~!@#^&|?+-*/%<>=")) c[static_cast<unsigned char>(s)] = kOpChar;
  return c;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

uint8_t ClassOf(char c) { return kClasses[static_cast<unsigned char>(c)]; }

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<Token>* out)
      : begin_(text.data()), p_(text.data()), end_(text.data() + text.size()), out_(out) {}

  Status Run() {
    while (SkipBlanksAndComments()) {
      if (!Next()) break;
    }
    if (open_quote_) {
      return Status(ErrorCode::kBatchParse,
                    "Failed to parse SQL batch: Unterminated quoted string in SQL batch")
          .At(open_at_ - begin_);
    }
    if (open_comment_) {
      return Status(ErrorCode::kBatchParse,
                    "Failed to parse SQL batch: Unterminated block comment in SQL batch")
          .At(open_at_ - begin_);
    }
    return Status::Ok();
  }

 private:
  [[nodiscard]] char Peek(ptrdiff_t i) const { return p_ + i < end_ ? p_[i] : '\0'; }

  void Emit(TokenKind kind, const char* from, char symbol = 0) {
    out_->push_back(
        {kind, symbol, static_cast<uint32_t>(from - begin_), static_cast<uint32_t>(p_ - from)});
  }

  // False at the end of the text and inside an open comment.
  bool SkipBlanksAndComments() {
    for (;;) {
      while (p_ < end_ && ClassOf(*p_) == kSpace) ++p_;
      if (p_ >= end_) return false;
      if (*p_ == '-' && Peek(1) == '-') {
        const void* newline = std::memchr(p_, '\n', static_cast<size_t>(end_ - p_));
        if (newline == nullptr) {
          p_ = end_;
          return false;
        }
        p_ = static_cast<const char*>(newline) + 1;
      } else if (*p_ == '/' && Peek(1) == '*') {
        if (!SkipBlockComment()) return false;
      } else {
        return true;
      }
    }
  }

  bool SkipBlockComment() {
    const char* from = p_;
    int depth = 1;
    for (p_ += 2; p_ < end_;) {
      if (*p_ == '*' && Peek(1) == '/') {
        p_ += 2;
        if (--depth == 0) return true;
      } else if (*p_ == '/' && Peek(1) == '*') {
        p_ += 2;
        ++depth;
      } else {
        ++p_;
      }
    }
    open_comment_ = true;
    open_at_ = from;
    return false;
  }

  // One token; false when a quote stays open.
  bool Next() {
    const char* from = p_;
    const char c = *p_;
    switch (ClassOf(c)) {
      case kNameStart:
        return Word(from);
      case kDigit:
        return Number(from);
      case kOpChar:
        return Operator(from);
      default:
        break;
    }
    switch (c) {
      case '\'':
        return Quoted(from, '\'', false, TokenKind::kString);
      case '"':
      case '`':
        return Quoted(from, c, false, TokenKind::kQuotedName);
      case '$':
        return Dollar(from);
      case '.':
        if (ClassOf(Peek(1)) == kDigit) return Number(from);
        break;
      case ':':
        if (Peek(1) == ':') {
          p_ += 2;
          Emit(TokenKind::kOperator, from);
          return true;
        }
        break;
      default:
        break;
    }
    ++p_;
    Emit(TokenKind::kOperator, from, c);
    return true;
  }

  bool Word(const char* from) {
    const char next = Peek(1);
    if (next == '\'') {
      switch (*p_ | 0x20) {
        case 'e':
          ++p_;
          return Quoted(from, '\'', true, TokenKind::kString);
        case 'n':
          ++p_;
          return Quoted(from, '\'', false, TokenKind::kString);
        case 'x':
        case 'b':
          ++p_;
          return Quoted(from, '\'', false, TokenKind::kBits);
        default:
          break;
      }
    }
    if (next == '&' && (*p_ | 0x20) == 'u' && (Peek(2) == '\'' || Peek(2) == '"')) {
      p_ += 2;
      return Quoted(from, *p_, false, *p_ == '"' ? TokenKind::kQuotedName : TokenKind::kString);
    }
    do {
      ++p_;
    } while (p_ < end_ && ((ClassOf(*p_) & (kNameStart | kDigit)) != 0 || *p_ == '$'));
    Emit(TokenKind::kWord, from);
    return true;
  }

  bool Number(const char* from) {
    const auto digits = [this] {
      while (p_ < end_ && ClassOf(*p_) == kDigit) ++p_;
    };
    digits();
    // `1..2` is no number with a fraction.
    if (p_ < end_ && *p_ == '.' && Peek(1) != '.') {
      ++p_;
      digits();
    }
    if (p_ < end_ && (*p_ | 0x20) == 'e') {
      const ptrdiff_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
      if (ClassOf(Peek(1 + sign)) == kDigit) {
        p_ += 1 + sign;
        digits();
      }
    }
    Emit(TokenKind::kNumber, from);
    return true;
  }

  // A run of operator characters, cut where a comment begins; a trailing + or - belongs to what
  // follows unless one of ~!@#^&|?% is in the run.
  bool Operator(const char* from) {
    bool special = false;
    while (p_ < end_ && ClassOf(*p_) == kOpChar) {
      if (p_ != from && ((*p_ == '-' && Peek(1) == '-') || (*p_ == '/' && Peek(1) == '*'))) break;
      special |= std::strchr("~!@#^&|?%", *p_) != nullptr;
      ++p_;
    }
    while (!special && p_ - from > 1 && (p_[-1] == '+' || p_[-1] == '-')) --p_;
    Emit(TokenKind::kOperator, from, p_ - from == 1 ? *from : '\0');
    return true;
  }

  // p_ stands on the opening quote.
  bool Quoted(const char* from, char quote, bool escapes, TokenKind kind) {
    for (++p_; p_ < end_; ++p_) {
      if (escapes) {
        if (*p_ == '\\') {
          if (++p_ >= end_) break;
          continue;
        }
      } else {
        p_ = static_cast<const char*>(std::memchr(p_, quote, static_cast<size_t>(end_ - p_)));
        if (p_ == nullptr) break;
      }
      if (*p_ != quote) continue;
      if (Peek(1) != quote) {
        ++p_;
        Emit(kind, from);
        return true;
      }
      ++p_;
    }
    p_ = end_;
    open_quote_ = true;
    open_at_ = from;
    return false;
  }

  bool Dollar(const char* from) {
    const char* q = p_ + 1;
    if (q < end_ && ClassOf(*q) == kDigit) {
      while (q < end_ && ClassOf(*q) == kDigit) ++q;
      p_ = q;
      Emit(TokenKind::kParam, from);
      return true;
    }
    if (q < end_ && ClassOf(*q) == kNameStart) {
      while (q < end_ && (ClassOf(*q) & (kNameStart | kDigit)) != 0) ++q;
    }
    if (q >= end_ || *q != '$') {
      ++p_;
      Emit(TokenKind::kOperator, from, '$');
      return true;
    }
    const std::string_view tag(p_, static_cast<size_t>(q + 1 - p_));
    const std::string_view rest(q + 1, static_cast<size_t>(end_ - q - 1));
    const size_t close = rest.find(tag);
    if (close == std::string_view::npos) {
      p_ = end_;
      open_quote_ = true;
      open_at_ = from;
      return false;
    }
    p_ = rest.data() + close + tag.size();
    Emit(TokenKind::kString, from);
    return true;
  }

  const char* begin_;
  const char* p_;
  const char* end_;
  std::vector<Token>* out_;
  bool open_quote_ = false;
  bool open_comment_ = false;
  const char* open_at_ = nullptr;  // where what stays open begins
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendUtf8(std::string* out, uint32_t c) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xc0 | (c >> 6)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xe0 | (c >> 12)));
    out->push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out->push_back(static_cast<char>(0xf0 | (c >> 18)));
    out->push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3f)));
    out->push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

// The body of E'...'. False when an escape names no character or the result is no text.
bool UnescapeBackslashes(std::string_view body, std::string* out) {
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\'') ++i;  // doubled
    if (body[i] != '\\') {
      out->push_back(body[i]);
      continue;
    }
    if (++i >= body.size()) return false;
    const char c = body[i];
    const auto digits = [&](size_t max, int base) {
      uint32_t v = 0;
      size_t n = 0;
      while (n < max && i + 1 < body.size()) {
        const int d = HexDigit(body[i + 1]);
        if (d < 0 || d >= base) break;
        v = v * static_cast<uint32_t>(base) + static_cast<uint32_t>(d);
        ++n;
        ++i;
      }
      return std::pair(v, n);
    };
    switch (c) {
      case 'b':
        out->push_back('\b');
        break;
      case 'f':
        out->push_back('\f');
        break;
      case 'n':
        out->push_back('\n');
        break;
      case 'r':
        out->push_back('\r');
        break;
      case 't':
        out->push_back('\t');
        break;
      case 'x': {
        const auto [v, n] = digits(2, 16);
        if (n == 0) {
          out->push_back('x');
        } else {
          out->push_back(static_cast<char>(v));
        }
        break;
      }
      case 'u':
      case 'U': {
        const size_t want = c == 'u' ? 4 : 8;
        const auto [v, n] = digits(want, 16);
        if (n != want || v == 0 || v > 0x10ffff || (v >= 0xd800 && v < 0xe000)) return false;
        AppendUtf8(out, v);
        break;
      }
      default:
        if (c >= '0' && c <= '7') {
          --i;
          out->push_back(static_cast<char>(digits(3, 8).first));
        } else {
          out->push_back(c);
        }
    }
  }
  return out->find('\0') == std::string::npos && IsValidUtf8(*out);
}

void AppendUndoubled(std::string* out, std::string_view body, char quote) {
  out->reserve(out->size() + body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    out->push_back(body[i]);
    if (body[i] == quote) ++i;
  }
}

}  // namespace

Status Lex(std::string_view text, std::vector<Token>* out) {
  // Typical statements have a token for every four or five bytes; dense ones grow once or twice.
  out->reserve(out->size() + text.size() / 4 + 8);
  return Lexer(text, out).Run();
}

Status CheckSqlText(std::string_view text) {
  if (text.size() > kMaxSqlBytes) {
    return InvalidSql(
        fmt::format("SQL query too long: {} bytes (maximum {} bytes)", text.size(), kMaxSqlBytes));
  }
  if (std::memchr(text.data(), '\0', text.size()) != nullptr) {
    return InvalidSql("SQL text contains a NUL byte");
  }
  if (!IsValidUtf8(text)) return InvalidSql("SQL text is not valid UTF-8");
  return Status::Ok();
}

bool StringValue(std::string_view token, std::string* out) {
  out->clear();
  if (token.size() < 2) return false;
  switch (token[0]) {
    case '\'':
      AppendUndoubled(out, token.substr(1, token.size() - 2), '\'');
      return true;
    case 'n':
    case 'N':
      AppendUndoubled(out, token.substr(2, token.size() - 3), '\'');
      return true;
    case 'e':
    case 'E':
      return UnescapeBackslashes(token.substr(2, token.size() - 3), out);
    case '$': {
      const size_t tag = token.find('$', 1) + 1;
      *out = token.substr(tag, token.size() - 2 * tag);
      return true;
    }
    default:
      return false;
  }
}

bool HexValue(std::string_view token, std::string* out) {
  out->clear();
  if (token.size() < 3 || (token[0] | 0x20) != 'x') return false;
  const std::string_view digits = token.substr(2, token.size() - 3);
  if (digits.size() % 2 != 0) return false;
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int hi = HexDigit(digits[i]);
    const int lo = HexDigit(digits[i + 1]);
    if (hi < 0 || lo < 0) return false;
    out->push_back(static_cast<char>(hi * 16 + lo));
  }
  return true;
}

std::string NameValue(std::string_view token) {
  std::string name;
  if (token.size() >= 2 && (token[0] == '"' || token[0] == '`')) {
    AppendUndoubled(&name, token.substr(1, token.size() - 2), token[0]);
  } else {
    name = token;
  }
  return name;
}

std::string FoldCase(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return folded;
}

bool IsWord(std::string_view word, std::string_view upper) {
  if (word.size() != upper.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    char c = word[i];
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    if (c != upper[i]) return false;
  }
  return true;
}

TextPosition PositionOf(std::string_view text, size_t offset) {
  TextPosition at;
  for (size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++at.line;
      at.column = 1;
    } else if ((text[i] & 0xc0) != 0x80) {
      ++at.column;
    }
  }
  return at;
}

}  // namespace kalamdb::sql
