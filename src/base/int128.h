// 128-bit integers, a compiler extension that both compilers have.
#pragma once

namespace kalamdb {

__extension__ typedef __int128 Int128;            // NOLINT(modernize-use-using)
__extension__ typedef unsigned __int128 UInt128;  // NOLINT(modernize-use-using)

}  // namespace kalamdb
