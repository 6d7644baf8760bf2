// ~ ~* !~ !~* and SIMILAR TO, on the C library's POSIX extended expressions.
// Patterns are bounded in length and in repetition, for the library's automaton grows with both.
#include <regex.h>

#include <clocale>

#include "expr/node.h"
#include "expr/regex_syntax.h"

namespace kalamdb::expr {
namespace {

constexpr size_t kMaxPatternBytes = 1000;

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
      return BadRegex(message);
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
    // The range alone would do for the library; what checks its memory accesses wants a terminator too.
    const std::string terminated(text);
    regmatch_t range;
    range.rm_so = 0;
    range.rm_eo = static_cast<regoff_t>(text.size());
    const int rc = regexec(&regex_, terminated.c_str(), 1, &range, REG_STARTEND);
    if (rc == 0) return true;
    if (rc == REG_NOMATCH) return false;
    return BadRegex("out of memory while matching");
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
      return BadRegex(fmt::format("longer than {} bytes", kMaxPatternBytes));
    }
    if (pattern.find('\0') != std::string_view::npos) return BadRegex("a NUL in it");
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
