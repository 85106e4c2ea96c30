// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace lutsim::models {

/// A weight matrix W[K,N] of FP16 values. Held widened to FP32 and by rows of k, the order in which
/// a matrix product with its reduction outermost reads it.
struct Fp16Matrix {
  std::uint32_t n = 0;        ///< output features
  std::uint32_t k = 0;        ///< reduction length
  std::vector<float> values;  ///< [k][n], each an FP16 value

  float at(std::uint32_t row, std::uint32_t col) const {
    return values[std::size_t{col} * n + row];
  }
  bool empty() const { return values.empty(); }
};

}  // namespace lutsim::models
