// SPDX-License-Identifier: Apache-2.0
#include "models/bcq/quantize_input.h"

#include <cmath>
#include <cstddef>
#include <string>

#include "models/bcq/bcq_matrix.h"
#include "models/spec/field.h"

namespace lutsim::models {

void check_weights(const float* w, std::uint32_t n, std::uint32_t k, std::uint32_t weight_bits,
                   std::uint32_t group_size) {
  check_shape(k, n, weight_bits, group_size);
  for (std::size_t i = 0; i < std::size_t{n} * k; ++i) {
    if (std::isfinite(w[i])) continue;
    throw spec::SpecError("quantiser: weight at row " + std::to_string(i / k) + ", column " +
                          std::to_string(i % k) + " is " + std::to_string(w[i]) +
                          ": weights must be finite");
  }
}

}  // namespace lutsim::models
