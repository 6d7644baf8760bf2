// Bounded inflation.
#include "base/inflate.h"

#include <zlib.h>

#include <algorithm>

namespace kalamdb {

InflateOutcome InflateGzip(std::string_view compressed, size_t limit, std::string* plain) {
  plain->clear();
  z_stream z{};
  if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) return InflateOutcome::kMalformed;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  z.avail_in = static_cast<uInt>(compressed.size());
  InflateOutcome outcome = InflateOutcome::kMalformed;
  for (;;) {
    const size_t have = plain->size();
    // One byte more than the limit tells what just fits from one that does not.
    const size_t step = std::min(limit + 1 - have, std::max<size_t>(16384, have));
    plain->resize(have + step);
    z.next_out = reinterpret_cast<Bytef*>(plain->data() + have);
    z.avail_out = static_cast<uInt>(step);
    const int code = inflate(&z, Z_NO_FLUSH);
    plain->resize(have + step - z.avail_out);
    if (plain->size() > limit) {
      outcome = InflateOutcome::kTooLarge;
      break;
    }
    if (code == Z_STREAM_END) {
      if (z.avail_in == 0) outcome = InflateOutcome::kOk;
      break;
    }
    if (code != Z_OK || (z.avail_in == 0 && z.avail_out != 0)) break;
  }
  inflateEnd(&z);
  return outcome;
}

}  // namespace kalamdb
