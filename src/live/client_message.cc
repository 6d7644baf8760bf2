#include "live/client_message.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "base/json_text.h"
#include "base/msgpack.h"

namespace kalamdb::live {

namespace {

namespace json = boost::json;

// Messages nest three deep; the rest is room for fields that are ignored.
constexpr int kMaxDepth = 16;
// Of a MessagePack message, which may hold a million in the bytes that it may have.
constexpr size_t kMaxValues = 1000;

Status Malformed(std::string text) { return {ErrorCode::kInvalidInput, std::move(text)}; }

Result<std::string> RequiredText(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  if (v == nullptr) return Malformed(fmt::format("missing field `{}`", key));
  if (!v->is_string()) return Malformed(fmt::format("field `{}` must be a string", key));
  return std::string(v->as_string());
}

// A sequence id: an integer, or its decimal text. None when absent or null.
Result<std::optional<int64_t>> Sequence(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  if (v == nullptr || v->is_null()) return std::optional<int64_t>();
  if (v->is_int64()) return std::optional<int64_t>(v->as_int64());
  if (v->is_string()) {
    const std::string_view text = v->as_string();
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size())
      return std::optional<int64_t>(value);
  }
  return Malformed(fmt::format("field `{}` must be a 64-bit integer", key));
}

Result<std::optional<uint64_t>> Count(const json::object& o, std::string_view key, uint64_t max) {
  const json::value* v = o.if_contains(key);
  if (v == nullptr || v->is_null()) return std::optional<uint64_t>();
  uint64_t value = 0;
  if (v->is_int64() && v->as_int64() >= 0) {
    value = static_cast<uint64_t>(v->as_int64());
  } else if (v->is_uint64()) {
    value = v->as_uint64();
  } else {
    return Malformed(fmt::format("field `{}` must be an unsigned integer", key));
  }
  if (value > max) return Malformed(fmt::format("field `{}` is out of range", key));
  return std::optional<uint64_t>(value);
}

Result<std::optional<SnapshotOptions>> ParseOptions(const json::object& subscription) {
  const json::value* v = subscription.if_contains("options");
  if (v == nullptr || v->is_null()) return std::optional<SnapshotOptions>();
  if (!v->is_object()) return Malformed("field `options` must be an object");
  const json::object& o = v->as_object();
  SnapshotOptions out;
  KDB_ASSIGN_OR_RETURN(const auto batch, Count(o, "batch_size", UINT64_MAX));
  if (batch) {
    out.batch_size = *batch;
    out.batch_size_given = true;
  }
  KDB_ASSIGN_OR_RETURN(const auto last, Count(o, "last_rows", UINT32_MAX));
  if (last) out.last_rows = static_cast<uint32_t>(*last);
  KDB_ASSIGN_OR_RETURN(out.from, Sequence(o, "from"));
  if (!out.from) {
    KDB_ASSIGN_OR_RETURN(out.from, Sequence(o, "from_seq_id"));
  }
  return std::optional<SnapshotOptions>(out);
}

Status ParseProtocol(const json::object& o, ClientMessage* out) {
  const json::value* v = o.if_contains("protocol");
  if (v == nullptr || v->is_null()) return {};
  if (!v->is_object()) return Malformed("field `protocol` must be an object");
  const json::object& p = v->as_object();
  if (const json::value* s = p.if_contains("serialization")) {
    if (!s->is_string() || (s->as_string() != "json" && s->as_string() != "msgpack")) {
      return Malformed("unknown variant of `serialization`, expected `json` or `msgpack`");
    }
    if (s->as_string() == "msgpack") out->serialization = Serialization::kMsgpack;
  }
  if (const json::value* c = p.if_contains("compression")) {
    if (!c->is_string() || (c->as_string() != "none" && c->as_string() != "gzip")) {
      return Malformed("unknown variant of `compression`, expected `none` or `gzip`");
    }
    out->gzip = c->as_string() == "gzip";
  }
  return {};
}

Result<json::value> ReadJson(std::string_view text) {
  boost::system::error_code error;
  json::parse_options limits;
  limits.max_depth = kMaxDepth;
  json::value v = json::parse(text, error, {}, limits);
  if (error) return Malformed(error.message());
  return v;
}

// A MessagePack value as the JSON value of the same content. What JSON does not have is an empty
// array, which no field takes; entries under keys that are no text are passed over, as unknown
// fields are.
class MsgpackValues {
 public:
  explicit MsgpackValues(std::string_view bytes) : reader_(bytes) {}

  Result<json::value> Only() {
    KDB_ASSIGN_OR_RETURN(json::value v, Next(kMaxDepth));
    if (!reader_.AtEnd()) return Malformed("bytes behind the message");
    return v;
  }

 private:
  Result<json::value> Next(int depth) {
    KDB_ASSIGN_OR_RETURN(const msgpack::Token token, reader_.Next());
    if (++values_ > kMaxValues) return Malformed("too many values");
    using Kind = msgpack::Token::Kind;
    switch (token.kind) {
      case Kind::kNil:
        return json::value();
      case Kind::kBool:
        return json::value(token.boolean);
      case Kind::kInteger:
        return json::value(token.integer);
      case Kind::kUnsigned:
        return json::value(token.unsigned_integer);
      case Kind::kDouble:
        return json::value(token.real);
      case Kind::kText:
        if (!IsValidUtf8(token.bytes)) return Malformed("text is not UTF-8");
        return json::value(json::string_view(token.bytes.data(), token.bytes.size()));
      case Kind::kBytes:
      case Kind::kExtension:
        break;
      case Kind::kArray:
        for (uint32_t i = 0; i < token.members; ++i) KDB_RETURN_IF_ERROR(reader_.Skip());
        break;
      case Kind::kMap:
        return Map(token.members, depth - 1);
    }
    return json::value(json::array());
  }

  Result<json::value> Map(uint32_t members, int depth) {
    if (depth == 0) return Malformed("nested too deep");
    json::object out;
    for (uint32_t i = 0; i < members; ++i) {
      KDB_ASSIGN_OR_RETURN(const json::value key, Next(depth));
      if (!key.is_string()) {
        KDB_RETURN_IF_ERROR(reader_.Skip());
        continue;
      }
      KDB_ASSIGN_OR_RETURN(out[key.get_string()], Next(depth));
    }
    return json::value(std::move(out));
  }

  msgpack::Reader reader_;
  size_t values_ = 0;
};

}  // namespace

Result<ClientMessage> ParseClientMessage(Serialization serialization, std::string_view bytes) {
  KDB_ASSIGN_OR_RETURN(const json::value v, serialization == Serialization::kMsgpack
                                                ? MsgpackValues(bytes).Only()
                                                : ReadJson(bytes));
  if (!v.is_object()) return Malformed("expected an object");
  const json::object& o = v.as_object();
  KDB_ASSIGN_OR_RETURN(const std::string type, RequiredText(o, "type"));
  ClientMessage m;
  if (type == "ping") {
    m.type = ClientMessage::Type::kPing;
  } else if (type == "authenticate") {
    m.type = ClientMessage::Type::kAuthenticate;
    KDB_ASSIGN_OR_RETURN(const std::string method, RequiredText(o, "method"));
    if (method != "jwt")
      return Malformed(fmt::format("unknown variant `{}`, expected `jwt`", method));
    KDB_ASSIGN_OR_RETURN(m.token, RequiredText(o, "token"));
    KDB_RETURN_IF_ERROR(ParseProtocol(o, &m));
  } else if (type == "subscribe") {
    m.type = ClientMessage::Type::kSubscribe;
    const json::value* s = o.if_contains("subscription");
    if (s == nullptr || !s->is_object()) return Malformed("missing field `subscription`");
    KDB_ASSIGN_OR_RETURN(m.subscription_id, RequiredText(s->as_object(), "id"));
    KDB_ASSIGN_OR_RETURN(m.sql, RequiredText(s->as_object(), "sql"));
    KDB_ASSIGN_OR_RETURN(m.options, ParseOptions(s->as_object()));
  } else if (type == "next_batch") {
    m.type = ClientMessage::Type::kNextBatch;
    KDB_ASSIGN_OR_RETURN(m.subscription_id, RequiredText(o, "subscription_id"));
    KDB_ASSIGN_OR_RETURN(m.last_seq, Sequence(o, "last_seq_id"));
  } else if (type == "unsubscribe") {
    m.type = ClientMessage::Type::kUnsubscribe;
    KDB_ASSIGN_OR_RETURN(m.subscription_id, RequiredText(o, "subscription_id"));
  } else {
    return Malformed("unknown `type`");
  }
  return m;
}

std::string OptionsJson(const SnapshotOptions& options) {
  std::string out = "{";
  const auto add = [&](std::string_view key, auto value) {
    fmt::format_to(std::back_inserter(out), "{}\"{}\":{}", out.size() > 1 ? "," : "", key, value);
  };
  if (options.batch_size_given) add("batch_size", options.batch_size);
  if (options.from) add("from", *options.from);
  if (options.last_rows) add("last_rows", *options.last_rows);
  out.push_back('}');
  return out;
}

}  // namespace kalamdb::live
