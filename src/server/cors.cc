// Cross-origin rules.
#include "server/cors.h"

namespace kalamdb::server {

namespace {

std::string Join(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += ", ";
    out += item;
  }
  return out;
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

bool Contains(const std::vector<std::string>& items, std::string_view item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

}  // namespace

Cors::Cors(const CorsSection& config)
    : any_origin_(config.allowed_origins.empty() || Contains(config.allowed_origins, "*")),
      any_header_(Contains(config.allowed_headers, "*")),
      origins_(config.allowed_origins),
      methods_(config.allowed_methods) {
  for (const std::string& header : config.allowed_headers) headers_.push_back(Lower(header));
  common_ = "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n";
  if (config.allow_credentials) common_ += "access-control-allow-credentials: true\r\n";
  if (!config.expose_headers.empty()) {
    common_ += "access-control-expose-headers: " + Join(config.expose_headers) + "\r\n";
  }
  methods_line_ = "access-control-allow-methods: " + Join(methods_) + "\r\n";
  headers_line_ = "access-control-allow-headers: " + Join(headers_) + "\r\n";
  max_age_line_ = fmt::format("access-control-max-age: {}\r\n", config.max_age);
}

bool Cors::OriginAllowed(std::string_view origin) const {
  return any_origin_ || Contains(origins_, origin);
}

std::string_view Cors::AllowedOrigin(const RequestHead& head) const {
  if (!head.has(Header::kOrigin)) return {};
  const std::string_view origin = head.value(Header::kOrigin);
  return OriginAllowed(origin) ? origin : std::string_view();
}

Response Cors::AnswerPreflight(const RequestHead& head, std::string* allow_origin) const {
  auto refuse = [&](std::string_view why) {
    allow_origin->clear();
    return Response::Text(400, why);
  };
  if (!head.has(Header::kOrigin)) return refuse("Origin header is missing");
  if (!OriginAllowed(head.value(Header::kOrigin))) return refuse("Origin is not allowed");
  if (!Contains(methods_, head.value(Header::kPreflightMethod))) {
    return refuse("Requested method is not allowed");
  }
  Response response = Response::Empty(200);
  response.headers = methods_line_;
  std::string_view asked = head.value(Header::kPreflightHeaders);
  std::string echoed;
  while (!asked.empty()) {
    const size_t comma = asked.find(',');
    const std::string name = Lower(std::string(TrimBlanks(asked.substr(0, comma))));
    if (!name.empty()) {
      if (!any_header_ && !Contains(headers_, name)) {
        return refuse("Requested headers are not allowed");
      }
      if (!echoed.empty()) echoed += ", ";
      echoed += name;
    }
    if (comma == std::string_view::npos) break;
    asked.remove_prefix(comma + 1);
  }
  if (!any_header_) {
    response.headers += headers_line_;
  } else if (!echoed.empty()) {
    response.headers += "access-control-allow-headers: " + echoed + "\r\n";
  }
  response.headers += max_age_line_;
  return response;
}

}  // namespace kalamdb::server
