// What the demonstration tells: steps, timings, and expectations that hold or not.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "client/session.h"

namespace kalamdb::demo {

class Report {
 public:
  using Clock = std::chrono::steady_clock;

  void Heading(std::string_view text);
  void Line(std::string_view text) const;
  // A result as a box, its SQL above and its time below.
  void Answer(std::string_view question, std::string_view sql, const client::SqlReply& reply,
              double millis) const;
  // Says whether `holds`; a failed expectation fails the demonstration.
  void Expect(bool holds, std::string_view text);
  void Failed(std::string_view what, const Status& status);
  [[nodiscard]] bool ok() const { return failures_ == 0; }
  [[nodiscard]] int failures() const { return failures_; }

  static double Since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  }

 private:
  int steps_ = 0;
  int failures_ = 0;
};

}  // namespace kalamdb::demo
