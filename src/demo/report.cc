// Plain text on standard output.
#include "demo/report.h"

#include <fmt/format.h>

#include <cstdio>

#include "client/render.h"

namespace kalamdb::demo {
namespace {

constexpr size_t kWidth = 110;

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

void Report::Heading(std::string_view text) {
  Print(fmt::format("\n== {}. {}\n\n", ++steps_, text));
}

void Report::Line(std::string_view text) const { Print(fmt::format("{}\n", text)); }

void Report::Answer(std::string_view question, std::string_view sql, const client::SqlReply& reply,
                    double millis) const {
  Print(fmt::format("{}\n\n{}\n\n", question, sql));
  for (const client::SqlResult& result : reply.results) {
    Print(client::RenderTable(result, kWidth, client::TimestampFormat::kIso8601));
  }
  Print(fmt::format("   {:.1f} ms in the server, {:.1f} ms with the way there and back\n\n",
                    reply.took_ms, millis));
}

void Report::Expect(bool holds, std::string_view text) {
  if (!holds) ++failures_;
  Print(fmt::format("   {} {}\n", holds ? "ok  " : "FAIL", text));
}

void Report::Failed(std::string_view what, const Status& status) {
  ++failures_;
  Print(fmt::format("   FAIL {}: {}\n", what, status.message()));
}

}  // namespace kalamdb::demo
