// zlib's inflate with a bound, so that a small message cannot fill the memory.
#include "client/gunzip.h"

#include <zlib.h>

#include <memory>

namespace kalamdb::client {

Result<std::string> Gunzip(std::string_view packed, size_t limit) {
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzip) != Z_OK) return InternalError("zlib does not start");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> owner(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  char chunk[16384];
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    const int rc = inflate(&stream, Z_NO_FLUSH);
    out.append(chunk, sizeof chunk - stream.avail_out);
    if (rc == Z_STREAM_END) return out;
    if (rc != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) {
      return Status(ErrorCode::kUnavailable, "a compressed message is damaged");
    }
    if (out.size() > limit)
      return Status(ErrorCode::kUnavailable, "a compressed message is too large");
  }
}

}  // namespace kalamdb::client
