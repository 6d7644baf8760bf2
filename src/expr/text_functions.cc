// Functions of text, counted in characters as PostgreSQL counts them: lengths, parts, case, search
// and replacement.
#include <string>

#include "expr/scalar.h"
#include "expr/utf8.h"

namespace kalamdb::expr {
namespace {

using Args = std::span<const Datum>;

Datum Upper(const ScalarCall& call, Args a) {
  std::string out;
  out.reserve(a[0].text().size());
  AppendUpper(&out, a[0].text());
  return call.Copy(out);
}
Datum Lower(const ScalarCall& call, Args a) {
  std::string out;
  out.reserve(a[0].text().size());
  AppendLower(&out, a[0].text());
  return call.Copy(out);
}
Datum InitCap(const ScalarCall& call, Args a) {
  std::string out;
  bool inside = false;
  for (std::string_view s = a[0].text(); !s.empty();) {
    size_t n = 0;
    const uint32_t c = DecodeChar(s, &n);
    if (n == 1 && c >= 0x80) {
      out.push_back(s[0]);
      inside = false;
    } else {
      AppendChar(&out, inside ? ToLower(c) : ToUpper(c));
      inside = IsAlphanumeric(c);
    }
    s.remove_prefix(n);
  }
  return call.Copy(out);
}

Datum CharLength(const ScalarCall& call, Args a) { return call.Int(CountChars(a[0].text())); }
Datum OctetLength(const ScalarCall& call, Args a) {
  return call.Int(static_cast<int64_t>(a[0].text().size()));
}
Datum BitLength(const ScalarCall& call, Args a) {
  return call.Int(static_cast<int64_t>(a[0].text().size()) * 8);
}

// Characters [from, to) counted from 1, clipped to the text.
std::string_view Slice(std::string_view s, int64_t from, int64_t to) {
  from = std::max<int64_t>(from, 1);
  if (to <= from) return {};
  const int64_t count = to - from;
  if (IsAscii(s)) {
    if (static_cast<uint64_t>(from - 1) >= s.size()) return {};
    return s.substr(static_cast<size_t>(from - 1), static_cast<size_t>(count));
  }
  s.remove_prefix(CharOffset(s, from - 1));
  return s.substr(0, CharOffset(s, count));
}

Datum SubstrFrom(const ScalarCall& call, Args a) {
  return call.View(Slice(a[0].text(), a[1].i, INT64_MAX));
}
Datum SubstrFor(const ScalarCall& call, Args a) {
  if (a[2].i < 0) return call.Fail("negative substring length not allowed");
  int64_t to = 0;
  if (__builtin_add_overflow(a[1].i, a[2].i, &to)) to = INT64_MAX;
  return call.View(Slice(a[0].text(), a[1].i, to));
}
// A negative count leaves out as many at the other end.
Datum Left(const ScalarCall& call, Args a) {
  int64_t n = a[1].i;
  if (n < 0) n = std::max<int64_t>(0, CountChars(a[0].text()) + n);
  return call.View(a[0].text().substr(0, CharOffset(a[0].text(), n)));
}
Datum Right(const ScalarCall& call, Args a) {
  const int64_t length = CountChars(a[0].text());
  const int64_t skip =
      a[1].i < 0 ? (a[1].i < -length ? length : -a[1].i) : std::max<int64_t>(0, length - a[1].i);
  return call.View(a[0].text().substr(CharOffset(a[0].text(), skip)));
}

Datum Position(const ScalarCall& call, Args a) {
  const size_t at = a[0].text().find(a[1].text());
  if (at == std::string_view::npos) return call.Int(0);
  return call.Int(CountChars(a[0].text().substr(0, at)) + 1);
}
Datum StartsWith(const ScalarCall&, Args a) {
  return Datum::Bool(a[0].text().starts_with(a[1].text()));
}
Datum EndsWith(const ScalarCall&, Args a) {
  return Datum::Bool(a[0].text().ends_with(a[1].text()));
}
Datum Contains(const ScalarCall&, Args a) {
  return Datum::Bool(a[0].text().find(a[1].text()) != std::string_view::npos);
}

Datum Replace(const ScalarCall& call, Args a) {
  const std::string_view s = a[0].text(), from = a[1].text(), to = a[2].text();
  if (from.empty()) return call.View(s);
  size_t at = s.find(from);
  if (at == std::string_view::npos) return call.View(s);
  std::string out;
  size_t start = 0;
  for (; at != std::string_view::npos; at = s.find(from, start)) {
    out.append(s, start, at - start).append(to);
    if (out.size() > kMaxTextBytes) return call.Fail("requested length too large");
    start = at + from.size();
  }
  out.append(s, start);
  return call.Copy(out);
}

// Replaces single characters; those of `from` without a partner in `to` vanish.
Datum Translate(const ScalarCall& call, Args a) {
  std::vector<std::pair<std::string_view, std::string_view>> map;
  std::string_view from = a[1].text(), to = a[2].text();
  while (!from.empty()) {
    const std::string_view key = from.substr(0, CharBytes(from));
    const std::string_view target = to.empty() ? to : to.substr(0, CharBytes(to));
    map.emplace_back(key, target);
    from.remove_prefix(key.size());
    to.remove_prefix(target.size());
  }
  // The first of equal keys counts.
  std::stable_sort(map.begin(), map.end(),
                   [](const auto& x, const auto& y) { return x.first < y.first; });
  std::string out;
  for (std::string_view s = a[0].text(); !s.empty();) {
    const std::string_view c = s.substr(0, CharBytes(s));
    const auto it = std::lower_bound(map.begin(), map.end(), c,
                                     [](const auto& x, std::string_view y) { return x.first < y; });
    out.append(it != map.end() && it->first == c ? it->second : c);
    s.remove_prefix(c.size());
  }
  return call.Copy(out);
}

Datum Reverse(const ScalarCall& call, Args a) {
  const std::string_view s = a[0].text();
  char* out = call.frame.arena->Allocate(s.size());
  size_t end = s.size();
  for (std::string_view rest = s; !rest.empty();) {
    const size_t n = CharBytes(rest);
    end -= n;
    std::memcpy(out + end, rest.data(), n);
    rest.remove_prefix(n);
  }
  return call.View({out, s.size()});
}

// OVERLAY(s PLACING new FROM start [FOR count]).
Datum OverlayFor(const ScalarCall& call, Args a) {
  const std::string_view s = a[0].text(), placed = a[1].text();
  const int64_t start = a[2].i;
  const int64_t count = a.size() > 3 ? a[3].i : CountChars(placed);
  if (start <= 0) return call.Fail("negative substring length not allowed");
  int64_t rest = 0;
  if (__builtin_add_overflow(start, count, &rest)) rest = INT64_MAX;
  std::string out(Slice(s, 1, start));
  out.append(placed).append(Slice(s, rest, INT64_MAX));
  return call.Copy(out);
}

Datum SplitPart(const ScalarCall& call, Args a) {
  const std::string_view s = a[0].text(), separator = a[1].text();
  int64_t field = a[2].i;
  if (field == 0) return call.Fail("field position must not be zero");
  if (separator.empty()) return call.View(field == 1 || field == -1 ? s : std::string_view());
  if (field < 0) {
    int64_t fields = 1;
    for (size_t at = s.find(separator); at != std::string_view::npos;
         at = s.find(separator, at + separator.size())) {
      ++fields;
    }
    if (field < -fields) return call.View({});
    field += fields + 1;
  }
  size_t start = 0;
  while (--field > 0) {
    const size_t at = s.find(separator, start);
    if (at == std::string_view::npos) return call.View({});
    start = at + separator.size();
  }
  const size_t end = s.find(separator, start);
  return call.View(s.substr(start, end == std::string_view::npos ? end : end - start));
}

// NULLs are skipped.
Datum Concat(const ScalarCall& call, Args a) {
  std::string out;
  for (const Datum& d : a) {
    if (!d.null) AppendText(&out, d);
    if (out.size() > kMaxTextBytes) return call.Fail("requested length too large");
  }
  return call.Copy(out);
}
Datum ConcatWs(const ScalarCall& call, Args a) {
  if (a[0].null) return call.Null();
  std::string out;
  bool first = true;
  for (const Datum& d : a.subspan(1)) {
    if (d.null) continue;
    if (!first) out.append(a[0].text());
    first = false;
    AppendText(&out, d);
    if (out.size() > kMaxTextBytes) return call.Fail("requested length too large");
  }
  return call.Copy(out);
}
Datum Join(const ScalarCall& call, Args a) {
  const std::string_view x = a[0].text(), y = a[1].text();
  if (x.size() + y.size() > kMaxTextBytes) return call.Fail("requested length too large");
  char* out = call.frame.arena->Allocate(x.size() + y.size());
  std::copy(x.begin(), x.end(), out);
  std::copy(y.begin(), y.end(), out + x.size());
  return call.View({out, x.size() + y.size()});
}

constexpr Overload kFunctions[] = {
    {"upper", "t", 't', kPlain, Upper},
    {"lower", "t", 't', kPlain, Lower},
    {"initcap", "t", 't', kPlain, InitCap},
    {"length", "t", 'i', kPlain, CharLength},
    {"length", "b", 'i', kPlain, OctetLength},
    {"char_length", "t", 'i', kPlain, CharLength},
    {"character_length", "t", 'i', kPlain, CharLength},
    {"octet_length", "t", 'i', kPlain, OctetLength},
    {"octet_length", "b", 'i', kPlain, OctetLength},
    {"bit_length", "t", 'i', kPlain, BitLength},
    {"bit_length", "b", 'i', kPlain, BitLength},
    {"substr", "ti", 't', kPlain, SubstrFrom},
    {"substr", "tii", 't', kPlain, SubstrFor},
    {"substring", "ti", 't', kPlain, SubstrFrom},
    {"substring", "tii", 't', kPlain, SubstrFor},
    {"left", "ti", 't', kPlain, Left},
    {"right", "ti", 't', kPlain, Right},
    {"strpos", "tt", 'i', kPlain, Position},
    {"position", "tt", 'i', kPlain, Position},
    {"starts_with", "tt", 'o', kPlain, StartsWith},
    {"ends_with", "tt", 'o', kPlain, EndsWith},
    {"contains", "tt", 'o', kPlain, Contains},
    {"replace", "ttt", 't', kPlain, Replace},
    {"translate", "ttt", 't', kPlain, Translate},
    {"reverse", "t", 't', kPlain, Reverse},
    {"overlay", "tti", 't', kPlain, OverlayFor},
    {"overlay", "ttii", 't', kPlain, OverlayFor},
    {"split_part", "tti", 't', kPlain, SplitPart},
    {"concat", "a*", 't', kTakesNull, Concat},
    {"concat_ws", "ta*", 't', kTakesNull, ConcatWs},
    {"||", "tt", 't', kPlain, Join},
    {"||", "bb", 'b', kPlain, Join},
};

}  // namespace

std::span<const Overload> TextFunctions() { return kFunctions; }

}  // namespace kalamdb::expr
