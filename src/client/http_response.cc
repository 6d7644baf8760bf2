// A state machine over lines and counted bytes.
#include "client/http_response.h"

#include <algorithm>
#include <charconv>

#include "client/text.h"

namespace kalamdb::client {
namespace {

Status Malformed(const char* what) {
  return {ErrorCode::kUnavailable, std::string("malformed HTTP answer: ") + what};
}

template <typename T>
bool ParseWhole(std::string_view text, T* value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

const std::string* HttpResponse::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

Result<size_t> HttpResponseParser::Feed(std::string_view bytes) {
  size_t used = 0;
  if (!bytes.empty()) untouched_ = false;
  while (used < bytes.size() && state_ != State::kDone) {
    const std::string_view rest = bytes.substr(used);
    switch (state_) {
      case State::kBody:
      case State::kChunkData: {
        const size_t n = static_cast<size_t>(std::min<uint64_t>(remaining_, rest.size()));
        response_.body.append(rest.data(), n);
        used += n;
        remaining_ -= n;
        if (remaining_ == 0) state_ = state_ == State::kBody ? State::kDone : State::kChunkEnd;
        break;
      }
      case State::kBodyToEnd:
        if (response_.body.size() + rest.size() > kMaxBodyBytes) return Malformed("body too large");
        response_.body.append(rest);
        used = bytes.size();
        break;
      default: {
        const size_t newline = rest.find('\n');
        const size_t n = newline == std::string_view::npos ? rest.size() : newline + 1;
        head_bytes_ += n;
        if (head_bytes_ > kMaxHeadBytes) return Malformed("head too large");
        line_.append(rest.data(), n);
        used += n;
        if (newline == std::string_view::npos) break;
        line_.pop_back();
        if (!line_.empty() && line_.back() == '\r') line_.pop_back();
        const std::string line = std::move(line_);
        line_.clear();
        KDB_RETURN_IF_ERROR(OnLine(line));
      }
    }
  }
  return used;
}

Status HttpResponseParser::End() {
  if (state_ == State::kBodyToEnd) state_ = State::kDone;
  if (state_ == State::kDone) return Status::Ok();
  return {ErrorCode::kUnavailable,
          "the server closed the connection before its answer was complete"};
}

Status HttpResponseParser::OnLine(std::string_view line) {
  switch (state_) {
    case State::kStatusLine:
      return OnStatusLine(line);
    case State::kHeaders:
      return line.empty() ? OnHeadersEnd() : OnHeader(line);
    case State::kChunkSize:
      return OnChunkSize(line);
    case State::kChunkEnd:
      if (!line.empty()) return Malformed("no line end behind a chunk");
      state_ = State::kChunkSize;
      return Status::Ok();
    case State::kTrailers:
      if (line.empty()) state_ = State::kDone;
      return Status::Ok();
    default:
      return InternalError("no line is expected in this state");
  }
}

Status HttpResponseParser::OnStatusLine(std::string_view line) {
  // HTTP/1.1 200 OK
  if (line.size() < 12 || line.substr(0, 7) != "HTTP/1." || line[8] != ' ' ||
      !ParseWhole(line.substr(9, 3), &response_.status) || response_.status < 100 ||
      (line.size() > 12 && line[12] != ' ')) {
    return Malformed("status line");
  }
  http_1_0_ = line[7] == '0';
  response_.keep_alive = !http_1_0_;
  state_ = State::kHeaders;
  return Status::Ok();
}

Status HttpResponseParser::OnHeader(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return Malformed("header");
  if (response_.headers.size() >= kMaxHeaders) return Malformed("too many headers");
  response_.headers.emplace_back(AsciiLower(line.substr(0, colon)), Trim(line.substr(colon + 1)));
  return Status::Ok();
}

Status HttpResponseParser::OnHeadersEnd() {
  if (response_.status < 200 && response_.status != 101) {
    response_ = {};
    state_ = State::kStatusLine;
    return Status::Ok();
  }
  if (const std::string* connection = response_.Header("connection")) {
    const std::string value = AsciiLower(*connection);
    if (value.find("close") != std::string::npos) response_.keep_alive = false;
    if (value.find("keep-alive") != std::string::npos) response_.keep_alive = true;
  }
  if (response_.status == 101 || response_.status == 204 || response_.status == 304) {
    state_ = State::kDone;
    return Status::Ok();
  }
  if (const std::string* coding = response_.Header("transfer-encoding")) {
    if (AsciiLower(*coding) != "chunked") return Malformed("unknown transfer coding");
    // Sizes of chunks count to the head; a body is bounded by kMaxBodyBytes instead.
    state_ = State::kChunkSize;
    return Status::Ok();
  }
  if (const std::string* length = response_.Header("content-length")) {
    if (!ParseWhole(*length, &remaining_)) return Malformed("content-length");
    if (remaining_ > kMaxBodyBytes) return Malformed("body too large");
    state_ = remaining_ == 0 ? State::kDone : State::kBody;
    return Status::Ok();
  }
  response_.keep_alive = false;
  state_ = State::kBodyToEnd;
  return Status::Ok();
}

Status HttpResponseParser::OnChunkSize(std::string_view line) {
  head_bytes_ = 0;
  if (!ParseWhole(Trim(line.substr(0, line.find(';'))), &remaining_, 16)) {
    return Malformed("chunk size");
  }
  if (remaining_ > kMaxBodyBytes - response_.body.size()) return Malformed("body too large");
  state_ = remaining_ == 0 ? State::kTrailers : State::kChunkData;
  return Status::Ok();
}

}  // namespace kalamdb::client
