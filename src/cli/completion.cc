// The statement around the cursor is read as a list of words: the word before the cursor's tells
// what may come, the words behind FROM and the like tell whose columns there are.
#include "cli/completion.h"

#include <algorithm>
#include <array>
#include <optional>

#include "cli/sql_words.h"
#include "client/sql_scanner.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace {

using client::AsciiLower;
using client::SqlPiece;
using client::SqlPieceKind;

constexpr size_t kMaxText = 64u << 10;

bool StartsWithFolded(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         AsciiLower(text.substr(0, prefix.size())) == AsciiLower(prefix);
}

bool IsSimpleName(std::string_view name) {
  if (name == "default" || name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

std::string Quoted(std::string_view name) {
  if (IsSimpleName(name)) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

class Candidates {
 public:
  explicit Candidates(std::string_view prefix) : prefix_(prefix) {}

  // `match` is what the prefix is compared with, `text` what is put in.
  void Add(std::string_view match, std::string text) {
    if (list_.size() >= kMaxCandidates || !StartsWithFolded(match, prefix_)) return;
    if (std::find(list_.begin(), list_.end(), text) == list_.end())
      list_.push_back(std::move(text));
  }
  void AddName(std::string_view name) { Add(name, Quoted(name)); }
  void AddWords(std::span<const std::string_view> words) {
    const bool lower = !prefix_.empty() && prefix_[0] >= 'a' && prefix_[0] <= 'z';
    for (const std::string_view word : words) {
      // The whole word needs no completion.
      if (word.size() > prefix_.size()) Add(word, lower ? AsciiLower(word) : std::string(word));
    }
  }
  [[nodiscard]] std::string_view prefix() const { return prefix_; }
  std::vector<std::string> Take() { return std::move(list_); }

 private:
  std::string_view prefix_;
  std::vector<std::string> list_;
};

// A table that the statement names.
struct NamedTable {
  std::string space;
  std::string table;
  std::string alias;
};

class Statement {
 public:
  // The statement of `text` that holds `cursor`.
  Statement(std::string_view text, size_t cursor) : text_(text), cursor_(cursor) {
    client::SqlScanner scanner(text);
    while (!scanner.AtEnd()) {
      const SqlPiece piece = scanner.Next();
      const bool last_open = scanner.AtEnd() && scanner.open();
      if (piece.kind == SqlPieceKind::kSemicolon) {
        if (piece.end > cursor) break;
        pieces_.clear();
        continue;
      }
      const bool touches = piece.begin < cursor && cursor <= piece.end;
      switch (piece.kind) {
        case SqlPieceKind::kComment:
          if (touches && (cursor < piece.end || last_open || text[piece.begin] == '-')) {
            closed_ = true;
          }
          continue;
        case SqlPieceKind::kString:
        case SqlPieceKind::kQuotedName:
          if (touches && (cursor < piece.end || last_open)) closed_ = true;
          break;
        case SqlPieceKind::kNumber:
          if (touches) closed_ = true;
          break;
        default:
          break;
      }
      if (piece.kind != SqlPieceKind::kBlank) pieces_.push_back(piece);
    }
    FindWord();
  }

  // Nothing can be completed here.
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] size_t word_begin() const { return word_begin_; }
  [[nodiscard]] std::string_view word() const {
    return text_.substr(word_begin_, cursor_ - word_begin_);
  }
  // The names with a dot before the word: none, `a.`, or `a.b.`.
  [[nodiscard]] const std::vector<std::string>& qualifiers() const { return qualifiers_; }
  [[nodiscard]] bool AtStart() const { return before_ == 0; }

  [[nodiscard]] bool WantsTable() const {
    size_t i = before_;
    while (i > 0 && (Is(i - 1, "IF") || Is(i - 1, "NOT") || Is(i - 1, "EXISTS"))) --i;
    if (i < before_) return i > 0 && Is(i - 1, "TABLE");
    if (i == 0) return false;
    if (Is(i - 1, "FROM")) return i < 2 || !Is(i - 2, "DISTINCT");
    if (Is(i - 1, "UPDATE")) {
      return i < 2 || !(Is(i - 2, "ON") || Is(i - 2, "FOR") || Is(i - 2, "DO"));
    }
    if (Is(i - 1, "DESC")) return i == 1;
    if (IsOneOf(i - 1, {"JOIN", "INTO", "TABLE", "DESCRIBE"})) return true;
    return TextOf(i - 1) == "," && InFromList(i - 1);
  }

  [[nodiscard]] bool WantsNamespace() const {
    if (before_ == 0) return false;
    if (IsOneOf(before_ - 1, {"NAMESPACE", "SCHEMA"})) return true;
    if (Is(before_ - 1, "USE")) return before_ == 1;
    return Is(before_ - 1, "IN") && before_ == 3 && Is(0, "SHOW") && Is(1, "TABLES");
  }

  [[nodiscard]] std::vector<NamedTable> Tables() const {
    std::vector<NamedTable> tables;
    bool expected = false;
    bool list = false;
    for (size_t i = 0; i < pieces_.size();) {
      if (IsOneOf(i, {"FROM", "JOIN", "INTO", "UPDATE", "TABLE", "DESCRIBE"})) {
        expected = true;
        list = true;
        ++i;
      } else if (expected && IsOneOf(i, {"IF", "NOT", "EXISTS", "ONLY"})) {
        ++i;
      } else if (expected && IsName(i)) {
        i = ReadTable(i, &tables);
        expected = false;
      } else {
        expected = list && TextOf(i) == ",";
        if (IsOneOf(i, {"WHERE", "SELECT", "SET", "VALUES", "GROUP", "ORDER", "HAVING", "ON"}) ||
            TextOf(i) == "(") {
          list = false;
        }
        ++i;
      }
    }
    return tables;
  }

 private:
  void FindWord() {
    word_begin_ = cursor_;
    // Pieces up to the cursor.
    before_ = 0;
    while (before_ < pieces_.size() && pieces_[before_].begin < cursor_) ++before_;
    if (before_ > 0 && pieces_[before_ - 1].kind == SqlPieceKind::kWord &&
        pieces_[before_ - 1].end >= cursor_) {
      word_begin_ = pieces_[--before_].begin;
    }
    size_t edge = word_begin_;
    while (qualifiers_.size() < 2 && before_ >= 2 && pieces_[before_ - 1].end == edge &&
           TextOf(before_ - 1) == "." && IsName(before_ - 2) &&
           pieces_[before_ - 2].end == pieces_[before_ - 1].begin) {
      before_ -= 2;
      edge = pieces_[before_].begin;
      qualifiers_.insert(qualifiers_.begin(), NameOf(before_));
    }
  }

  [[nodiscard]] std::string_view TextOf(size_t i) const {
    return text_.substr(pieces_[i].begin, pieces_[i].end - pieces_[i].begin);
  }
  [[nodiscard]] bool Is(size_t i, std::string_view upper) const {
    const std::string_view text = TextOf(i);
    if (pieces_[i].kind != SqlPieceKind::kWord || text.size() != upper.size()) return false;
    return std::equal(text.begin(), text.end(), upper.begin(),
                      [](char c, char u) { return (c >= 'a' && c <= 'z' ? c - 32 : c) == u; });
  }
  [[nodiscard]] bool IsOneOf(size_t i, std::initializer_list<std::string_view> words) const {
    return std::any_of(words.begin(), words.end(),
                       [this, i](std::string_view word) { return Is(i, word); });
  }
  [[nodiscard]] bool IsName(size_t i) const {
    return pieces_[i].kind == SqlPieceKind::kWord || pieces_[i].kind == SqlPieceKind::kQuotedName;
  }
  [[nodiscard]] std::string NameOf(size_t i) const {
    std::string_view text = TextOf(i);
    if (pieces_[i].kind == SqlPieceKind::kQuotedName && text.size() >= 2) {
      text = text.substr(1, text.size() - 2);
    }
    return AsciiLower(text);
  }

  // Reads ns.table [AS] alias at `i`; the index behind it.
  size_t ReadTable(size_t i, std::vector<NamedTable>* tables) const {
    NamedTable named;
    named.table = NameOf(i++);
    if (i + 1 < pieces_.size() && TextOf(i) == "." && IsName(i + 1)) {
      named.space = std::move(named.table);
      named.table = NameOf(i + 1);
      i += 2;
    }
    if (i < pieces_.size() && Is(i, "AS")) ++i;
    if (i < pieces_.size() && IsName(i) && !IsSqlKeyword(TextOf(i))) named.alias = NameOf(i++);
    tables->push_back(std::move(named));
    return i;
  }

  // The comma at `i` separates tables of a FROM.
  [[nodiscard]] bool InFromList(size_t i) const {
    int depth = 0;
    while (i-- > 0) {
      const std::string_view text = TextOf(i);
      if (text == ")") ++depth;
      if (text == "(" && --depth < 0) return false;
      if (depth > 0) continue;
      if (Is(i, "FROM")) return true;
      if (IsOneOf(i, {"SELECT", "WHERE", "GROUP", "ORDER", "SET", "VALUES", "HAVING", "ON", "BY"}))
        return false;
    }
    return false;
  }

  std::string_view text_;
  size_t cursor_;
  std::vector<SqlPiece> pieces_;
  bool closed_ = false;
  size_t word_begin_ = 0;
  size_t before_ = 0;  // pieces before the word and its qualifiers
  std::vector<std::string> qualifiers_;
};

void AddTables(const NameCatalog& names, std::string_view space, Candidates* out) {
  const NameCatalog::Tables* tables = names.TablesOf(space);
  if (tables == nullptr) return;
  for (const auto& [table, columns] : *tables) out->AddName(table);
}

void AddTablesAndNamespaces(const NameCatalog& names, Candidates* out) {
  AddTables(names, names.current(), out);
  for (const auto& [space, tables] : names.namespaces()) out->Add(space, Quoted(space) + ".");
  // A table of another namespace can be found by its own name.
  if (out->prefix().empty()) return;
  for (const auto& [space, tables] : names.namespaces()) {
    if (space == names.current()) continue;
    for (const auto& [table, columns] : tables)
      out->Add(table, Quoted(space) + "." + Quoted(table));
  }
}

void AddColumns(const NameCatalog::Columns* columns, Candidates* out) {
  if (columns == nullptr) return;
  for (const std::string& column : *columns) out->AddName(column);
}

void CompleteQualified(const Statement& statement, const NameCatalog& names, Candidates* out) {
  const std::vector<std::string>& qualifiers = statement.qualifiers();
  if (qualifiers.size() == 2) {
    AddColumns(names.ColumnsOf(qualifiers[0], qualifiers[1]), out);
    return;
  }
  if (!statement.WantsTable()) {
    for (const NamedTable& table : statement.Tables()) {
      if (table.alias != qualifiers[0] && table.table != qualifiers[0]) continue;
      const NameCatalog::Columns* columns = names.ColumnsOf(table.space, table.table);
      if (columns == nullptr) continue;
      AddColumns(columns, out);
      return;
    }
  }
  AddTables(names, qualifiers[0], out);
}

void CompleteSql(const Statement& statement, const NameCatalog& names, Candidates* out) {
  if (!statement.qualifiers().empty()) {
    CompleteQualified(statement, names, out);
  } else if (statement.WantsTable()) {
    AddTablesAndNamespaces(names, out);
  } else if (statement.WantsNamespace()) {
    for (const auto& [space, tables] : names.namespaces()) out->AddName(space);
  } else if (statement.AtStart()) {
    out->AddWords(StatementKeywords());
  } else {
    const std::vector<NamedTable> tables = statement.Tables();
    for (const NamedTable& table : tables) {
      AddColumns(names.ColumnsOf(table.space, table.table), out);
    }
    for (const NamedTable& table : tables) {
      if (!table.alias.empty()) out->AddName(table.alias);
    }
    out->AddWords(SqlKeywords());
    out->AddWords(SqlTypes());
    AddTablesAndNamespaces(names, out);
  }
}

Completion CompleteSqlAt(std::string_view text, size_t from, size_t cursor,
                         const NameCatalog& names) {
  const Statement statement(text.substr(from), cursor - from);
  Completion completion;
  completion.begin = from + statement.word_begin();
  if (statement.closed()) return completion;
  Candidates out(statement.word());
  CompleteSql(statement, names, &out);
  completion.candidates = out.Take();
  return completion;
}

Completion CompleteCommand(std::string_view text, size_t command, size_t cursor,
                           const NameCatalog& names) {
  constexpr auto kFormats = std::to_array<std::string_view>({"table", "json", "csv"});
  constexpr auto kCluster = std::to_array<std::string_view>(
      {"list", "snapshot", "purge", "trigger-election", "transfer-leader", "rebalance", "stepdown",
       "clear", "join"});
  constexpr std::string_view kBlanks = " \t\r\n";
  Completion completion;
  const size_t name_end = std::min(text.find_first_of(kBlanks, command), text.size());
  if (cursor <= name_end) {
    completion.begin = command;
    Candidates out(text.substr(command, cursor - command));
    for (const std::string_view name : ShellCommands()) out.Add(name, std::string(name));
    completion.candidates = out.Take();
    return completion;
  }
  const std::string_view name = text.substr(command, name_end - command);
  if (name == "\\live" || name == "\\subscribe" || name == "\\watch") {
    return CompleteSqlAt(text, name_end, cursor, names);
  }
  const size_t argument = std::min(text.find_first_not_of(kBlanks, name_end), cursor);
  const size_t argument_end = text.find_first_of(kBlanks, argument);
  const bool in_first = argument_end >= cursor;
  if (name == "\\as") {
    completion.begin = cursor;
    return in_first ? completion : CompleteSqlAt(text, argument_end, cursor, names);
  }
  if (!in_first) {
    completion.begin = cursor;
    return completion;
  }
  completion.begin = argument;
  if (name == "\\d" || name == "\\describe") {
    const Statement statement(text.substr(argument), cursor - argument);
    completion.begin = argument + statement.word_begin();
    Candidates out(statement.word());
    if (statement.qualifiers().empty()) {
      AddTablesAndNamespaces(names, &out);
    } else {
      AddTables(names, statement.qualifiers()[0], &out);
    }
    completion.candidates = out.Take();
    return completion;
  }
  Candidates out(text.substr(argument, cursor - argument));
  if (name == "\\format") {
    for (const std::string_view word : kFormats) out.Add(word, std::string(word));
  } else if (name == "\\cluster") {
    for (const std::string_view word : kCluster) out.Add(word, std::string(word));
  }
  completion.candidates = out.Take();
  return completion;
}

}  // namespace

Completion Complete(std::string_view text, size_t cursor, const NameCatalog& names) {
  cursor = std::min(cursor, text.size());
  if (text.size() > kMaxText) return {cursor, {}};
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '\\' && first < cursor) {
    return CompleteCommand(text, first, cursor, names);
  }
  return CompleteSqlAt(text, 0, cursor, names);
}

std::string HintFor(std::string_view text, const NameCatalog& names) {
  if (text.empty()) return {};
  const Completion completion = Complete(text, text.size(), names);
  if (completion.candidates.empty()) return {};
  const std::string_view word = text.substr(completion.begin);
  if (word.empty() && text.back() != '.') return {};
  const std::string& first = completion.candidates.front();
  if (!StartsWithFolded(first, word)) return {};
  return first.substr(word.size());
}

std::string CommonPrefix(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  std::string common = candidates.front();
  for (const std::string& candidate : candidates) {
    size_t n = 0;
    while (n < common.size() && n < candidate.size() &&
           AsciiLower(common.substr(n, 1)) == AsciiLower(candidate.substr(n, 1))) {
      ++n;
    }
    common.resize(n);
  }
  // No part of a character.
  while (!common.empty() && candidates.front().size() > common.size() &&
         (static_cast<unsigned char>(candidates.front()[common.size()]) & 0xc0) == 0x80) {
    common.pop_back();
  }
  return common;
}

}  // namespace kalamdb::cli
