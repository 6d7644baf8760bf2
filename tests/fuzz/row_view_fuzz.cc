// Arbitrary bytes as a stored row: Parse refuses them, or every slot reads within them.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "types/json_cell.h"
#include "types/row_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kalamdb;  // NOLINT(google-build-using-namespace): a program of one function
  const char* const begin = reinterpret_cast<const char*>(data);
  Result<RowView> row = RowView::Parse({begin, size});
  if (!row.ok()) return 0;
  constexpr size_t kSlotsLookedAt = 64;
  std::string cell;
  std::string key;
  for (size_t i = 0; i <= row->slots() && i < kSlotsLookedAt; ++i) {
    for (int kind = 0; kind <= static_cast<int>(TypeKind::kFile); ++kind) {
      DataType type = DataType::Of(static_cast<TypeKind>(kind));
      if (type.kind == TypeKind::kDecimal) type = DataType::Decimal(38, 10);
      if (type.kind == TypeKind::kEmbedding) type = DataType::Embedding(4);
      const Datum d = row->Slot(i, type);
      if (d.kind != type.kind) std::abort();
      if (d.has_bytes() && (d.s.data < begin || d.s.data + d.s.size > begin + size)) std::abort();
      cell.clear();
      key.clear();
      AppendCell(&cell, d);
      (void)AppendKey(d, &key).ok();
      if (!SameValue(d, d)) std::abort();
    }
  }
  return 0;
}
