// One pass, no memory: every byte belongs to one piece.
#include "client/sql_scanner.h"

#include <algorithm>

namespace kalamdb::client {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

SqlPiece SqlScanner::Next() {
  const size_t begin = at_;
  const SqlPieceKind kind = Advance();
  return {kind, begin, at_};
}

SqlPieceKind SqlScanner::Advance() {
  const char c = text_[at_];
  if (IsBlank(c)) {
    while (!AtEnd() && IsBlank(text_[at_])) ++at_;
    return SqlPieceKind::kBlank;
  }
  if (c == ';') {
    ++at_;
    return SqlPieceKind::kSemicolon;
  }
  if (text_.substr(at_, 2) == "--") {
    at_ = std::min(text_.find('\n', at_), text_.size());
    return SqlPieceKind::kComment;
  }
  if (text_.substr(at_, 2) == "/*") {
    BlockComment();
    return SqlPieceKind::kComment;
  }
  if (c == '\'') {
    Quoted(c, false);
    return SqlPieceKind::kString;
  }
  if (c == '"' || c == '`') {
    Quoted(c, false);
    return SqlPieceKind::kQuotedName;
  }
  if (c == '$') return Dollar();
  if (IsDigit(c) || (c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]))) {
    Number();
    return SqlPieceKind::kNumber;
  }
  if (IsWordByte(c)) {
    const size_t begin = at_;
    while (!AtEnd() && (IsWordByte(text_[at_]) || text_[at_] == '$')) ++at_;
    const bool escapes = at_ - begin == 1 && (c == 'e' || c == 'E');
    if (!escapes || AtEnd() || text_[at_] != '\'') return SqlPieceKind::kWord;
    Quoted('\'', true);
    return SqlPieceKind::kString;
  }
  ++at_;
  return SqlPieceKind::kPunctuation;
}

void SqlScanner::BlockComment() {
  int depth = 0;
  while (!AtEnd()) {
    if (text_.substr(at_, 2) == "/*") {
      ++depth;
      at_ += 2;
    } else if (text_.substr(at_, 2) == "*/") {
      at_ += 2;
      if (--depth == 0) return;
    } else {
      ++at_;
    }
  }
  open_ = true;
}

// A doubled quote is part of the quoted text.
void SqlScanner::Quoted(char quote, bool escapes) {
  for (++at_; !AtEnd(); ++at_) {
    if (escapes && text_[at_] == '\\') {
      if (++at_ >= text_.size()) break;
    } else if (text_[at_] == quote) {
      ++at_;
      if (AtEnd() || text_[at_] != quote) return;
    }
  }
  at_ = text_.size();
  open_ = true;
}

SqlPieceKind SqlScanner::Dollar() {
  size_t end = at_ + 1;
  while (end < text_.size() && IsWordByte(text_[end])) ++end;
  const bool parameter = at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]);
  if (parameter || end >= text_.size() || text_[end] != '$') {
    at_ = parameter ? end : at_ + 1;
    return SqlPieceKind::kPunctuation;
  }
  const std::string_view tag = text_.substr(at_, end + 1 - at_);
  const size_t close = text_.find(tag, end + 1);
  if (close == std::string_view::npos) {
    at_ = text_.size();
    open_ = true;
  } else {
    at_ = close + tag.size();
  }
  return SqlPieceKind::kString;
}

void SqlScanner::Number() {
  const auto digits = [this] {
    while (!AtEnd() && (IsDigit(text_[at_]) || text_[at_] == '_')) ++at_;
  };
  digits();
  if (!AtEnd() && text_[at_] == '.') {
    ++at_;
    digits();
  }
  if (!AtEnd() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    size_t exponent = at_ + 1;
    if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
    if (exponent < text_.size() && IsDigit(text_[exponent])) {
      at_ = exponent;
      digits();
    }
  }
}

}  // namespace kalamdb::client
