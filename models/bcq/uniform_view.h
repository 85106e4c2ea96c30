// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "models/bcq/bcq_matrix.h"

/// The way back from to_bcq(): a BCQ matrix that stands for uniform weights, seen as such. Engines
/// with integer weights read it.
namespace lutsim::models {

/// w = scale * (code - zero) for the weights of one row and group; bit i of `code` is 1 where the
/// sign of plane i is +1.
struct UniformScale {
  float scale = 0;        ///< an FP16 number
  std::int32_t zero = 0;  ///< 0..2^weight_bits - 1
};

/// Precondition: require_uniform(w). A row of zeros has scale 0 and zero 0.
inline UniformScale uniform_scale(const BcqMatrix& w, std::uint32_t group, std::uint32_t row) {
  // alpha_0 = scale / 2 and offset = alpha_0 (2^q - 1 - 2 zero), both exact.
  const float half = w.alpha_of(group, row, 0);
  if (half == 0) return {};
  const auto odd = static_cast<std::int32_t>(w.offset_of(group, row) / half);
  return {2 * half, ((1 << w.weight_bits) - 1 - odd) / 2};
}

/// The code of one weight.
inline std::uint32_t uniform_code(const BcqMatrix& w, std::uint32_t row, std::uint32_t col) {
  std::uint32_t code = 0;
  for (std::uint32_t plane = 0; plane < w.weight_bits; ++plane) {
    code |= static_cast<std::uint32_t>(w.bit(plane, row, col)) << plane;
  }
  return code;
}

/// The codes of `length` weights of a row from column `begin` on. codes has room for `length`
/// rounded up to a multiple of 8; what lies past `length` is 0.
void uniform_codes(const BcqMatrix& w, std::uint32_t row, std::uint32_t begin, std::uint32_t length,
                   std::uint8_t* codes);

/// Throws spec::SpecError naming the tensor, row and group if the scales of `w` are not those of
/// uniform weights whose zero point is one of their codes.
void require_uniform(const BcqMatrix& w, const std::string& name);

}  // namespace lutsim::models
