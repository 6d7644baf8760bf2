// What the command line prints, and where.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/status.h"
#include "client/render.h"
#include "client/sql_reply.h"

namespace kalamdb::cli {

class Output {
 public:
  Output(client::OutputFormat format, bool color, client::TimestampFormat timestamps)
      : format_(format), color_(color), timestamps_(timestamps) {}

  [[nodiscard]] client::OutputFormat format() const { return format_; }
  void set_format(client::OutputFormat format) { format_ = format; }
  [[nodiscard]] bool color() const { return color_; }

  // Prints a reply. A refusal (HTTP 4xx) becomes the returned error and nothing is printed; an
  // error inside another reply is printed where the rows would be and returned as Reported().
  Status Print(const client::SqlReply& reply) const;
  // "Error: ..." on standard error, with the multi-line text as it is. Nothing for what has been
  // reported already.
  void PrintError(const Status& status) const;
  // A line for people: standard output, or standard error when that carries JSON or CSV.
  void Say(std::string_view line) const;
  // `text` in red when colours are on.
  [[nodiscard]] std::string Red(std::string_view text) const;

  static Status Reported() { return {ErrorCode::kRetry, "reported"}; }

 private:
  client::OutputFormat format_;
  bool color_;
  client::TimestampFormat timestamps_;
};

// Writes to standard output at once.
void PrintLine(std::string_view line);

}  // namespace kalamdb::cli
