// Functions that pad, trim and repeat text.
#include <string>

#include "expr/scalar.h"
#include "expr/utf8.h"

namespace kalamdb::expr {
namespace {

using Args = std::span<const Datum>;

Datum Pad(const ScalarCall& call, Args a, bool left) {
  const std::string_view s = a[0].text();
  const std::string_view fill = a.size() > 2 ? a[2].text() : std::string_view(" ");
  const int64_t width = std::max<int64_t>(0, a[1].i);
  if (width > static_cast<int64_t>(kMaxTextBytes)) return call.Fail("requested length too large");
  const int64_t length = CountChars(s);
  if (length >= width || fill.empty()) return call.View(s.substr(0, CharOffset(s, width)));
  std::string padding;
  std::string_view rest = fill;
  for (int64_t missing = width - length; missing > 0; --missing) {
    const size_t n = CharBytes(rest);
    padding.append(rest, 0, n);
    rest.remove_prefix(n);
    if (rest.empty()) rest = fill;
  }
  return call.Copy(left ? padding.append(s) : padding.insert(0, s));
}
Datum LeftPad(const ScalarCall& call, Args a) { return Pad(call, a, true); }
Datum RightPad(const ScalarCall& call, Args a) { return Pad(call, a, false); }

Datum Repeat(const ScalarCall& call, Args a) {
  const std::string_view s = a[0].text();
  if (a[1].i <= 0 || s.empty()) return call.View({});
  if (static_cast<uint64_t>(a[1].i) > kMaxTextBytes / s.size()) {
    return call.Fail("requested length too large");
  }
  const size_t size = s.size() * static_cast<size_t>(a[1].i);
  char* out = call.frame.arena->Allocate(size);
  for (size_t at = 0; at < size; at += s.size()) std::memcpy(out + at, s.data(), s.size());
  return call.View({out, size});
}

bool HasChar(std::string_view set, std::string_view c) {
  while (!set.empty()) {
    const size_t n = CharBytes(set);
    if (set.substr(0, n) == c) return true;
    set.remove_prefix(n);
  }
  return false;
}

Datum Trim(const ScalarCall& call, Args a, bool front, bool back) {
  std::string_view s = a[0].text();
  const std::string_view set = a.size() > 1 ? a[1].text() : std::string_view(" ");
  while (front && !s.empty()) {
    const size_t n = CharBytes(s);
    if (!HasChar(set, s.substr(0, n))) break;
    s.remove_prefix(n);
  }
  while (back && !s.empty()) {
    // The last character starts at most three bytes before the last byte.
    size_t n = 1;
    for (size_t back_off = std::min<size_t>(4, s.size()); back_off > 1; --back_off) {
      if (CharBytes(s.substr(s.size() - back_off)) == back_off) {
        n = back_off;
        break;
      }
    }
    if (!HasChar(set, s.substr(s.size() - n))) break;
    s.remove_suffix(n);
  }
  return call.View(s);
}
Datum TrimBoth(const ScalarCall& call, Args a) { return Trim(call, a, true, true); }
Datum TrimLeft(const ScalarCall& call, Args a) { return Trim(call, a, true, false); }
Datum TrimRight(const ScalarCall& call, Args a) { return Trim(call, a, false, true); }

constexpr Overload kFunctions[] = {
    {"lpad", "ti", 't', kPlain, LeftPad},    {"lpad", "tit", 't', kPlain, LeftPad},
    {"rpad", "ti", 't', kPlain, RightPad},   {"rpad", "tit", 't', kPlain, RightPad},
    {"repeat", "ti", 't', kPlain, Repeat},   {"trim", "t", 't', kPlain, TrimBoth},
    {"trim", "tt", 't', kPlain, TrimBoth},   {"btrim", "t", 't', kPlain, TrimBoth},
    {"btrim", "tt", 't', kPlain, TrimBoth},  {"ltrim", "t", 't', kPlain, TrimLeft},
    {"ltrim", "tt", 't', kPlain, TrimLeft},  {"rtrim", "t", 't', kPlain, TrimRight},
    {"rtrim", "tt", 't', kPlain, TrimRight},
};

}  // namespace

std::span<const Overload> PaddingFunctions() { return kFunctions; }

}  // namespace kalamdb::expr
