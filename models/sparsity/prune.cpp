// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/prune.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace lutsim::models {

BitVector magnitude_mask(const float* weights, std::size_t count, double sparsity) {
  if (!(sparsity >= 0 && sparsity < 1)) {
    throw spec::SpecError("sparsity = " + std::to_string(sparsity) +
                          " is not at least 0 and below 1");
  }
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(weights[a]) < std::abs(weights[b]);
  });
  BitVector mask(count, 1);
  const auto pruned = static_cast<std::size_t>(sparsity * static_cast<double>(count));
  for (std::size_t i = 0; i < pruned; ++i) mask[order[i]] = 0;
  return mask;
}

}  // namespace lutsim::models
