// Numbers, booleans and embeddings from text.
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/bytes.h"
#include "types/convert.h"
#include "types/decimal.h"

namespace kalamdb {

namespace {

constexpr std::string_view kBlanks = " \t\n\r\f\v";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != lower[i]) return false;
  }
  return true;
}

// The whole of a trimmed text as a number, by from_chars; a leading plus is fine, "nan(...)" is
// not.
template <typename Number>
bool ParseWhole(std::string_view text, Number* out) {
  text = TrimBlanks(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  if (text.empty() || text.back() == ')') return false;
  const char* const end = text.data() + text.size();
  const auto [p, error] = std::from_chars(text.data(), end, *out);
  return error == std::errc() && p == end;
}

// The text of a number, taken apart: [sign] digits [. digits] [e exponent].
struct NumberText {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  int64_t exponent = 0;

  [[nodiscard]] int64_t digits() const {
    return static_cast<int64_t>(whole.size() + fraction.size());
  }
  [[nodiscard]] int digit(int64_t i) const {
    const auto at = static_cast<size_t>(i);
    return (at < whole.size() ? whole[at] : fraction[at - whole.size()]) - '0';
  }
};

std::string_view TakeDigits(std::string_view* text) {
  size_t n = 0;
  while (n < text->size() && IsDigit((*text)[n])) ++n;
  const std::string_view digits = text->substr(0, n);
  text->remove_prefix(n);
  return digits;
}

bool TakeApart(std::string_view text, NumberText* out) {
  text = TrimBlanks(text);
  if (text.starts_with('-') || text.starts_with('+')) {
    out->negative = text.front() == '-';
    text.remove_prefix(1);
  }
  out->whole = TakeDigits(&text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    out->fraction = TakeDigits(&text);
  }
  if (out->whole.empty() && out->fraction.empty()) return false;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  const bool down = text.starts_with('-');
  if (down || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = TakeDigits(&text);
  if (digits.empty() || !text.empty()) return false;
  constexpr int64_t kExponentBound = 1'000'000'000;  // far beyond any text's digits
  for (const char c : digits) {
    out->exponent = std::min(out->exponent * 10 + (c - '0'), kExponentBound);
  }
  if (down) out->exponent = -out->exponent;
  return true;
}

// A number as JSON spells it, from the front of `text`.
bool TakeJsonNumber(std::string_view* text, double* out) {
  const std::string_view all = *text;
  if (text->starts_with('-')) text->remove_prefix(1);
  const std::string_view whole = TakeDigits(text);
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return false;
  if (text->starts_with('.')) {
    text->remove_prefix(1);
    if (TakeDigits(text).empty()) return false;
  }
  if (text->starts_with('e') || text->starts_with('E')) {
    text->remove_prefix(1);
    if (text->starts_with('-') || text->starts_with('+')) text->remove_prefix(1);
    if (TakeDigits(text).empty()) return false;
  }
  const char* const end = text->data();
  const auto [p, error] = std::from_chars(all.data(), end, *out);
  return error == std::errc() && p == end;
}

void SkipBlanks(std::string_view* text) {
  const size_t n = text->find_first_not_of(kBlanks);
  text->remove_prefix(n == std::string_view::npos ? text->size() : n);
}

bool AppendEmbeddingOf(std::string_view text, std::string* out) {
  text = TrimBlanks(text);
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  SkipBlanks(&text);
  if (text.empty()) return true;
  for (;;) {
    SkipBlanks(&text);
    double number = 0;
    if (!TakeJsonNumber(&text, &number)) return false;
    const auto narrow = static_cast<float>(number);
    if (!std::isfinite(narrow)) return false;
    AppendFixed(out, narrow);
    SkipBlanks(&text);
    if (text.empty()) return true;
    if (text.front() != ',') return false;
    text.remove_prefix(1);
  }
}

}  // namespace

std::string_view TrimBlanks(std::string_view text) {
  const size_t from = text.find_first_not_of(kBlanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

bool ParseInt64(std::string_view text, int64_t* out) { return ParseWhole(text, out); }
bool ParseDouble(std::string_view text, double* out) { return ParseWhole(text, out); }
bool ParseFloat(std::string_view text, float* out) { return ParseWhole(text, out); }

bool ParseBool(std::string_view text, bool* out) {
  text = TrimBlanks(text);
  for (const std::string_view word : {"true", "t", "yes", "y", "on", "1"}) {
    if (EqualsIgnoringCase(text, word)) {
      *out = true;
      return true;
    }
  }
  for (const std::string_view word : {"false", "f", "no", "n", "off", "0"}) {
    if (EqualsIgnoringCase(text, word)) {
      *out = false;
      return true;
    }
  }
  return false;
}

bool ParseDecimal(std::string_view text, uint8_t scale, Int128* out) {
  NumberText number;
  if (!TakeApart(text, &number)) return false;
  // How many digits stand before the end of the scale; may be negative, or more than there are.
  const int64_t kept = static_cast<int64_t>(number.whole.size()) + number.exponent + scale;
  Int128 v = 0;
  for (int64_t i = 0; i < kept; ++i) {
    if (i >= number.digits() && v == 0) break;  // 0e99999
    if (v > kMaxDecimal / 10) return false;
    v = v * 10 + (i < number.digits() ? number.digit(i) : 0);
    if (v > kMaxDecimal) return false;
  }
  if (kept >= 0 && kept < number.digits() && number.digit(kept) >= 5) ++v;
  if (v > kMaxDecimal) return false;
  *out = number.negative ? -v : v;
  return true;
}

bool ParseEmbedding(std::string_view text, std::string* out) {
  const size_t start = out->size();
  if (AppendEmbeddingOf(text, out)) return true;
  out->resize(start);
  return false;
}

}  // namespace kalamdb
