// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>

#include "models/bcq/quantize.h"
#include "models/bcq/quantize_input.h"
#include "models/bcq/scale_step.h"
#include "models/numerics/float_format.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

struct Grid {
  float scale;
  std::int32_t zero;
};

/// Grid of 2^weight_bits levels over the weights [begin, end) and 0. An infinite scale: too wide.
Grid grid_of(const float* begin, const float* end, std::int32_t top) {
  const auto [least, largest] = std::minmax_element(begin, end);
  const double lo = std::min(0.0, static_cast<double>(*least));
  const double hi = std::max(0.0, static_cast<double>(*largest));
  const float scale = scale_with_fp16_half(static_cast<float>((hi - lo) / top));
  if (scale == 0.0f || std::isinf(scale)) return {scale, 0};
  const double zero = std::clamp(std::nearbyint(-lo / scale), 0.0, static_cast<double>(top));
  return {scale, static_cast<std::int32_t>(zero)};
}

std::uint8_t level_of(float weight, const Grid& grid, std::int32_t top) {
  if (grid.scale == 0.0f) return 0;
  const double level = std::nearbyint(static_cast<double>(weight) / grid.scale) + grid.zero;
  return static_cast<std::uint8_t>(std::clamp(level, 0.0, static_cast<double>(top)));
}

}  // namespace

UniformMatrix quantize_uniform(const float* w, std::uint32_t n, std::uint32_t k,
                               std::uint32_t weight_bits, std::uint32_t group_size) {
  check_weights(w, n, k, weight_bits, group_size);
  UniformMatrix m{k, n, weight_bits, group_size, {}, {}, {}};
  m.scale.resize(std::size_t{m.groups()} * n);
  m.zero.resize(m.scale.size());
  m.q.resize(std::size_t{n} * k);
  const std::int32_t top = (1 << weight_bits) - 1;
  for (std::uint32_t row = 0; row < n; ++row) {
    const std::size_t first = std::size_t{row} * k;
    for (std::uint32_t group = 0; group < m.groups(); ++group) {
      const std::uint32_t begin = group * group_size;
      const std::uint32_t end = std::min(k, begin + group_size);
      const Grid grid = grid_of(w + first + begin, w + first + end, top);
      if (!has_exact_bcq_form(grid.scale, weight_bits)) {
        throw spec::SpecError("RTN: row " + std::to_string(row) + ", group " +
                              std::to_string(group) + ": the weights span too wide a range for " +
                              "an FP16 scale");
      }
      m.scale[std::size_t{group} * n + row] = fp16_bits(grid.scale);
      m.zero[std::size_t{group} * n + row] = grid.zero;
      for (std::uint32_t col = begin; col < end; ++col) {
        m.q[first + col] = level_of(w[first + col], grid, top);
      }
    }
  }
  return m;
}

BcqMatrix quantize_rtn(const float* w, std::uint32_t n, std::uint32_t k, std::uint32_t weight_bits,
                       std::uint32_t group_size) {
  return to_bcq(quantize_uniform(w, n, k, weight_bits, group_size));
}

}  // namespace lutsim::models
