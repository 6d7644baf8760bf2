// Shortest decimal text of floating numbers, in the two manners that the house writes them.
#pragma once

#include <string>

namespace kalamdb {

// Both append the fewest digits that read back as the same number. Finite numbers only.
enum class FloatStyle : unsigned char {
  kJson,      // 5.0, 0.00001, 1e-6, 1e16: always recognisable as a float
  kPostgres,  // 5, 1e-05, 1e+15, as float8out and float4out print
};
void AppendFloat(std::string* out, double v, FloatStyle style);
void AppendFloat(std::string* out, float v, FloatStyle style);

}  // namespace kalamdb
