#include "sql/tree_depth.h"

#include <algorithm>

namespace kalamdb::sql {

void TreeDepth::Push(bool is_case) {
  levels_.push_back({is_case});
  max_nesting_ = std::max(max_nesting_, static_cast<uint32_t>(levels_.size() - 1));
  Grow();
}

void TreeDepth::Pop() {
  if (levels_.size() == 1) return;  // unbalanced: the grammar will say so
  depth_ -= levels_.back().chain + levels_.back().base + 1;
  levels_.pop_back();
}

void TreeDepth::AddSymbol(char symbol) {
  switch (symbol) {
    case '(':
    case '[':
      Push(false);
      break;
    case ')':
    case ']':
      while (levels_.back().is_case) Pop();
      Pop();
      break;
    case ',':
      EndChain();
      break;
    case '.':
    case ';':
    case ':':
      break;
    default:
      Chain();
  }
}

void TreeDepth::AddWord(std::string_view word, bool after_dot) {
  if (after_dot) return;
  switch (word.size()) {
    case 2:
      if (IsWord(word, "OR")) return EndChain();
      if (IsWord(word, "IS") || IsWord(word, "IN") || IsWord(word, "AT")) return Chain();
      return;
    case 3:
      if (IsWord(word, "AND")) return EndChain();
      if (IsWord(word, "NOT")) return Chain();
      if (IsWord(word, "END") && levels_.back().is_case) return Pop();
      return;
    case 4:
      if (IsWord(word, "CASE")) return Push(true);
      if (IsWord(word, "LIKE")) return Chain();
      break;
    case 5:
      if (IsWord(word, "ILIKE")) return Chain();
      if (!IsWord(word, "UNION")) return;
      break;
    case 6:
      if (IsWord(word, "ISNULL")) return Chain();
      if (!IsWord(word, "EXCEPT")) return;
      break;
    case 7:
      if (IsWord(word, "COLLATE") || IsWord(word, "BETWEEN") || IsWord(word, "SIMILAR") ||
          IsWord(word, "NOTNULL")) {
        Chain();
      }
      return;
    case 8:
      if (IsWord(word, "OPERATOR") || IsWord(word, "OVERLAPS")) Chain();
      return;
    case 9:
      if (!IsWord(word, "INTERSECT")) return;
      break;
    default:
      return;
  }
  if (word.size() == 4 && !IsWord(word, "JOIN")) return;
  ++levels_.back().base;
  Grow();
}

}  // namespace kalamdb::sql
