// The line is rebuilt character by character, because columns of the server count characters and
// columns of the terminal do not.
#include "client/error_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "client/display_width.h"

namespace kalamdb::client {
namespace {

constexpr size_t kLeastRoom = 16;
// Of a line of a megabyte nobody wants more, however wide the terminal.
constexpr size_t kMostRoom = 200;
// Characters on each side of the place that are looked at; more than the room holds.
constexpr size_t kNearby = 2 * kMostRoom;
constexpr std::string_view kCut = "...";

// Takes `word` and a number behind it.
bool TakeNumber(std::string_view* text, std::string_view word, size_t* number) {
  if (text->substr(0, word.size()) != word) return false;
  text->remove_prefix(word.size());
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *number);
  if (error != std::errc() || *number == 0) return false;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return true;
}

struct Cell {
  std::string text;
  size_t width;
};

// At most `count` characters behind the first `skip`. Blanks stay blanks, whatever cannot be shown
// becomes a question mark.
std::vector<Cell> CellsOf(std::string_view line, size_t skip, size_t count) {
  std::vector<Cell> cells;
  while (!line.empty() && cells.size() < count) {
    const Character c = FirstCharacter(line);
    if (skip > 0) {
      --skip;
    } else if (c.valid) {
      cells.push_back({std::string(line.substr(0, c.bytes)), c.width});
    } else {
      cells.push_back({line[0] == '\t' ? " " : "?", 1});
    }
    line.remove_prefix(c.bytes);
  }
  return cells;
}

size_t CountCharacters(std::string_view line) {
  size_t count = 0;
  for (; !line.empty(); ++count) line.remove_prefix(FirstCharacter(line).bytes);
  return count;
}

}  // namespace

std::optional<ErrorPlace> ErrorPlaceIn(std::string_view details) {
  ErrorPlace place{};
  if (!TakeNumber(&details, "line ", &place.line)) return std::nullopt;
  if (!TakeNumber(&details, ", column ", &place.column)) return std::nullopt;
  if (!details.empty() && details.front() != ':') return std::nullopt;
  return place;
}

std::string ShowErrorPlace(std::string_view sql, ErrorPlace place, size_t width) {
  std::string_view rest = sql;
  for (size_t line = 1; line < place.line; ++line) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  std::string_view source = rest.substr(0, rest.find('\n'));
  if (!source.empty() && source.back() == '\r') source.remove_suffix(1);
  const size_t length = CountCharacters(source);
  // The end of the text is a place too.
  const size_t target = std::min(place.column - 1, length);
  const size_t skip = target > kNearby ? target - kNearby : 0;
  const std::vector<Cell> cells = CellsOf(source, skip, 2 * kNearby);
  const size_t at = target - skip;
  const std::string head = fmt::format("LINE {}: ", place.line);
  const size_t room =
      std::clamp(width > head.size() ? width - head.size() - 1 : 0, kLeastRoom, kMostRoom);

  // From the left edge if the place can be seen then, else with a third of the room before it.
  const auto width_of = [&cells](size_t from, size_t to) {
    size_t sum = 0;
    for (size_t i = from; i < to; ++i) sum += cells[i].width;
    return sum;
  };
  size_t first = 0;
  if (width_of(0, cells.size()) > room && width_of(0, at) + kCut.size() + 1 > room - room / 3) {
    first = at;
    for (size_t before = kCut.size(); first > 0 && before + cells[first - 1].width <= room / 3;) {
      before += cells[--first].width;
    }
  }
  std::string shown = first > 0 ? std::string(kCut) : "";
  size_t used = shown.size();
  size_t caret = used;
  const bool all = used + width_of(first, cells.size()) <= room && skip + cells.size() == length;
  for (size_t i = first; i < cells.size(); ++i) {
    if (!all && used + cells[i].width + kCut.size() > room) {
      shown += kCut;
      break;
    }
    if (i < at) caret += cells[i].width;
    used += cells[i].width;
    shown += cells[i].text;
  }
  return fmt::format("{}{}\n{}^", head, shown, std::string(head.size() + caret, ' '));
}

}  // namespace kalamdb::client
