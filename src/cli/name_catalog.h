// Names of the server that completion offers: namespaces, tables, columns.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kalamdb::cli {

// All names are as the server folds them. What does not fit is left out.
class NameCatalog {
 public:
  static constexpr size_t kMaxNames = 10'000;

  using Columns = std::vector<std::string>;
  using Tables = std::map<std::string, Columns, std::less<>>;

  NameCatalog();
  // Back to the tables that every server has.
  void Reset();
  void AddNamespace(std::string_view space);
  void AddTable(std::string_view space, std::string_view table);
  void AddColumn(std::string_view space, std::string_view table, std::string_view column);
  // The namespace of names without one.
  void SetCurrent(std::string_view space) { current_ = space; }

  [[nodiscard]] const std::map<std::string, Tables, std::less<>>& namespaces() const {
    return spaces_;
  }
  [[nodiscard]] const std::string& current() const { return current_; }
  // nullptr when there is no such namespace.
  [[nodiscard]] const Tables* TablesOf(std::string_view space) const;
  // Of a table; an empty namespace means the current one, then any that has such a table. nullptr
  // when there is none.
  [[nodiscard]] const Columns* ColumnsOf(std::string_view space, std::string_view table) const;
  [[nodiscard]] size_t size() const { return size_; }

 private:
  Tables* Space(std::string_view space);
  Columns* Table(std::string_view space, std::string_view table);
  [[nodiscard]] bool Fits(std::string_view name) const;

  std::map<std::string, Tables, std::less<>> spaces_;
  std::string current_ = "default";
  size_t size_ = 0;
};

}  // namespace kalamdb::cli
