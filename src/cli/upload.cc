// Files are read whole: a form has to know its length.
#include "cli/upload.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/progress_line.h"
#include "cli/user_files.h"

namespace kalamdb::cli {
namespace {

std::string Expanded(const std::string& path) {
  return path.rfind("~/", 0) == 0 ? HomeDirectory() + path.substr(1) : path;
}

Result<std::vector<client::FilePart>> ReadParts(const client::FileCalls& files) {
  std::vector<client::FilePart> parts;
  uint64_t total = 0;
  for (const client::FileCall& call : files.calls) {
    const std::string path = Expanded(call.path);
    if (!FileExists(path)) {
      return Status(ErrorCode::kInvalidInput,
                    fmt::format("File error: File not found: {}", call.path));
    }
    std::error_code error;
    if (const auto size = std::filesystem::file_size(path, error); !error) total += size;
    if (total > kMaxUploadBytes) {
      return Status(ErrorCode::kInvalidInput,
                    fmt::format("File error: the files of a statement are larger than {} MiB",
                                kMaxUploadBytes >> 20));
    }
    client::FilePart part;
    part.placeholder = call.placeholder;
    part.file_name = std::filesystem::path(path).filename().string();
    part.mime = call.mime;
    KDB_ASSIGN_OR_RETURN(part.content, ReadFile(path));
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

Result<client::SqlReply> ExecuteWithFiles(Context* context, const client::FileCalls& files) {
  KDB_ASSIGN_OR_RETURN(const std::vector<client::FilePart> parts, ReadParts(files));
  client::Form form = client::BuildForm(files.sql, "", context->namespace_id, parts);
  ProgressLine line(!context->options.no_spinner);
  const std::vector<size_t> ends = form.file_ends;
  const auto progress = [&line, &parts, ends](size_t sent) {
    const auto file =
        static_cast<size_t>(std::lower_bound(ends.begin(), ends.end(), sent) - ends.begin());
    if (file >= ends.size()) return;
    const size_t begin = file == 0 ? 0 : ends[file - 1];
    line.Show(fmt::format("Uploading {}/{}: {}% file '{}'", file + 1, ends.size(),
                          (sent - begin) * 100 / (ends[file] - begin), parts[file].file_name));
  };
  return context->session->ExecuteForm(std::move(form), progress);
}

}  // namespace kalamdb::cli
