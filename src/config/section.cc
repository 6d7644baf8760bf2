#include "config/section.h"

#include <fmt/format.h>

#include <sstream>

namespace kalamdb::config {

namespace {

std::string_view TypeWord(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a section";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

}  // namespace

Section::~Section() {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    if (!seen_.contains(key.str())) notes_->unknown.push_back(FullName(key.str()));
  }
}

bool Section::Has(std::string_view key) const { return table_ != nullptr && table_->contains(key); }

Section Section::Sub(std::string_view key) {
  const toml::node* node = Find(key);
  if (node != nullptr && !node->is_table()) {
    WrongType(key, "a section", *node);
    node = nullptr;
  }
  return {node == nullptr ? nullptr : node->as_table(), FullName(key), notes_};
}

void Section::Require(std::string_view key) {
  if (table_ == nullptr || Has(key)) return;
  notes_->Fail(path_.empty() ? fmt::format("missing section [{}]", key)
                             : fmt::format("missing key `{}` in section [{}]", key, path_));
}

void Section::Get(std::string_view key, bool* out) {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  const auto* value = node->as_boolean();
  if (value == nullptr) return WrongType(key, "a boolean", *node);
  Changed(key, value->get() != *out);
  *out = value->get();
}

void Section::Get(std::string_view key, std::string* out) {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  const auto* value = node->as_string();
  if (value == nullptr) return WrongType(key, "a string", *node);
  if (value->get().find('\0') != std::string::npos) {
    return WrongType(key, "a string without NUL", *node);
  }
  Changed(key, value->get() != *out);
  *out = value->get();
}

void Section::Get(std::string_view key, std::vector<std::string>* out) {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  if (list == nullptr) return WrongType(key, "a list of strings", *node);
  std::vector<std::string> items;
  items.reserve(list->size());
  for (const toml::node& item : *list) {
    const auto* text = item.as_string();
    if (text == nullptr) return WrongType(key, "a list of strings", item);
    items.push_back(text->get());
  }
  Changed(key, items != *out);
  *out = std::move(items);
}

void Section::GetAll(std::map<std::string, std::string>* out) {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    std::string text;
    Get(key.str(), &text);
    (*out)[std::string(key.str())] = text;
  }
}

void Section::Skip(std::string_view key) { (void)Find(key); }

const toml::node* Section::Find(std::string_view key) {
  seen_.emplace(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

bool Section::Integer(std::string_view key, int64_t least, int64_t most, int64_t* out) {
  const toml::node* node = Find(key);
  if (node == nullptr) return false;
  const auto* value = node->as_integer();
  if (value == nullptr) {
    WrongType(key, "an integer", *node);
    return false;
  }
  if (value->get() < least || value->get() > most) {
    notes_->Fail(fmt::format("{}: {} is out of range ({} to {}) at line {}", FullName(key),
                             value->get(), least, most, node->source().begin.line));
    return false;
  }
  *out = value->get();
  return true;
}

void Section::Changed(std::string_view key, bool differs) {
  if (differs) notes_->changed.insert(FullName(key));
}

void Section::WrongType(std::string_view key, std::string_view expected, const toml::node& node) {
  notes_->Fail(fmt::format("{}: expected {}, found {} at line {}", FullName(key), expected,
                           TypeWord(node), node.source().begin.line));
}

std::string Section::FullName(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

}  // namespace kalamdb::config
