// LIKE and ILIKE.
#include "expr/like_pattern.h"
#include "expr/node.h"
#include "expr/utf8.h"

namespace kalamdb::expr {

Result<LikePattern> LikePattern::Compile(std::string_view pattern, std::string_view escape) {
  if (!escape.empty() && CharBytes(escape) != escape.size()) {
    return ExecutionError("invalid escape string: it must be empty or one character");
  }
  LikePattern out;
  Piece piece;
  Item item;
  auto close_item = [&] {
    if (item.skip > 0 || !item.bytes.empty()) piece.items.push_back(std::move(item));
    item = {};
  };
  bool run = false;  // the last thing was a %
  while (!pattern.empty()) {
    size_t n = CharBytes(pattern);
    std::string_view c = pattern.substr(0, n);
    const bool escaped = !escape.empty() && c == escape;
    if (escaped) {
      pattern.remove_prefix(n);
      if (pattern.empty()) return ExecutionError("LIKE pattern must not end with escape character");
      n = CharBytes(pattern);
      c = pattern.substr(0, n);
    }
    pattern.remove_prefix(n);
    if (!escaped && c == "%") {
      close_item();
      if (piece.items.empty()) {
        out.open_start_ = out.open_start_ || out.pieces_.empty();
      } else {
        out.pieces_.push_back(std::move(piece));
        piece = {};
      }
      run = true;
      continue;
    }
    run = false;
    ++piece.chars;
    if (!escaped && c == "_") {
      if (!item.bytes.empty()) close_item();
      ++item.skip;
    } else {
      item.bytes.append(c);
    }
  }
  close_item();
  if (!piece.items.empty()) out.pieces_.push_back(std::move(piece));
  out.open_end_ = run;
  return out;
}

size_t LikePattern::MatchAt(const Piece& piece, std::string_view text, size_t at) {
  for (const Item& item : piece.items) {
    for (size_t i = 0; i < item.skip; ++i) {
      if (at >= text.size()) return std::string_view::npos;
      at += CharBytes(text.substr(at));
    }
    if (text.compare(at, item.bytes.size(), item.bytes) != 0) return std::string_view::npos;
    at += item.bytes.size();
  }
  return at;
}

bool LikePattern::Matches(std::string_view text) const {
  constexpr size_t npos = std::string_view::npos;
  if (pieces_.empty()) return open_start_ || text.empty();
  size_t first = 0, last = pieces_.size(), at = 0;
  if (!open_start_) {
    at = MatchAt(pieces_[0], text, 0);
    if (at == npos) return false;
    first = 1;
    if (last == 1) return open_end_ || at == text.size();
  }
  const bool fixed_end = !open_end_;
  if (fixed_end) --last;
  for (size_t i = first; i < last; ++i) {
    const Piece& piece = pieces_[i];
    if (piece.plain()) {
      const size_t found = text.find(piece.items[0].bytes, at);
      if (found == npos) return false;
      at = found + piece.items[0].bytes.size();
      continue;
    }
    size_t end = MatchAt(piece, text, at);
    while (end == npos && at < text.size()) {
      at += CharBytes(text.substr(at));
      end = MatchAt(piece, text, at);
    }
    if (end == npos) return false;
    at = end;
  }
  if (!fixed_end) return true;
  const Piece& tail = pieces_[last];
  const std::string_view rest = text.substr(at);
  if (tail.plain()) return rest.ends_with(tail.items[0].bytes);
  const int64_t chars = CountChars(rest);
  if (chars < static_cast<int64_t>(tail.chars)) return false;
  const size_t start = CharOffset(rest, chars - static_cast<int64_t>(tail.chars));
  return MatchAt(tail, rest, start) == rest.size();
}

namespace {

class LikeNode final : public Operation {
 public:
  // `compiled` is null when the pattern is known only when it is evaluated.
  LikeNode(std::string_view name, std::vector<ExprPtr> args,
           std::unique_ptr<const LikePattern> compiled)
      : Operation(Node::kCall, name, DataType::Of(TypeKind::kBoolean), std::move(args)),
        compiled_(std::move(compiled)),
        fold_case_(name == "ilike") {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum x = arg(0).Eval(frame);
    if (x.null) return Null();
    if (compiled_ != nullptr) return Datum::Bool(Test(*compiled_, x.text()));
    const Datum pattern = arg(1).Eval(frame);
    if (pattern.null) return Null();
    std::string_view escape = "\\";
    if (args_.size() > 2) {
      const Datum e = arg(2).Eval(frame);
      if (e.null) return Null();
      escape = e.text();
    }
    const Result<LikePattern> compiled = Compile(fold_case_, pattern.text(), escape);
    if (compiled.ok()) return Datum::Bool(Test(*compiled, x.text()));
    frame.Fail(compiled.status());
    return Null();
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    Result<ExprPtr> made = Make(name_, args);
    // A bad pattern is reported when it is evaluated.
    if (!made.ok()) return std::make_shared<LikeNode>(name_, std::move(args), nullptr);
    return std::move(*made);
  }

  static Result<ExprPtr> Make(std::string_view name, std::vector<ExprPtr> args) {
    std::unique_ptr<const LikePattern> compiled;
    const bool constant =
        IsConstant(*args[1]) && !args[1]->constant().null() &&
        (args.size() == 2 || (IsConstant(*args[2]) && !args[2]->constant().null()));
    if (constant) {
      const std::string_view escape =
          args.size() > 2 ? args[2]->constant().datum().text() : std::string_view("\\");
      KDB_ASSIGN_OR_RETURN(LikePattern pattern,
                           Compile(name == "ilike", args[1]->constant().datum().text(), escape));
      compiled = std::make_unique<const LikePattern>(std::move(pattern));
    }
    return ExprPtr(std::make_shared<LikeNode>(name, std::move(args), std::move(compiled)));
  }

 private:
  static Result<LikePattern> Compile(bool fold_case, std::string_view pattern,
                                     std::string_view escape) {
    if (!fold_case) return LikePattern::Compile(pattern, escape);
    std::string lower_pattern, lower_escape;
    AppendLower(&lower_pattern, pattern);
    AppendLower(&lower_escape, escape);
    return LikePattern::Compile(lower_pattern, lower_escape);
  }
  [[nodiscard]] bool Test(const LikePattern& pattern, std::string_view text) const {
    if (!fold_case_) return pattern.Matches(text);
    std::string lower;
    lower.reserve(text.size());
    AppendLower(&lower, text);
    return pattern.Matches(lower);
  }

  std::unique_ptr<const LikePattern> compiled_;
  bool fold_case_;
};

}  // namespace

Result<ExprPtr> MakeLike(std::string_view name, std::vector<ExprPtr> args) {
  for (ExprPtr& arg : args) {
    const TypeKind k = arg->type().kind;
    if (IsTextual(k)) continue;
    if (k == TypeKind::kBytes || k == TypeKind::kEmbedding) {
      return NoOperator(name == "like" ? "LIKE" : "ILIKE", std::span(args).first(2));
    }
    KDB_ASSIGN_OR_RETURN(arg, MakeCast(arg, DataType::Of(TypeKind::kText)));
  }
  return LikeNode::Make(name, std::move(args));
}

}  // namespace kalamdb::expr
