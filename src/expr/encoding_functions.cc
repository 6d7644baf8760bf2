// Characters and their codes, hexadecimal, base64, quoting, FORMAT.
#include <string>

#include "base/bytes.h"
#include "expr/scalar.h"
#include "expr/utf8.h"

namespace kalamdb::expr {
namespace {

using Args = std::span<const Datum>;

Datum Ascii(const ScalarCall& call, Args a) {
  size_t n = 0;
  return call.Int(a[0].text().empty() ? 0 : DecodeChar(a[0].text(), &n));
}
Datum Chr(const ScalarCall& call, Args a) {
  const int64_t c = a[0].i;
  if (c == 0) return call.Fail("null character not permitted");
  if (c < 0) return call.Fail("character number must be positive");
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
    return call.Fail(fmt::format("requested character not valid for encoding: {}", c));
  }
  std::string out;
  AppendChar(&out, static_cast<uint32_t>(c));
  return call.Copy(out);
}
Datum ToHex(const ScalarCall& call, Args a) {
  const bool wide = a[0].kind == TypeKind::kBigInt;
  const uint64_t v = wide ? static_cast<uint64_t>(a[0].i) : static_cast<uint32_t>(a[0].i);
  return call.Copy(fmt::format("{:x}", v));
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kBase64Line = 76;

std::string EncodeBase64(std::string_view in) {
  std::string out;
  size_t line = 0;
  for (size_t i = 0; i < in.size(); i += 3) {
    auto byte = [&](size_t k) {
      return i + k < in.size() ? static_cast<uint32_t>(static_cast<unsigned char>(in[i + k])) : 0U;
    };
    if (line == kBase64Line) {
      out.push_back('\n');
      line = 0;
    }
    line += 4;
    const uint32_t v = byte(0) << 16 | byte(1) << 8 | byte(2);
    out.push_back(kBase64[v >> 18]);
    out.push_back(kBase64[v >> 12 & 63]);
    out.push_back(i + 1 < in.size() ? kBase64[v >> 6 & 63] : '=');
    out.push_back(i + 2 < in.size() ? kBase64[v & 63] : '=');
  }
  return out;
}
bool DecodeBase64(std::string_view in, std::string* out) {
  uint32_t v = 0;
  int digits = 0, padding = 0;
  for (const char c : in) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (c == '=') {
      if (digits + ++padding > 4 || digits < 2) return false;
      continue;
    }
    const size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos || padding > 0) return false;
    v = v << 6 | static_cast<uint32_t>(digit);
    if (++digits < 4) continue;
    out->push_back(static_cast<char>(v >> 16));
    out->push_back(static_cast<char>(v >> 8));
    out->push_back(static_cast<char>(v));
    v = 0;
    digits = 0;
  }
  if (digits == 0) return padding == 0;
  if (digits + padding != 4) return false;
  v <<= 6 * padding;
  out->push_back(static_cast<char>(v >> 16));
  if (digits == 3) out->push_back(static_cast<char>(v >> 8));
  return true;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool Is(std::string_view format, std::string_view lower) {
  return format.size() == lower.size() &&
         std::equal(format.begin(), format.end(), lower.begin(), [](char x, char y) {
           return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
         });
}

Datum Encode(const ScalarCall& call, Args a) {
  const std::string_view in = a[0].text(), format = a[1].text();
  if (in.size() > kMaxTextBytes / 4) return call.Fail("requested length too large");
  if (Is(format, "hex")) return call.Copy(HexEncode(in));
  if (Is(format, "base64")) return call.Copy(EncodeBase64(in));
  if (!Is(format, "escape")) return call.Fail(fmt::format("unrecognized encoding: \"{}\"", format));
  std::string out;
  for (const char c : in) {
    const auto b = static_cast<unsigned char>(c);
    if (b == 0 || b >= 0x80) {
      out += fmt::format("\\{:03o}", b);
    } else if (c == '\\') {
      out += "\\\\";
    } else {
      out.push_back(c);
    }
  }
  return call.Copy(out);
}

Datum Decode(const ScalarCall& call, Args a) {
  const std::string_view in = a[0].text(), format = a[1].text();
  std::string out;
  if (Is(format, "hex")) {
    int high = -1;
    for (const char c : in) {
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
      const int digit = HexDigit(c);
      if (digit < 0) return call.Fail(fmt::format("invalid hexadecimal digit: \"{}\"", c));
      if (high < 0) {
        high = digit;
      } else {
        out.push_back(static_cast<char>(high << 4 | digit));
        high = -1;
      }
    }
    if (high >= 0) return call.Fail("invalid hexadecimal data: odd number of digits");
    return call.Copy(out);
  }
  if (Is(format, "base64")) {
    if (!DecodeBase64(in, &out)) return call.Fail("invalid base64 end sequence");
    return call.Copy(out);
  }
  if (!Is(format, "escape")) return call.Fail(fmt::format("unrecognized encoding: \"{}\"", format));
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '\\') {
      out.push_back(in[i]);
    } else if (i + 1 < in.size() && in[i + 1] == '\\') {
      out.push_back('\\');
      ++i;
    } else {
      int v = 0;
      for (size_t k = 1; k <= 3; ++k) {
        if (i + k >= in.size() || in[i + k] < '0' || in[i + k] > '7') {
          return call.Fail("invalid input syntax for type bytea");
        }
        v = v * 8 + (in[i + k] - '0');
      }
      if (v > 255) return call.Fail("invalid input syntax for type bytea");
      out.push_back(static_cast<char>(v));
      i += 3;
    }
  }
  return call.Copy(out);
}

void AppendQuoted(std::string* out, std::string_view s, char quote) {
  out->push_back(quote);
  for (const char c : s) {
    if (c == quote) out->push_back(quote);
    out->push_back(c);
  }
  out->push_back(quote);
}
void AppendIdentifier(std::string* out, std::string_view s) {
  bool plain = !s.empty() && !(s[0] >= '0' && s[0] <= '9');
  for (const char c : s) {
    plain = plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
  }
  if (plain) {
    out->append(s);
  } else {
    AppendQuoted(out, s, '"');
  }
}
Datum QuoteLiteral(const ScalarCall& call, Args a) {
  std::string out;
  AppendQuoted(&out, a[0].text(), '\'');
  return call.Copy(out);
}
Datum QuoteIdent(const ScalarCall& call, Args a) {
  std::string out;
  AppendIdentifier(&out, a[0].text());
  return call.Copy(out);
}

// %s, %I, %L and %%, with an optional position as in %1$s.
Datum Format(const ScalarCall& call, Args a) {
  if (a[0].null) return call.Null();
  std::string out;
  const std::string_view f = a[0].text();
  size_t next = 1;
  for (size_t i = 0; i < f.size(); ++i) {
    if (out.size() > kMaxTextBytes) return call.Fail("requested length too large");
    if (f[i] != '%') {
      out.push_back(f[i]);
      continue;
    }
    if (++i == f.size()) return call.Fail("unterminated format() type specifier");
    if (f[i] == '%') {
      out.push_back('%');
      continue;
    }
    size_t position = 0;
    size_t digit = i;
    while (digit < f.size() && f[digit] >= '0' && f[digit] <= '9' && position < 1000) {
      position = position * 10 + static_cast<size_t>(f[digit++] - '0');
    }
    if (digit > i) {
      if (digit == f.size() || f[digit] != '$') {
        return call.Fail("a width in format() is not supported");
      }
      if (position == 0)
        return call.Fail("format specifies argument 0, but arguments are numbered from 1");
      next = position;
      i = digit + 1;
      if (i == f.size()) return call.Fail("unterminated format() type specifier");
    }
    if (next >= a.size()) return call.Fail("too few arguments for format()");
    const Datum& d = a[next++];
    std::string text;
    if (!d.null) AppendText(&text, d);
    if (f[i] == 's') {
      out += text;
    } else if (f[i] == 'I') {
      if (d.null) return call.Fail("null values cannot be formatted as an SQL identifier");
      AppendIdentifier(&out, text);
    } else if (f[i] == 'L') {
      if (d.null) {
        out += "NULL";
      } else {
        AppendQuoted(&out, text, '\'');
      }
    } else {
      return call.Fail(fmt::format("unrecognized format() type specifier \"{}\"", f[i]));
    }
  }
  return call.Copy(out);
}

constexpr Overload kFunctions[] = {
    {"ascii", "t", 'i', kPlain, Ascii},
    {"chr", "i", 't', kPlain, Chr},
    {"to_hex", "i", 't', kPlain, ToHex},
    {"encode", "bt", 't', kPlain, Encode},
    {"decode", "tt", 'b', kPlain, Decode},
    {"quote_literal", "t", 't', kPlain, QuoteLiteral},
    {"quote_ident", "t", 't', kPlain, QuoteIdent},
    {"format", "ta*", 't', kTakesNull, Format},
};

}  // namespace

std::span<const Overload> EncodingFunctions() { return kFunctions; }

}  // namespace kalamdb::expr
