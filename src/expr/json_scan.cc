// JSON text in place.
#include "expr/json_scan.h"

#include "expr/utf8.h"

namespace kalamdb::expr {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Walks over tokens from the front; every step says whether there was one.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

  void Blanks() {
    while (p_ != end_ && IsBlank(*p_)) ++p_;
  }
  [[nodiscard]] bool AtEnd() const { return p_ == end_; }
  [[nodiscard]] char Peek() const { return p_ == end_ ? '\0' : *p_; }
  bool Take(char c) {
    if (Peek() != c || p_ == end_) return false;
    ++p_;
    return true;
  }
  [[nodiscard]] const char* at() const { return p_; }

  bool Value(int depth) {
    switch (Peek()) {
      case '{':
        return Container('}', true, depth);
      case '[':
        return Container(']', false, depth);
      case '"':
        return String();
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number();
    }
  }
  bool String() {
    if (!Take('"')) return false;
    while (p_ != end_) {
      const char c = *p_++;
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') continue;
      if (p_ == end_) return false;
      const char e = *p_++;
      if (e == 'u') {
        for (int i = 0; i < 4; ++i) {
          if (p_ == end_ || HexDigit(*p_++) < 0) return false;
        }
      } else if (std::string_view("\"\\/bfnrt").find(e) == std::string_view::npos) {
        return false;
      }
    }
    return false;
  }

 private:
  bool Container(char close, bool object, int depth) {
    if (depth >= kMaxJsonDepth) return false;
    ++p_;
    Blanks();
    if (Take(close)) return true;
    for (;;) {
      Blanks();
      if (object) {
        if (!String()) return false;
        Blanks();
        if (!Take(':')) return false;
        Blanks();
      }
      if (!Value(depth + 1)) return false;
      Blanks();
      if (Take(close)) return true;
      if (!Take(',')) return false;
    }
  }
  bool Word(std::string_view word) {
    if (static_cast<size_t>(end_ - p_) < word.size() || std::string_view(p_, word.size()) != word) {
      return false;
    }
    p_ += word.size();
    return true;
  }
  bool Digits() {
    if (p_ == end_ || !IsDigit(*p_)) return false;
    while (p_ != end_ && IsDigit(*p_)) ++p_;
    return true;
  }
  bool Number() {
    (void)Take('-');
    if (!Take('0') && !Digits()) return false;
    if (Take('.') && !Digits()) return false;
    if (Peek() == 'e' || Peek() == 'E') {
      ++p_;
      if (!Take('+')) (void)Take('-');
      return Digits();
    }
    return true;
  }

  const char* p_;
  const char* end_;
};

// Four digits of \u at the front of `s`, which were checked.
uint32_t Hex4(std::string_view s) {
  uint32_t v = 0;
  for (size_t i = 0; i < 4; ++i) v = v << 4 | static_cast<uint32_t>(HexDigit(s[i]));
  return v;
}

}  // namespace

bool ParseJson(std::string_view text, std::string_view* value) {
  Scanner scan(text);
  scan.Blanks();
  const char* start = scan.at();
  if (!scan.Value(0)) return false;
  *value = {start, static_cast<size_t>(scan.at() - start)};
  scan.Blanks();
  return scan.AtEnd();
}

void JsonForEach(std::string_view container,
                 const std::function<bool(std::string_view, std::string_view)>& visit) {
  if (container.empty() || (container[0] != '{' && container[0] != '[')) return;
  const bool object = container[0] == '{';
  Scanner scan(container);
  (void)scan.Take(container[0]);
  scan.Blanks();
  if (scan.Take(object ? '}' : ']')) return;
  for (;;) {
    scan.Blanks();
    std::string_view key;
    if (object) {
      const char* start = scan.at();
      if (!scan.String()) return;
      key = {start + 1, static_cast<size_t>(scan.at() - start) - 2};
      scan.Blanks();
      (void)scan.Take(':');
      scan.Blanks();
    }
    const char* start = scan.at();
    if (!scan.Value(0)) return;
    if (!visit(key, {start, static_cast<size_t>(scan.at() - start)})) return;
    scan.Blanks();
    if (!scan.Take(',')) return;
  }
}

bool JsonMember(std::string_view object, std::string_view key, std::string_view* value) {
  if (object.empty() || object[0] != '{') return false;
  bool found = false;
  JsonForEach(object, [&](std::string_view raw, std::string_view member) {
    if (JsonStringEquals(raw, key)) {
      *value = member;
      found = true;
    }
    return true;
  });
  return found;
}

bool JsonElement(std::string_view array, int64_t index, std::string_view* value) {
  if (array.empty() || array[0] != '[') return false;
  if (index < 0) index += JsonCount(array);
  if (index < 0) return false;
  bool found = false;
  JsonForEach(array, [&](std::string_view, std::string_view element) {
    if (index-- > 0) return true;
    *value = element;
    found = true;
    return false;
  });
  return found;
}

int64_t JsonCount(std::string_view container) {
  int64_t n = 0;
  JsonForEach(container, [&](std::string_view, std::string_view) {
    ++n;
    return true;
  });
  return n;
}

void AppendJsonUnescaped(std::string* out, std::string_view s) {
  if (s.size() >= 2 && s.front() == '"' && s.back() == '"') s = s.substr(1, s.size() - 2);
  while (!s.empty()) {
    const size_t plain = s.find('\\');
    out->append(s, 0, plain);
    if (plain == std::string_view::npos) return;
    const char e = s[plain + 1];
    s.remove_prefix(plain + 2);
    switch (e) {
      case 'b':
        out->push_back('\b');
        break;
      case 'f':
        out->push_back('\f');
        break;
      case 'n':
        out->push_back('\n');
        break;
      case 'r':
        out->push_back('\r');
        break;
      case 't':
        out->push_back('\t');
        break;
      case 'u': {
        uint32_t c = Hex4(s);
        s.remove_prefix(4);
        if (c >= 0xD800 && c < 0xDC00 && s.starts_with("\\u")) {
          const uint32_t low = Hex4(s.substr(2));
          if (low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            s.remove_prefix(6);
          }
        }
        // Half a surrogate pair is no character.
        AppendChar(out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
        break;
      }
      default:
        out->push_back(e);
        break;
    }
  }
}

bool JsonStringEquals(std::string_view raw, std::string_view text) {
  if (raw.find('\\') == std::string_view::npos) return raw == text;
  std::string plain;
  // The quotes that raw text may begin and end with are its own.
  AppendJsonUnescaped(&plain, "\"" + std::string(raw) + "\"");
  return plain == text;
}

void AppendJsonCompact(std::string* out, std::string_view value) {
  bool inside = false;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (inside) {
      out->push_back(c);
      if (c == '\\' && i + 1 < value.size()) {
        out->push_back(value[++i]);
      } else if (c == '"') {
        inside = false;
      }
    } else if (!IsBlank(c)) {
      out->push_back(c);
      inside = c == '"';
    }
  }
}

}  // namespace kalamdb::expr
