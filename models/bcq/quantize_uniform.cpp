// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "models/bcq/quantize.h"
#include "models/bcq/quantize_input.h"
#include "models/bcq/uniform_grid.h"

namespace lutsim::models {

UniformMatrix quantize_uniform(const float* w, std::uint32_t n, std::uint32_t k,
                               std::uint32_t weight_bits, std::uint32_t group_size) {
  check_weights(w, n, k, weight_bits, group_size);
  UniformMatrix m = make_uniform(k, n, weight_bits, group_size);
  const std::int32_t top = top_level(weight_bits);
  for (std::uint32_t row = 0; row < n; ++row) {
    const std::size_t first = std::size_t{row} * k;
    for (std::uint32_t group = 0; group < m.groups(); ++group) {
      const std::uint32_t begin = group * group_size;
      const std::uint32_t end = std::min(k, begin + group_size);
      const UniformGrid grid =
          min_max_grid(w + first + begin, end - begin, weight_bits,
                       "RTN: row " + std::to_string(row) + ", group " + std::to_string(group));
      m.set_grid(group, row, grid);
      for (std::uint32_t col = begin; col < end; ++col) {
        m.q[first + col] = grid.level_of(w[first + col], top);
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
