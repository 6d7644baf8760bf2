// Semicolons between the pieces that the scanner finds.
#include "client/statement_split.h"

#include "client/sql_scanner.h"
#include "client/text.h"

namespace kalamdb::client {
namespace {

bool IsContent(SqlPieceKind kind) {
  return kind != SqlPieceKind::kBlank && kind != SqlPieceKind::kComment &&
         kind != SqlPieceKind::kSemicolon;
}

}  // namespace

std::vector<std::string> SplitStatements(std::string_view text) {
  std::vector<std::string> statements;
  SqlScanner scanner(text);
  size_t begin = 0;
  bool content = false;
  while (!scanner.AtEnd()) {
    const SqlPiece piece = scanner.Next();
    if (IsContent(piece.kind)) content = true;
    if (piece.kind != SqlPieceKind::kSemicolon) continue;
    if (content) statements.emplace_back(Trim(text.substr(begin, piece.begin - begin)));
    begin = piece.end;
    content = false;
  }
  if (content) statements.emplace_back(Trim(text.substr(begin)));
  return statements;
}

TextEnd EndOf(std::string_view text) {
  TextEnd end;
  SqlScanner scanner(text);
  while (!scanner.AtEnd()) {
    const SqlPieceKind kind = scanner.Next().kind;
    if (kind == SqlPieceKind::kSemicolon) end.terminated = true;
    if (IsContent(kind)) end.terminated = false;
    if (IsContent(kind) || kind == SqlPieceKind::kSemicolon) end.blank = false;
  }
  if (scanner.open()) {
    end.terminated = false;
    end.blank = false;
  }
  return end;
}

}  // namespace kalamdb::client
