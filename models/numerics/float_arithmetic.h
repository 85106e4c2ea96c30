// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/numerics/float_format.h"

/// Sums and products in any floating-point format: the exact result rounded once, to nearest even,
/// subnormals kept, NaN canonical. rtl/arithmetic/ reproduces them bit for bit. Values travel as
/// `float`, which holds every value of every format.
///
/// Where a result is computed in FP32 first and then rounded to p bits, the two roundings are one:
/// a sum, because 24 >= 2p + 2 for FP16 (p = 11) and BF16 (p = 8) (S. Figueroa, "When is double
/// rounding innocuous?", SIGNUM Newsletter 30(3), 1995), and a sum that is subnormal is exact; a
/// product of FP16 values, because FP32 holds it exactly (22 bits, 2^-48 to 2^32).
namespace lutsim::models {

/// The nearest value of `format` to a double, rounded once.
float round_once(spec::NumberFormat format, double value);

/// a + b in `format`. Precondition: a and b are values of `format`.
inline float fp_add(spec::NumberFormat format, float a, float b) { return round_to(format, a + b); }

/// a * b rounded to `out`. Precondition: a and b are values of `in`.
inline float fp_multiply(spec::NumberFormat in, spec::NumberFormat out, float a, float b) {
  if (in == spec::NumberFormat::fp16 || out == spec::NumberFormat::fp32) {
    return round_to(out, a * b);
  }
  // FP32 does not hold a product of BF16 values that is subnormal in it; double holds all products
  // of FP32 values (48 bits, 2^-298 to 2^256).
  return round_once(out, static_cast<double>(a) * static_cast<double>(b));
}

}  // namespace lutsim::models
