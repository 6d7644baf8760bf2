// Just enough of SQL's lexis to see where statements end and what stands outside quotes and
// comments: '..', E'..', "..", `..`, $tag$..$tag$, -- and nested /* */.
#pragma once

#include <cstddef>
#include <string_view>

namespace kalamdb::client {

enum class SqlPieceKind {
  kBlank,
  kComment,  // a line comment goes up to its line end, without it
  kSemicolon,
  kWord,
  kNumber,
  kString,      // with its quotes; E'..' and $tag$..$tag$ too
  kQuotedName,  // with its quotes
  kPunctuation,
};

// A piece of the text: bytes [begin, end).
struct SqlPiece {
  SqlPieceKind kind;
  size_t begin;
  size_t end;
};

class SqlScanner {
 public:
  explicit SqlScanner(std::string_view text) : text_(text) {}
  [[nodiscard]] bool AtEnd() const { return at_ >= text_.size(); }
  // Set when the text ended inside a quote or a block comment.
  [[nodiscard]] bool open() const { return open_; }
  // The next piece; not at the end.
  SqlPiece Next();

 private:
  SqlPieceKind Advance();
  void BlockComment();
  void Quoted(char quote, bool escapes);
  SqlPieceKind Dollar();
  void Number();

  std::string_view text_;
  size_t at_ = 0;
  bool open_ = false;
};

}  // namespace kalamdb::client
