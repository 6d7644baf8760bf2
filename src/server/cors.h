// Cross-origin rules: which origins may read answers, and preflight requests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "server/request.h"
#include "server/response.h"

namespace kalamdb::server {

// Immutable after construction.
class Cors {
 public:
  explicit Cors(const CorsSection& config);

  // Lines of every answer, whatever its request.
  [[nodiscard]] const std::string& common_headers() const { return common_; }
  [[nodiscard]] bool any_origin() const { return any_origin_; }
  [[nodiscard]] bool OriginAllowed(std::string_view origin) const;
  // What Access-Control-Allow-Origin should say; empty: the header stays away.
  [[nodiscard]] std::string_view AllowedOrigin(const RequestHead& head) const;
  static bool IsPreflight(const RequestHead& head) {
    return head.method == Method::kOptions && head.has(Header::kPreflightMethod);
  }
  // `allow_origin` is cleared when the policy refuses.
  [[nodiscard]] Response AnswerPreflight(const RequestHead& head, std::string* allow_origin) const;

 private:
  bool any_origin_ = false;
  bool any_header_ = false;
  std::vector<std::string> origins_, methods_, headers_;
  std::string common_;
  std::string methods_line_, headers_line_, max_age_line_;
};

}  // namespace kalamdb::server
