// Arbitrary text cast to every type: refused, or a value whose own text casts back to it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "types/convert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kalamdb;  // NOLINT(google-build-using-namespace): a program of one function
  const Datum text = Datum::Text({reinterpret_cast<const char*>(data), size});
  Arena arena;
  for (int kind = 1; kind <= static_cast<int>(TypeKind::kFile); ++kind) {
    DataType type = DataType::Of(static_cast<TypeKind>(kind));
    if (type.kind == TypeKind::kBytes) continue;  // takes text as it is, and prints hex
    if (type.kind == TypeKind::kDecimal) type = DataType::Decimal(38, 10);
    Result<Datum> value = CastDatum(text, type, &arena);
    Result<Datum> stored = CoerceForColumn(text, type, "c", &arena);
    if (value.ok() != stored.ok()) std::abort();
    if (!value.ok()) continue;
    std::string printed;
    AppendText(&printed, *value);
    Result<Datum> again = CastDatum(Datum::Text(printed), type, &arena);
    if (!again.ok() || !SameValue(*value, *again)) std::abort();
    if (HashDatum(*value) != HashDatum(*again)) std::abort();
  }
  return 0;
}
