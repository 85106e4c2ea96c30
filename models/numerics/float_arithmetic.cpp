// SPDX-License-Identifier: Apache-2.0
#include "models/numerics/float_arithmetic.h"

#include <cmath>

namespace lutsim::models {
namespace {

/// `value` in FP32, of the two neighbours the one with an odd last bit: no information is lost for
/// a later rounding to nearest at least two bits further up (S. Boldo and G. Melquiond, "Emulation
/// of FMA and correctly rounded sums: proved algorithms using rounding to odd", IEEE Transactions
/// on Computers 57(4), 2008). Precondition: not NaN.
float round_to_odd(double value) {
  const auto nearest = static_cast<float>(value);
  const std::uint32_t bits = fp32_bits(nearest);
  if (static_cast<double>(nearest) == value || bits % 2 == 1) return nearest;
  const bool too_small = std::fabs(static_cast<double>(nearest)) < std::fabs(value);
  return fp32_from_bits(too_small ? bits + 1 : bits - 1);
}

}  // namespace

float round_once(spec::NumberFormat format, double value) {
  if (format == spec::NumberFormat::fp32 || std::isnan(value)) {
    return canonical(static_cast<float>(value));
  }
  return round_to(format, round_to_odd(value));
}

}  // namespace lutsim::models
