// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>

#include "models/numerics/float_format.h"

/// The steps of a uniform grid that have an exact BCQ form. Its smallest alpha is half the step, so
/// the half must be an FP16 number: that matters below 2^-13, where it is subnormal or its last bit
/// would be lost.
namespace lutsim::models {

/// The step nearest to `scale` whose half is an FP16 number (ties to even); infinite when it
/// overflows FP16. A scale other than 0 does not become 0: the least step is 2^-23.
inline float scale_with_fp16_half(float scale) {
  constexpr float kLeastFp16 = 0x1p-24f;
  const float half = fp16_from_bits(fp16_bits(scale / 2));
  if (half == 0.0f && scale != 0.0f) return std::copysign(2 * kLeastFp16, scale);
  return fp16_from_bits(fp16_bits(2 * half));
}

/// True when every alpha_i = scale 2^(i-1), i < weight_bits, is an FP16 number.
inline bool has_exact_bcq_form(float scale, std::uint32_t weight_bits) {
  const float least = scale / 2;
  const float largest = scale_by_power_of_two(least, static_cast<std::int32_t>(weight_bits) - 1);
  return fp16_from_bits(fp16_bits(least)) == least &&
         std::isfinite(fp16_from_bits(fp16_bits(largest)));
}

}  // namespace lutsim::models
