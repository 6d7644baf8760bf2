// A style per byte: simple, and a statement is small.
#include "cli/highlight.h"

#include <algorithm>

#include "cli/sql_words.h"
#include "client/sql_scanner.h"

namespace kalamdb::cli {
namespace {

TextStyle StyleOf(const client::SqlPiece& piece, std::string_view text) {
  switch (piece.kind) {
    case client::SqlPieceKind::kComment:
      return TextStyle::kComment;
    case client::SqlPieceKind::kString:
      return TextStyle::kString;
    case client::SqlPieceKind::kNumber:
      return TextStyle::kNumber;
    case client::SqlPieceKind::kWord: {
      // A column may bear the name of a keyword: behind a dot it is no keyword.
      if (piece.begin > 0 && text[piece.begin - 1] == '.') return TextStyle::kPlain;
      const std::string_view word = text.substr(piece.begin, piece.end - piece.begin);
      if (IsSqlType(word)) return TextStyle::kType;
      return IsSqlKeyword(word) ? TextStyle::kKeyword : TextStyle::kPlain;
    }
    default:
      return TextStyle::kPlain;
  }
}

}  // namespace

std::vector<TextStyle> Highlight(std::string_view text) {
  std::vector<TextStyle> styles(text.size(), TextStyle::kPlain);
  size_t from = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  // The name of a shell command.
  if (from < text.size() && text[from] == '\\') {
    from = std::min(text.find_first_of(" \t\r\n", from), text.size());
  }
  client::SqlScanner scanner(text.substr(from));
  while (!scanner.AtEnd()) {
    const client::SqlPiece piece = scanner.Next();
    const TextStyle style = StyleOf(piece, text.substr(from));
    if (style == TextStyle::kPlain) continue;
    std::fill(styles.begin() + static_cast<ptrdiff_t>(from + piece.begin),
              styles.begin() + static_cast<ptrdiff_t>(from + piece.end), style);
  }
  return styles;
}

std::string_view StyleSequence(TextStyle style) {
  switch (style) {
    case TextStyle::kKeyword:
      return "\x1b[1;34m";
    case TextStyle::kType:
      return "\x1b[1;35m";
    case TextStyle::kString:
    case TextStyle::kGood:
      return "\x1b[32m";
    case TextStyle::kNumber:
      return "\x1b[33m";
    case TextStyle::kComment:
    case TextStyle::kHint:
      return "\x1b[2m";
    case TextStyle::kBad:
      return "\x1b[31m";
    case TextStyle::kPlain:
      break;
  }
  return "";
}

}  // namespace kalamdb::cli
