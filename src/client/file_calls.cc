// Calls are found by the scanner's pieces; forms follow RFC 7578.
#include "client/file_calls.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <unordered_set>

#include "client/sql_scanner.h"
#include "client/text.h"

namespace kalamdb::client {
namespace {

Status Invalid(std::string_view what) {
  return {ErrorCode::kInvalidInput,
          fmt::format("Parse error: Invalid file() syntax: {}; expected file('path') or "
                      "file('path', 'mime/type')",
                      what)};
}

// The last component, with everything but letters, digits, '-', '_' and '.' as '_'.
std::string PlaceholderBase(std::string_view path) {
  const size_t slash = path.find_last_of('/');
  std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
  for (char& c : name) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
    if (!kept) c = '_';
  }
  return name;
}

std::string Unquoted(std::string_view literal) {
  std::string text;
  for (size_t i = 1; i + 1 < literal.size(); ++i) {
    text += literal[i];
    if (literal[i] == '\'') ++i;  // doubled
  }
  return text;
}

// Walks the pieces of a statement without blanks and comments.
class CallReader {
 public:
  explicit CallReader(std::string_view sql) : sql_(sql), scanner_(sql) {}

  Result<FileCalls> Run() {
    FileCalls found;
    size_t copied = 0;
    while (Next()) {
      const bool called =
          !follows_name_ && Is(SqlPieceKind::kWord, "file") && sql_.substr(piece_.end, 1) == "(";
      follows_name_ = Names();
      if (!called) continue;
      const size_t begin = piece_.begin;
      if (found.calls.size() >= kMaxFileCalls) {
        return Invalid(fmt::format("more than {} files", kMaxFileCalls));
      }
      KDB_ASSIGN_OR_RETURN(FileCall call, Call());
      call.placeholder = Unique(PlaceholderBase(call.path));
      found.sql += sql_.substr(copied, begin - copied);
      found.sql += fmt::format("FILE(\"{}\")", call.placeholder);
      copied = piece_.end;
      found.calls.push_back(std::move(call));
    }
    found.sql += sql_.substr(copied);
    return found;
  }

 private:
  bool Next() {
    while (!scanner_.AtEnd()) {
      piece_ = scanner_.Next();
      if (piece_.kind != SqlPieceKind::kBlank && piece_.kind != SqlPieceKind::kComment) return true;
    }
    return false;
  }

  [[nodiscard]] std::string_view Text() const {
    return sql_.substr(piece_.begin, piece_.end - piece_.begin);
  }
  [[nodiscard]] bool Is(SqlPieceKind kind, std::string_view text) const {
    return piece_.kind == kind && Text() == text;
  }
  // What follows is the name of a table, not a call: INSERT INTO file(id) ...
  [[nodiscard]] bool Names() const {
    if (Is(SqlPieceKind::kPunctuation, ".")) return true;
    if (piece_.kind != SqlPieceKind::kWord) return false;
    const std::string word = AsciiLower(Text());
    return word == "into" || word == "table" || word == "exists";
  }

  Result<FileCall> Call() {
    FileCall call;
    Next();  // the bracket
    KDB_ASSIGN_OR_RETURN(call.path, Argument("the path"));
    if (call.path.empty()) return Invalid("the path is empty");
    if (PlaceholderBase(call.path).empty()) return Invalid("the path names no file");
    if (!Next()) return Invalid("it is not closed");
    if (Is(SqlPieceKind::kPunctuation, ",")) {
      KDB_ASSIGN_OR_RETURN(call.mime, Argument("the type"));
      if (call.mime.find('/') == std::string::npos ||
          call.mime.find_first_of("\r\n\"") != std::string::npos) {
        return Invalid(fmt::format("'{}' is no type", call.mime));
      }
      if (!Next()) return Invalid("it is not closed");
    }
    if (!Is(SqlPieceKind::kPunctuation, ")")) return Invalid("it is not closed");
    return call;
  }

  Result<std::string> Argument(std::string_view what) {
    if (!Next() || piece_.kind != SqlPieceKind::kString || Text().front() != '\'' ||
        scanner_.open()) {
      return Invalid(fmt::format("{} is no string in single quotes", what));
    }
    return Unquoted(Text());
  }

  std::string Unique(const std::string& base) {
    std::string name = base;
    for (size_t n = 2; !used_.insert(name).second; ++n) name = fmt::format("{}_{}", base, n);
    return name;
  }

  std::string_view sql_;
  SqlScanner scanner_;
  SqlPiece piece_{};
  bool follows_name_ = false;
  std::unordered_set<std::string> used_;
};

// For a quoted parameter of a header.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\r' || c == '\n' ? '_' : c;
  }
  return out + "\"";
}

// Long enough that no content holds it by chance.
std::string Boundary() {
  std::array<unsigned char, 24> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) bytes = {};
  std::string boundary = "kalam-";
  for (const unsigned char b : bytes) boundary += fmt::format("{:02x}", b);
  return boundary;
}

}  // namespace

Result<FileCalls> TakeFileCalls(std::string_view sql) { return CallReader(sql).Run(); }

Form BuildForm(std::string_view sql, std::string_view params_json, std::string_view namespace_id,
               const std::vector<FilePart>& files) {
  Form form;
  const std::string boundary = Boundary();
  form.content_type = "multipart/form-data; boundary=" + boundary;
  size_t bytes = sql.size() + params_json.size() + namespace_id.size() + 1024;
  for (const FilePart& file : files) bytes += file.content.size() + 512;
  form.body.reserve(bytes);
  const auto begin = [&](const std::string& name, const std::string& more) {
    form.body += fmt::format("--{}\r\nContent-Disposition: form-data; name={}{}\r\n\r\n", boundary,
                             Quoted(name), more);
  };
  const auto field = [&](const char* name, std::string_view value) {
    if (value.empty()) return;
    begin(name, "");
    form.body += value;
    form.body += "\r\n";
  };
  field("sql", sql);
  field("params", params_json);
  field("namespace_id", namespace_id);
  for (const FilePart& file : files) {
    begin("file:" + file.placeholder,
          fmt::format("; filename={}\r\nContent-Type: {}", Quoted(file.file_name),
                      file.mime.empty() ? "application/octet-stream" : file.mime));
    form.body += file.content;
    form.file_ends.push_back(form.body.size());
    form.body += "\r\n";
  }
  form.body += "--" + boundary + "--\r\n";
  return form;
}

}  // namespace kalamdb::client
