#include "sql/pg_parse.h"

#include <fmt/format.h>
#include <pg_query.h>
#include <pthread.h>

#include <algorithm>
#include <exception>
#include <vector>

#include "sql/lexer.h"

static_assert(PG_VERSION_NUM / 10000 == 15, "pg_fields.h holds the field numbers of PostgreSQL 15");

namespace kalamdb::sql {

namespace {

// Depths up to this run on the caller's stack: some 2 KiB a level over all passes.
constexpr uint32_t kShallow = 128;
// Address space only; pages are touched as deep as the statement goes.
constexpr size_t kDeepStackBytes = size_t{64} << 20;

// libpg_query counts characters from 1.
size_t ByteOffsetOfCharacter(std::string_view text, int character) {
  size_t i = 0;
  for (int n = 1; n < character && i < text.size(); ++n) {
    ++i;
    while (i < text.size() && (text[i] & 0xc0) == 0x80) ++i;
  }
  return i;
}

// The parser quotes what it was given; people know what they wrote: a rewritten name, say, or a
// stand-in.
void QuoteOriginal(std::string_view original, std::string* message) {
  constexpr std::string_view kNear = " at or near \"";
  constexpr size_t kMaxQuoted = 256;
  const size_t near = message->find(kNear);
  if (near == std::string::npos || message->back() != '"') return;
  const size_t begin = near + kNear.size();
  const std::string_view quoted =
      std::string_view(*message).substr(begin, message->size() - 1 - begin);
  if (original.starts_with(quoted)) return;
  size_t end = std::min(original.size(), kMaxQuoted);
  while (end < original.size() && (original[end] & 0xc0) == 0x80) --end;
  std::vector<Token> tokens;
  // An open quote leaves no token, and the message as it is.
  static_cast<void>(Lex(original.substr(0, end), &tokens).ok());
  if (tokens.empty() || tokens[0].offset != 0) return;
  *message = fmt::format("{}{}{}\"", message->substr(0, near), kNear, tokens[0].In(original));
}

struct Work {
  const std::function<void()>* run;
  bool failed = false;
};

void* RunWork(void* argument) {
  auto* work = static_cast<Work*>(argument);
  try {
    (*work->run)();
  } catch (const std::exception&) {
    work->failed = true;  // out of memory: nothing else throws there
  }
  return nullptr;
}

}  // namespace

Result<PgTree> PgTree::Parse(const PgText& text) {
  PgPackBuffer buffer;
  PgQueryProtobufParseResult result;
  {
    const PgPackScope scope(&buffer);
    // Never pg_query_exit(): the next parse of the thread would crash. Threads clean up by
    // themselves.
    result = pg_query_parse_protobuf(text.sql().c_str());
  }
  if (result.error == nullptr) {
    pg_query_free_protobuf_parse_result(result);
    if (buffer.failed()) return Status(ErrorCode::kUnavailable, "out of memory while parsing");
    return PgTree(std::move(buffer));
  }
  std::string message = fmt::format("sql parser error: {}", result.error->message);
  int position = -1;
  if (result.error->cursorpos > 0) {
    const size_t offset = ByteOffsetOfCharacter(text.sql(), result.error->cursorpos);
    position = text.OriginalOffset(static_cast<int64_t>(offset));
    const auto start = std::min(static_cast<size_t>(std::max(position, 0)), text.original().size());
    const TextPosition at = PositionOf(text.original(), start);
    QuoteOriginal(text.original().substr(start), &message);
    message += fmt::format(" at Line: {}, Column: {}", at.line, at.column);
  }
  pg_query_free_protobuf_parse_result(result);
  return InvalidSql(std::move(message)).At(position);
}

Status RunWithStackFor(uint32_t depth, const std::function<void()>& work) {
  if (depth <= kShallow) {
    work();
    return Status::Ok();
  }
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return {ErrorCode::kUnavailable, "out of memory"};
  Work deep{&work};
  pthread_t thread;
  int error = pthread_attr_setstacksize(&attributes, kDeepStackBytes);
  if (error == 0) error = pthread_create(&thread, &attributes, RunWork, &deep);
  pthread_attr_destroy(&attributes);
  if (error != 0) return {ErrorCode::kUnavailable, "no thread for a deeply nested statement"};
  pthread_join(thread, nullptr);
  if (deep.failed) return {ErrorCode::kUnavailable, "out of memory"};
  return Status::Ok();
}

}  // namespace kalamdb::sql
