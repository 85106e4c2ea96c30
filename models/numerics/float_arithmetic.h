// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/numerics/float_format.h"

/// Sums and products in any floating-point format: the exact result rounded once, to nearest even,
/// subnormals kept, NaN canonical. rtl/arithmetic/ reproduces them bit for bit. Values travel as
/// `float`, which holds every value of every format.
///
/// A sum in FP16 or BF16 and a product of their values are computed in FP32 and rounded from there.
/// The two roundings are one:
/// - sums, because 24 >= 2p + 2 for p = 11 and p = 8 bits (S. Figueroa, "When is double rounding
///   innocuous?", SIGNUM Newsletter 30(3), 1995), and a sum that is subnormal is exact;
/// - products of FP16 values, because FP32 holds them (22 bits, 2^-48 to 2^32);
/// - products of BF16 values, because FP32 holds their 16 bits unless it has to drop one below its
///   least place, 2^-149: then the product is below 2^-134, rounds to 2^-134 at most, which is half
///   of the least BF16 subnormal and a tie to 0. The exact product goes to 0, too (in FP16 as
///   well).
namespace lutsim::models {

/// The nearest value of `format` to a double, rounded once.
float round_once(spec::NumberFormat format, double value);

/// a + b in `format`. Precondition: a and b are values of `format`.
inline float fp_add(spec::NumberFormat format, float a, float b) { return round_to(format, a + b); }

/// a * b rounded to `out`. Precondition: a and b are values of `in`.
inline float fp_multiply(spec::NumberFormat in, spec::NumberFormat out, float a, float b) {
  if (in == spec::NumberFormat::fp32 && out != spec::NumberFormat::fp32) {
    // Double holds every product of FP32 values (48 bits, 2^-298 to 2^256).
    return round_once(out, static_cast<double>(a) * static_cast<double>(b));
  }
  return round_to(out, a * b);
}

}  // namespace lutsim::models
