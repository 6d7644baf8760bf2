#include "live/gzip.h"

#include <zlib.h>

namespace kalamdb::live {

bool GzipIfSmaller(std::string_view plain, std::string* packed) {
  if (plain.size() < kGzipThreshold || plain.size() > UINT32_MAX) return false;
  z_stream z{};
  // 16 + 12: a gzip header and a 4 KiB window: small messages need no more, and the state stays at
  // a tenth of zlib's default.
  const int window = plain.size() > (64 << 10) ? 15 : 12;
  if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 16 + window, 5, Z_DEFAULT_STRATEGY) != Z_OK)
    return false;
  packed->resize(plain.size() - 1);
  z.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));  // zlib does not write to it
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(packed->data());
  z.avail_out = static_cast<uInt>(packed->size());
  const bool done = deflate(&z, Z_FINISH) == Z_STREAM_END;
  packed->resize(z.total_out);
  deflateEnd(&z);
  return done;
}

}  // namespace kalamdb::live
