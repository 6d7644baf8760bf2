// Cells in MessagePack: the values of json_cell.h, one for one (a 64-bit integer is text, BYTES are
// an array of numbers, NaN and infinities are nil).
#pragma once

#include <string>

#include "types/datum.h"

namespace kalamdb {

void AppendMsgpackCell(std::string* out, const Datum& d);

}  // namespace kalamdb
