// A scanner that knows just enough of SQL's lexis: '..', E'..', "..", $tag$..$tag$, -- and nested
// /* */.
#include "client/statement_split.h"

#include "client/text.h"

namespace kalamdb::client {
namespace {

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

enum class Piece { kBlank, kComment, kSemicolon, kContent };

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  [[nodiscard]] bool AtEnd() const { return at_ >= text_.size(); }
  [[nodiscard]] size_t at() const { return at_; }
  // Set when the text ended inside a quote or a block comment.
  [[nodiscard]] bool open() const { return open_; }

  Piece Next() {
    const char c = text_[at_];
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      ++at_;
      return Piece::kBlank;
    }
    if (c == ';') {
      ++at_;
      return Piece::kSemicolon;
    }
    if (text_.substr(at_, 2) == "--") {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return Piece::kComment;
    }
    if (text_.substr(at_, 2) == "/*") {
      BlockComment();
      return Piece::kComment;
    }
    if (c == '\'' || c == '"') {
      Quoted(c, false);
    } else if (c == '$') {
      DollarQuoted();
    } else if (IsWordByte(c)) {
      const size_t begin = at_;
      while (!AtEnd() && (IsWordByte(text_[at_]) || text_[at_] == '$')) ++at_;
      const bool escapes = at_ - begin == 1 && (c == 'e' || c == 'E');
      if (escapes && !AtEnd() && text_[at_] == '\'') Quoted('\'', true);
    } else {
      ++at_;
    }
    return Piece::kContent;
  }

 private:
  void BlockComment() {
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

  // A doubled quote closes and opens again, which comes to the same.
  void Quoted(char quote, bool escapes) {
    for (++at_; !AtEnd(); ++at_) {
      if (escapes && text_[at_] == '\\') {
        if (++at_ >= text_.size()) break;
      } else if (text_[at_] == quote) {
        if (escapes && text_.substr(at_ + 1, 1) == "'") {
          ++at_;
          continue;
        }
        ++at_;
        return;
      }
    }
    at_ = text_.size();
    open_ = true;
  }

  void DollarQuoted() {
    size_t end = at_ + 1;
    while (end < text_.size() && IsWordByte(text_[end])) ++end;
    const bool parameter = at_ + 1 < text_.size() && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9';
    if (parameter || end >= text_.size() || text_[end] != '$') {
      ++at_;
      return;
    }
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const size_t close = text_.find(tag, end + 1);
    if (close == std::string_view::npos) {
      at_ = text_.size();
      open_ = true;
    } else {
      at_ = close + tag.size();
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  bool open_ = false;
};

}  // namespace

std::vector<std::string> SplitStatements(std::string_view text) {
  std::vector<std::string> statements;
  Scanner scanner(text);
  size_t begin = 0;
  bool content = false;
  while (!scanner.AtEnd()) {
    const size_t at = scanner.at();
    const Piece piece = scanner.Next();
    if (piece == Piece::kContent) content = true;
    if (piece != Piece::kSemicolon) continue;
    if (content) statements.emplace_back(Trim(text.substr(begin, at - begin)));
    begin = scanner.at();
    content = false;
  }
  if (content) statements.emplace_back(Trim(text.substr(begin)));
  return statements;
}

TextEnd EndOf(std::string_view text) {
  TextEnd end;
  Scanner scanner(text);
  while (!scanner.AtEnd()) {
    const Piece piece = scanner.Next();
    if (piece == Piece::kSemicolon) end.terminated = true;
    if (piece == Piece::kContent) end.terminated = false;
    if (piece == Piece::kContent || piece == Piece::kSemicolon) end.blank = false;
  }
  if (scanner.open()) {
    end.terminated = false;
    end.blank = false;
  }
  return end;
}

}  // namespace kalamdb::client
