// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/spec/matrix_spec.h"

namespace lutsim::models {

/// Activations of one segment on a common exponent:
/// x[i] ~ mantissa[i] * 2^exponent, |mantissa[i]| < 2^(align_bits-1).
struct AlignedSegment {
  std::vector<std::int32_t> mantissa;  ///< [length]
  std::int32_t exponent = 0;           ///< of the least significant mantissa bit
  bool finite = true;                  ///< false: an input was infinite or NaN; every result is NaN
};

/// Pre-alignment (docs/units/matrix.md, "Align"). `x` holds `length` values of spec.act_format.
AlignedSegment align(const spec::MatrixSpec& spec, const float* x, std::uint32_t length);

}  // namespace lutsim::models
