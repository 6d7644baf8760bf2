// ~ ~* !~ !~* and SIMILAR TO, on the C library's POSIX extended expressions.
//
// PostgreSQL's own syntax is wider; what has a POSIX form is translated (\d \D \y \m \M \A \Z,
// (?:...),
// (?i), non-greedy quantifiers, which do not matter for a yes or no), the rest is refused. Patterns
// are bounded in length and in repetition, for the library's automaton grows with both.
#include <regex.h>

#include <clocale>

#include "expr/node.h"
#include "expr/utf8.h"

namespace kalamdb::expr {
namespace {

constexpr size_t kMaxPatternBytes = 1000;
constexpr int kMaxRepetition = 255;
// Of all counted repetitions together, since they may be nested.
constexpr int64_t kMaxExpansion = 2000;

Status Bad(std::string_view why) {
  return ExecutionError(fmt::format("invalid regular expression: {}", why));
}

// Makes regcomp and regexec of this thread read UTF-8, and puts back what was there.
class Utf8Scope {
 public:
  Utf8Scope() {
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (locale != nullptr) before_ = uselocale(locale);
  }
  ~Utf8Scope() {
    if (before_ != nullptr) uselocale(before_);
  }
  Utf8Scope(const Utf8Scope&) = delete;
  Utf8Scope& operator=(const Utf8Scope&) = delete;

 private:
  locale_t before_ = nullptr;
};

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
  if (close == std::string_view::npos) return Bad("braces {} not balanced");
  int numbers[2] = {0, 0};
  int n = 0;
  bool digits = false;
  for (const char c : rest.substr(1, close - 1)) {
    if (c == ',' && n == 0 && digits) {
      n = 1;
    } else if (c >= '0' && c <= '9') {
      numbers[n] = numbers[n] * 10 + (c - '0');
      digits = true;
      if (numbers[n] > kMaxRepetition) return Bad("invalid repetition count(s)");
    } else {
      return Bad("invalid repetition count(s)");
    }
  }
  if (!digits) return Bad("invalid repetition count(s)");
  *expansion *= std::max({numbers[0], numbers[1], 1});
  if (*expansion > kMaxExpansion) return Bad("regular expression is too complex");
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
      if (close == std::string_view::npos) return Bad("brackets [] not balanced");
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
          return Bad("an escaped bracket, hyphen or caret in brackets is not supported");
        default:
          *out += p[i + 1];
          break;
      }
      i += 2;
    } else {
      *out += p[i++];
    }
  }
  if (i >= p.size()) return Bad("brackets [] not balanced");
  *out += ']';
  *bytes = i + 1;
  return Status::Ok();
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
      if (!p.starts_with("(?:")) return Bad("lookaround and embedded options are not supported");
      out += '(';
      n = 3;
    } else if (c == '*' || c == '+' || c == '?') {
      out += c;
      if (p.size() > 1 && p[1] == '?') n = 2;
    } else if (c == '\\') {
      if (p.size() == 1) return Bad("invalid escape \\ sequence");
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
            return Bad(fmt::format("escape \\{} is not supported", e));
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

// SQL's own: % and _, alternation, repetition and brackets; matches the whole text.
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
      if (p.empty()) return Bad("the pattern ends with its escape character");
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

class Pattern {
 public:
  static Result<std::unique_ptr<const Pattern>> Compile(const std::string& posix,
                                                        bool ignore_case) {
    auto out = std::unique_ptr<Pattern>(new Pattern);
    const Utf8Scope scope;
    const int flags = REG_EXTENDED | REG_NOSUB | (ignore_case ? REG_ICASE : 0);
    const int rc = regcomp(&out->regex_, posix.c_str(), flags);
    if (rc != 0) {
      char message[128];
      regerror(rc, nullptr, message, sizeof(message));
      return Bad(message);
    }
    out->compiled_ = true;
    return std::unique_ptr<const Pattern>(std::move(out));
  }
  ~Pattern() {
    if (compiled_) regfree(&regex_);
  }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // Thread-safe: the library locks the automaton while it matches.
  [[nodiscard]] Result<bool> Matches(std::string_view text) const {
    const Utf8Scope scope;
    regmatch_t range;
    range.rm_so = 0;
    range.rm_eo = static_cast<regoff_t>(text.size());
    const int rc = regexec(&regex_, text.empty() ? "" : text.data(), 1, &range, REG_STARTEND);
    if (rc == 0) return true;
    if (rc == REG_NOMATCH) return false;
    return Bad("out of memory while matching");
  }

 private:
  Pattern() = default;
  regex_t regex_{};
  bool compiled_ = false;
};

class RegexNode final : public Operation {
 public:
  RegexNode(std::string_view name, std::vector<ExprPtr> args,
            std::unique_ptr<const Pattern> compiled)
      : Operation(Node::kCall, name, DataType::Of(TypeKind::kBoolean), std::move(args)),
        compiled_(std::move(compiled)),
        negated_(name[0] == '!') {}

  static Result<std::unique_ptr<const Pattern>> Compile(std::string_view name,
                                                        std::string_view pattern,
                                                        std::string_view escape) {
    if (pattern.size() > kMaxPatternBytes) {
      return Bad(fmt::format("longer than {} bytes", kMaxPatternBytes));
    }
    if (pattern.find('\0') != std::string_view::npos) return Bad("a NUL in it");
    bool ignore_case = name.back() == '*';
    Result<std::string> posix = name == "similar to" ? TranslateSimilar(pattern, escape)
                                                     : TranslateAdvanced(pattern, &ignore_case);
    if (!posix.ok()) return posix.status();
    return Pattern::Compile(*posix, ignore_case);
  }
  static Result<ExprPtr> Make(std::string_view name, std::vector<ExprPtr> args) {
    std::unique_ptr<const Pattern> compiled;
    bool constant = true;
    for (size_t i = 1; i < args.size(); ++i) {
      constant = constant && IsConstant(*args[i]) && !args[i]->constant().null();
    }
    if (constant) {
      const std::string_view escape =
          args.size() > 2 ? args[2]->constant().datum().text() : std::string_view("\\");
      KDB_ASSIGN_OR_RETURN(compiled, Compile(name, args[1]->constant().datum().text(), escape));
    }
    return ExprPtr(std::make_shared<RegexNode>(name, std::move(args), std::move(compiled)));
  }

  Datum Eval(EvalFrame& frame) const override {
    const Datum x = arg(0).Eval(frame);
    if (x.null) return Null();
    if (compiled_ != nullptr) return Test(*compiled_, x.text(), frame);
    const Datum pattern = arg(1).Eval(frame);
    if (pattern.null) return Null();
    std::string_view escape = "\\";
    if (args_.size() > 2) {
      const Datum e = arg(2).Eval(frame);
      if (e.null) return Null();
      escape = e.text();
    }
    auto compiled = Compile(name_, pattern.text(), escape);
    if (compiled.ok()) return Test(**compiled, x.text(), frame);
    frame.Fail(compiled.status());
    return Null();
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    Result<ExprPtr> made = Make(name_, args);
    if (!made.ok()) return std::make_shared<RegexNode>(name_, std::move(args), nullptr);
    return std::move(*made);
  }

 private:
  Datum Test(const Pattern& pattern, std::string_view text, EvalFrame& frame) const {
    const Result<bool> matched = pattern.Matches(text);
    if (matched.ok()) return Datum::Bool(*matched != negated_);
    frame.Fail(matched.status());
    return Null();
  }

  std::unique_ptr<const Pattern> compiled_;
  bool negated_;
};

}  // namespace

Result<ExprPtr> MakeRegex(std::string_view name, std::vector<ExprPtr> args) {
  for (ExprPtr& arg : args) {
    const TypeKind k = arg->type().kind;
    if (IsTextual(k)) continue;
    if (k != TypeKind::kNull) return NoOperator(name, std::span(args).first(2));
    KDB_ASSIGN_OR_RETURN(arg, MakeCast(arg, DataType::Of(TypeKind::kText)));
  }
  for (size_t i = 1; i < args.size(); ++i) {
    if (args[i]->uses_columns()) return NeedsAnalytics("a regular expression that differs by row");
  }
  return RegexNode::Make(name, std::move(args));
}

}  // namespace kalamdb::expr
