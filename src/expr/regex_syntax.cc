// Translating patterns. PostgreSQL's notation is wider than POSIX; what has a POSIX form is
// translated
// (\d \D \y \m \M \A \Z, (?:...), (?i), non-greedy quantifiers, which do not matter for a yes or
// no), the rest is refused.
#include "expr/regex_syntax.h"

#include <algorithm>

#include "expr/utf8.h"

namespace kalamdb::expr {
namespace {

constexpr int kMaxRepetition = 255;
// Of all counted repetitions together, since they may be nested.
constexpr int64_t kMaxExpansion = 2000;

// A character for itself. Only what POSIX gives a meaning is escaped: its library gives meanings of
// its own to some other escapes.
void AppendLiteral(std::string* out, std::string_view c) {
  constexpr std::string_view kSpecial = ".[](){}*+?|^$\\";
  if (c.size() == 1 && kSpecial.find(c[0]) != std::string_view::npos) *out += '\\';
  out->append(c);
}

// Reads {m}, {m,} or {m,n} at the front; multiplies what it may expand to into `expansion`.
Status CheckCount(std::string_view rest, int64_t* expansion, size_t* bytes) {
  const size_t close = rest.find('}');
  if (close == std::string_view::npos) return BadRegex("braces {} not balanced");
  int numbers[2] = {0, 0};
  int n = 0;
  bool digits = false;
  for (const char c : rest.substr(1, close - 1)) {
    if (c == ',' && n == 0 && digits) {
      n = 1;
    } else if (c >= '0' && c <= '9') {
      numbers[n] = numbers[n] * 10 + (c - '0');
      digits = true;
      if (numbers[n] > kMaxRepetition) return BadRegex("invalid repetition count(s)");
    } else {
      return BadRegex("invalid repetition count(s)");
    }
  }
  if (!digits) return BadRegex("invalid repetition count(s)");
  *expansion *= std::max({numbers[0], numbers[1], 1});
  if (*expansion > kMaxExpansion) return BadRegex("regular expression is too complex");
  *bytes = close + 1;
  return Status::Ok();
}

// Copies a bracket expression; class shorthands become what they stand for.
Status CopyBracket(std::string_view p, std::string* out, size_t* bytes) {
  size_t i = 1;
  *out += '[';
  if (i < p.size() && p[i] == '^') *out += p[i++];
  if (i < p.size() && p[i] == ']') *out += p[i++];
  while (i < p.size() && p[i] != ']') {
    if (p[i] == '[' && i + 1 < p.size() &&
        (p[i + 1] == ':' || p[i + 1] == '.' || p[i + 1] == '=')) {
      const char end[] = {p[i + 1], ']'};
      const size_t close = p.find(std::string_view(end, 2), i + 2);
      if (close == std::string_view::npos) return BadRegex("brackets [] not balanced");
      out->append(p, i, close + 2 - i);
      i = close + 2;
    } else if (p[i] == '\\' && i + 1 < p.size()) {
      switch (p[i + 1]) {
        case 'd':
          *out += "[:digit:]";
          break;
        case 's':
          *out += "[:space:]";
          break;
        case 'w':
          *out += "[:alnum:]_";
          break;
        case 'n':
          *out += '\n';
          break;
        case 't':
          *out += '\t';
          break;
        case 'r':
          *out += '\r';
          break;
        case '\\':
          *out += '\\';
          break;
        // Inside brackets these would end or span something: POSIX has no escape for them.
        case ']':
        case '[':
        case '-':
        case '^':
          return BadRegex("an escaped bracket, hyphen or caret in brackets is not supported");
        default:
          *out += p[i + 1];
          break;
      }
      i += 2;
    } else {
      *out += p[i++];
    }
  }
  if (i >= p.size()) return BadRegex("brackets [] not balanced");
  *out += ']';
  *bytes = i + 1;
  return Status::Ok();
}

}  // namespace

Status BadRegex(std::string_view why) {
  return ExecutionError(fmt::format("invalid regular expression: {}", why));
}

Result<std::string> TranslateAdvanced(std::string_view p, bool* ignore_case) {
  std::string out;
  int64_t expansion = 1;
  if (p.starts_with("(?i)")) {
    *ignore_case = true;
    p.remove_prefix(4);
  }
  while (!p.empty()) {
    const char c = p[0];
    size_t n = 1;
    if (c == '[') {
      KDB_RETURN_IF_ERROR(CopyBracket(p, &out, &n));
    } else if (c == '{') {
      KDB_RETURN_IF_ERROR(CheckCount(p, &expansion, &n));
      out.append(p, 0, n);
      if (n < p.size() && p[n] == '?') ++n;
    } else if (c == '(' && p.starts_with("(?")) {
      if (!p.starts_with("(?:"))
        return BadRegex("lookaround and embedded options are not supported");
      out += '(';
      n = 3;
    } else if (c == '*' || c == '+' || c == '?') {
      out += c;
      if (p.size() > 1 && p[1] == '?') n = 2;
    } else if (c == '\\') {
      if (p.size() == 1) return BadRegex("invalid escape \\ sequence");
      n = 2;
      const char e = p[1];
      switch (e) {
        case 'd':
          out += "[[:digit:]]";
          break;
        case 'D':
          out += "[^[:digit:]]";
          break;
        case 's':
          out += "[[:space:]]";
          break;
        case 'S':
          out += "[^[:space:]]";
          break;
        case 'w':
          out += "[[:alnum:]_]";
          break;
        case 'W':
          out += "[^[:alnum:]_]";
          break;
        case 'n':
          out += '\n';
          break;
        case 't':
          out += '\t';
          break;
        case 'r':
          out += '\r';
          break;
        case 'f':
          out += '\f';
          break;
        case 'v':
          out += '\v';
          break;
        case 'y':
          out += "\\b";
          break;
        case 'Y':
          out += "\\B";
          break;
        case 'm':
          out += "\\<";
          break;
        case 'M':
          out += "\\>";
          break;
        case 'A':
          out += '^';
          break;
        case 'Z':
          out += '$';
          break;
        default:
          if ((e >= 'a' && e <= 'z') || (e >= 'A' && e <= 'Z') || (e >= '0' && e <= '9')) {
            return BadRegex(fmt::format("escape \\{} is not supported", e));
          }
          AppendLiteral(&out, p.substr(1, 1));
          break;
      }
    } else {
      out += c;
    }
    p.remove_prefix(n);
  }
  return out;
}

Result<std::string> TranslateSimilar(std::string_view p, std::string_view escape) {
  if (!escape.empty() && CharBytes(escape) != escape.size()) {
    return ExecutionError("invalid escape string: it must be empty or one character");
  }
  std::string out = "^(";
  int64_t expansion = 1;
  while (!p.empty()) {
    size_t n = CharBytes(p);
    std::string_view c = p.substr(0, n);
    if (!escape.empty() && c == escape) {
      p.remove_prefix(n);
      if (p.empty()) return BadRegex("the pattern ends with its escape character");
      n = CharBytes(p);
      AppendLiteral(&out, p.substr(0, n));
    } else if (c == "%") {
      out += ".*";
    } else if (c == "_") {
      out += '.';
    } else if (c == "[") {
      KDB_RETURN_IF_ERROR(CopyBracket(p, &out, &n));
    } else if (c == "{") {
      KDB_RETURN_IF_ERROR(CheckCount(p, &expansion, &n));
      out.append(p, 0, n);
    } else {
      if (c == "." || c == "^" || c == "$" || c == "\\") {
        AppendLiteral(&out, c);
      } else {
        out.append(c);
      }
    }
    p.remove_prefix(n);
  }
  return out + ")$";
}

}  // namespace kalamdb::expr
