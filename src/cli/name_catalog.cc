// Maps of maps: ten thousand names need no more.
#include "cli/name_catalog.h"

#include <algorithm>

#include "cli/sql_words.h"

namespace kalamdb::cli {
namespace {

constexpr size_t kMaxNameBytes = 256;

}  // namespace

NameCatalog::NameCatalog() { Reset(); }

void NameCatalog::Reset() {
  spaces_.clear();
  size_ = 0;
  for (const KnownTable& known : SystemTables()) AddTable(known.space, known.table);
}

// Control characters would drive the terminal.
bool NameCatalog::Fits(std::string_view name) const {
  return size_ < kMaxNames && !name.empty() && name.size() <= kMaxNameBytes &&
         std::none_of(name.begin(), name.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

NameCatalog::Tables* NameCatalog::Space(std::string_view space) {
  if (const auto it = spaces_.find(space); it != spaces_.end()) return &it->second;
  if (!Fits(space)) return nullptr;
  ++size_;
  return &spaces_[std::string(space)];
}

NameCatalog::Columns* NameCatalog::Table(std::string_view space, std::string_view table) {
  Tables* tables = Space(space);
  if (tables == nullptr) return nullptr;
  if (const auto it = tables->find(table); it != tables->end()) return &it->second;
  if (!Fits(table)) return nullptr;
  ++size_;
  return &(*tables)[std::string(table)];
}

void NameCatalog::AddNamespace(std::string_view space) { Space(space); }

void NameCatalog::AddTable(std::string_view space, std::string_view table) { Table(space, table); }

void NameCatalog::AddColumn(std::string_view space, std::string_view table,
                            std::string_view column) {
  Columns* columns = Table(space, table);
  if (columns == nullptr || !Fits(column)) return;
  if (std::find(columns->begin(), columns->end(), column) != columns->end()) return;
  ++size_;
  columns->emplace_back(column);
}

const NameCatalog::Tables* NameCatalog::TablesOf(std::string_view space) const {
  const auto it = spaces_.find(space);
  return it == spaces_.end() ? nullptr : &it->second;
}

const NameCatalog::Columns* NameCatalog::ColumnsOf(std::string_view space,
                                                   std::string_view table) const {
  const auto find = [table](const Tables* tables) -> const Columns* {
    if (tables == nullptr) return nullptr;
    const auto it = tables->find(table);
    return it == tables->end() ? nullptr : &it->second;
  };
  if (!space.empty()) return find(TablesOf(space));
  if (const Columns* columns = find(TablesOf(current_))) return columns;
  for (const auto& [name, tables] : spaces_) {
    if (const Columns* columns = find(&tables)) return columns;
  }
  return nullptr;
}

}  // namespace kalamdb::cli
