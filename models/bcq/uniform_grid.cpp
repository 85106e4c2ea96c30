// SPDX-License-Identifier: Apache-2.0
#include "models/bcq/uniform_grid.h"

#include <algorithm>
#include <cmath>

#include "models/bcq/scale_step.h"
#include "models/spec/field.h"

namespace lutsim::models {

std::uint8_t UniformGrid::level_of(double weight, std::int32_t top) const {
  if (scale == 0.0f) return 0;
  const double level = std::nearbyint(weight / scale) + zero;
  return static_cast<std::uint8_t>(std::clamp(level, 0.0, static_cast<double>(top)));
}

template <class Weight>
UniformGrid min_max_grid(const Weight* w, std::size_t count, std::uint32_t weight_bits,
                         const std::string& place) {
  const std::int32_t top = top_level(weight_bits);
  const auto [least, largest] = std::minmax_element(w, w + count);
  const double lo = std::min(0.0, static_cast<double>(*least));
  const double hi = std::max(0.0, static_cast<double>(*largest));
  const float scale = scale_with_fp16_half(static_cast<float>((hi - lo) / top));
  if (!has_exact_bcq_form(scale, weight_bits)) {
    throw spec::SpecError(place + ": the weights span too wide a range for an FP16 scale");
  }
  if (scale == 0.0f) return {scale, 0};
  const double zero = std::clamp(std::nearbyint(-lo / scale), 0.0, static_cast<double>(top));
  return {scale, static_cast<std::int32_t>(zero)};
}

template UniformGrid min_max_grid(const float*, std::size_t, std::uint32_t, const std::string&);
template UniformGrid min_max_grid(const double*, std::size_t, std::uint32_t, const std::string&);

}  // namespace lutsim::models
