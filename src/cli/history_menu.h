// The list of earlier statements to choose from: newest at the bottom, narrowed by typing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/edit_layout.h"
#include "cli/key_decoder.h"

namespace kalamdb::cli {

class HistoryMenu {
 public:
  static constexpr size_t kVisible = 8;

  // `entries` oldest first; they must outlive the menu.
  explicit HistoryMenu(const std::vector<std::string>& entries);

  enum class State { kOpen, kChosen, kCancelled };
  State Press(const KeyPress& key);
  // The index of the chosen entry.
  [[nodiscard]] size_t chosen() const { return matches_[selected_]; }

  // A row for each visible entry and one for the filter. A `height` below 9 shows fewer entries.
  ScreenRows Render(size_t width, size_t height, bool color);

 private:
  void Filter();
  void MoveBy(ptrdiff_t steps);

  const std::vector<std::string>& entries_;
  std::string filter_;
  std::vector<size_t> matches_;  // indexes of entries, oldest first
  size_t selected_ = 0;          // in matches_
  size_t top_ = 0;               // the first that is shown
};

}  // namespace kalamdb::cli
