// An upper bound of the depth of the syntax tree that a run of tokens can become.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sql/lexer.h"

namespace kalamdb::sql {

class TreeDepth {
 public:
  // Tokens in order; `after_dot` tells words that can only be names.
  void AddSymbol(char symbol);
  void AddOperator() { Chain(); }
  void AddWord(std::string_view word, bool after_dot);

  [[nodiscard]] uint32_t max_nesting() const { return max_nesting_; }
  [[nodiscard]] uint32_t max_depth() const { return max_depth_; }

 private:
  // One open parenthesis, bracket or CASE.
  struct Level {
    bool is_case = false;
    uint32_t chain = 0;  // operators since the last comma, AND or OR
    uint32_t base = 0;   // joins and set operations: their trees grow with the list
  };
  void Push(bool is_case);
  void Pop();
  void Chain() {
    ++levels_.back().chain;
    Grow();
  }
  void Grow() {
    if (++depth_ > max_depth_) max_depth_ = depth_;
  }
  void EndChain() {
    depth_ -= levels_.back().chain;
    levels_.back().chain = 0;
  }

  std::vector<Level> levels_{Level{}};
  uint32_t depth_ = 0;
  uint32_t max_depth_ = 0;
  uint32_t max_nesting_ = 0;
};

}  // namespace kalamdb::sql
