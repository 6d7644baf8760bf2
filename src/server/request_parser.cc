// Beast's parser, with callbacks that only take views.
#include "server/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>

namespace kalamdb::server {

namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using View = boost::beast::string_view;

std::string_view ToStd(View v) { return {v.data(), v.size()}; }

class HeadReader final : public http::basic_parser<true> {
 public:
  HeadReader(std::string_view bytes, RequestHead* head) : bytes_(bytes), head_(head) {
    header_limit(UINT32_MAX);  // the caller has bounded the head
    body_limit(boost::none);
    eager(false);
  }
  [[nodiscard]] bool too_many_lines() const { return lines_ > kMaxHeaderLines; }

 private:
  void on_request_impl(http::verb method, View method_text, View target, int version,
                       error_code&) override {
    switch (method) {
      case http::verb::get:
        head_->method = Method::kGet;
        break;
      case http::verb::post:
        head_->method = Method::kPost;
        break;
      case http::verb::options:
        head_->method = Method::kOptions;
        break;
      case http::verb::head:
        head_->method = Method::kHead;
        break;
      default:
        head_->method = Method::kOther;
    }
    head_->method_text = ToStd(method_text);
    head_->target = ToStd(target);
    head_->http10 = version == 10;
  }
  void on_response_impl(int, View, int, error_code&) override {}

  void on_field_impl(http::field name, View name_text, View value, error_code& ec) override {
    if (++lines_ > kMaxHeaderLines) {
      ec = http::error::header_limit;
      return;
    }
    // A folded value was unfolded into a buffer that dies with this call; folding is long obsolete.
    if (!value.empty() && (value.data() < bytes_.data() ||
                           value.data() + value.size() > bytes_.data() + bytes_.size())) {
      ec = http::error::bad_value;
      return;
    }
    switch (name) {
      case http::field::authorization:
        return Keep(Header::kAuthorization, value);
      case http::field::content_type:
        return Keep(Header::kContentType, value);
      case http::field::content_encoding:
        return Keep(Header::kContentEncoding, value);
      case http::field::origin:
        return Keep(Header::kOrigin, value);
      case http::field::cookie:
        return Keep(Header::kCookie, value);
      case http::field::forwarded:
        return Keep(Header::kForwarded, value);
      case http::field::access_control_request_method:
        return Keep(Header::kPreflightMethod, value);
      case http::field::access_control_request_headers:
        return Keep(Header::kPreflightHeaders, value);
      case http::field::upgrade:
        return Keep(Header::kUpgrade, value);
      case http::field::connection:
        return Keep(Header::kConnection, value);
      case http::field::sec_websocket_key:
        return Keep(Header::kWebSocketKey, value);
      case http::field::sec_websocket_version:
        return Keep(Header::kWebSocketVersion, value);
      case http::field::expect:
        return Keep(Header::kExpect, value);
      case http::field::transfer_encoding:
        return Keep(Header::kTransferEncoding, value);
      default:
        break;
    }
    const std::string_view text = ToStd(name_text);
    if (text.size() < 9 || (text[0] != 'X' && text[0] != 'x')) return;
    if (EqualsIgnoreCase(text, "x-request-id")) return Keep(Header::kRequestId, value);
    if (EqualsIgnoreCase(text, "x-forwarded-for")) return Keep(Header::kForwardedFor, value);
    if (EqualsIgnoreCase(text, "x-real-ip")) return Keep(Header::kRealIp, value);
    if (EqualsIgnoreCase(text, "x-forwarded-proto")) return Keep(Header::kForwardedProto, value);
  }

  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(View, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  void Keep(Header h, View value) {
    if (head_->has(h)) return;
    head_->present |= 1U << static_cast<unsigned>(h);
    head_->values[static_cast<size_t>(h)] = ToStd(value);
  }

  const std::string_view bytes_;
  RequestHead* const head_;
  size_t lines_ = 0;
};

}  // namespace

size_t FindHeadEnd(std::string_view bytes, size_t scanned) {
  const size_t at = bytes.find("\r\n\r\n", scanned > 3 ? scanned - 3 : 0);
  return at == std::string_view::npos ? at : at + 4;
}

HeadFault ParseHead(std::string_view bytes, RequestHead* head) {
  HeadReader reader(bytes, head);
  error_code ec;
  const size_t used = reader.put({bytes.data(), bytes.size()}, ec);
  if (ec) {
    return reader.too_many_lines() ? HeadFault::kTooLarge : HeadFault::kMalformed;
  }
  if (!reader.is_header_done() || used != bytes.size()) return HeadFault::kMalformed;
  head->keep_alive = reader.keep_alive();
  head->chunked = reader.chunked();
  if (const auto length = reader.content_length()) head->content_length = *length;
  // Any other coding than plain `chunked` would leave the end of the body to guessing.
  if (head->has(Header::kTransferEncoding) &&
      (!head->chunked ||
       !EqualsIgnoreCase(TrimBlanks(head->value(Header::kTransferEncoding)), "chunked"))) {
    return HeadFault::kMalformed;
  }
  return HeadFault::kNone;
}

}  // namespace kalamdb::server
