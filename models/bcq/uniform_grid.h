// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace lutsim::models {

/// The grid of one row and group of a UniformMatrix: w = scale * (level - zero), level 0..top.
struct UniformGrid {
  float scale = 0;        ///< an FP16 number whose half is one too; 0: all weights are 0
  std::int32_t zero = 0;  ///< 0..top

  /// The level nearest to a weight (ties to even), inside 0..top.
  std::uint8_t level_of(double weight, std::int32_t top) const;
  float value_of(std::uint8_t level) const {
    return scale * static_cast<float>(std::int32_t{level} - zero);
  }
};

/// Largest level of `weight_bits` bits.
constexpr std::int32_t top_level(std::uint32_t weight_bits) { return (1 << weight_bits) - 1; }

/// The grid over w[count] and 0, as quantize_uniform()
/// documents it. Throws spec::SpecError with `place` in the text when the scale overflows FP16.
template <class Weight>
UniformGrid min_max_grid(const Weight* w, std::size_t count, std::uint32_t weight_bits,
                         const std::string& place);

}  // namespace lutsim::models
