// Statement by statement; only the first words of each are looked at.
#include "client/namespace_switch.h"

#include <vector>

#include "client/sql_scanner.h"
#include "client/text.h"

namespace kalamdb::client {
namespace {

constexpr size_t kMostWords = 5;

std::optional<std::string> NameIn(const std::vector<std::string>& words, bool too_long) {
  if (too_long || words.size() < 2) return std::nullopt;
  size_t name = 1;
  if (words[0] == "set") {
    if (words[name] != "namespace") return std::nullopt;
    ++name;
  } else if (words[0] == "use") {
    if (words[name] == "namespace" && words.size() > 2) ++name;
  } else {
    return std::nullopt;
  }
  if (name + 1 != words.size()) return std::nullopt;
  return words[name];
}

std::string WordOf(const SqlPiece& piece, std::string_view text) {
  std::string_view word = text.substr(piece.begin, piece.end - piece.begin);
  const bool quoted =
      piece.kind == SqlPieceKind::kQuotedName || piece.kind == SqlPieceKind::kString;
  if (quoted && word.size() >= 2) word = word.substr(1, word.size() - 2);
  return AsciiLower(word);
}

}  // namespace

std::optional<std::string> NamespaceSwitchIn(std::string_view sql) {
  std::optional<std::string> found;
  std::vector<std::string> words;
  bool too_long = false;
  const auto take = [&] {
    if (auto name = NameIn(words, too_long)) found = std::move(name);
    words.clear();
    too_long = false;
  };
  SqlScanner scanner(sql);
  while (!scanner.AtEnd()) {
    const SqlPiece piece = scanner.Next();
    if (piece.kind == SqlPieceKind::kBlank || piece.kind == SqlPieceKind::kComment) continue;
    if (piece.kind == SqlPieceKind::kSemicolon) {
      take();
    } else if (words.size() < kMostWords) {
      words.push_back(WordOf(piece, sql));
    } else {
      too_long = true;
    }
  }
  take();
  return found;
}

}  // namespace kalamdb::client
