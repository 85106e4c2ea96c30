// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/engine/engine.h"
#include "models/numerics/float_format.h"
#include "sim/matrix/matrix_tile.h"

namespace lutsim::test {

/// A small matmul with designed contents, and tiles of it.
struct Matmul {
  models::BcqMatrix weights;
  std::vector<float> x;  ///< [m][k]
  std::uint32_t m;

  /// All key bits are 0 (every weight is -alpha), every alpha is 1, every offset 0, every x is 0.
  Matmul(std::uint32_t rows, std::uint32_t k, std::uint32_t n, std::uint32_t planes,
         bool with_offset = false, std::uint32_t group_size = 0)
      : weights(models::make_bcq(k, n, planes, group_size == 0 ? k : group_size, with_offset)),
        x(std::size_t{rows} * k, 0.0f),
        m(rows) {
    for (std::uint16_t& alpha : weights.alpha) alpha = models::fp16_bits(1.0f);
  }

  /// Fills X and W from an arithmetic pattern: no two neighbours are equal.
  Matmul& fill() {
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(i * 37 % 101) / 8.0f - 6.0f;
    for (std::uint32_t p = 0; p < weights.weight_bits; ++p) {
      for (std::uint32_t n = 0; n < weights.n; ++n) {
        for (std::uint32_t k = 0; k < weights.k; ++k) {
          weights.set_bit(p, n, k, (n * 7 + k * 13 + p * 5) % 11 < 5);
        }
      }
    }
    for (std::size_t i = 0; i < weights.alpha.size(); ++i) {
      weights.alpha[i] = models::fp16_bits(0.25f + static_cast<float>(i % 9) / 16.0f);
    }
    for (std::size_t i = 0; i < weights.offset.size(); ++i) {
      weights.offset[i] = static_cast<float>(i % 5) / 3.0f - 0.5f;
    }
    return *this;
  }

  /// Gives the planes the scales of uniform weights: every scale from that of plane 0, zero points
  /// of every value. Precondition: it has offsets.
  Matmul& make_uniform() {
    for (std::uint32_t g = 0; g < weights.groups(); ++g) {
      for (std::uint32_t n = 0; n < weights.n; ++n) {
        std::uint16_t* alpha = weights.alpha.data() + weights.alpha_index(g, n, 0);
        const float half = models::fp16_from_bits(alpha[0]);
        for (std::uint32_t p = 0; p < weights.weight_bits; ++p) {
          alpha[p] = models::fp16_bits(half * static_cast<float>(1u << p));
        }
        const auto codes = static_cast<std::int32_t>(1u << weights.weight_bits);
        const std::int32_t zero = static_cast<std::int32_t>(g + n) % codes;
        weights.offset[std::size_t{g} * weights.n + n] =
            half * static_cast<float>(codes - 1 - 2 * zero);
      }
    }
    return *this;
  }

  /// The whole matmul as one tile.
  sim::MatrixTile tile(const spec::MatrixSpec& spec, bool lut_broadcast) const {
    sim::MatrixTile tile;
    tile.work.lut_broadcast = lut_broadcast;
    tile.work.m_count = m;
    tile.work.n_count = weights.n;
    tile.work.k = weights.k;
    tile.work.group_size = weights.group_size;
    tile.work.planes = weights.weight_bits;
    tile.work.has_offset = weights.has_offset();
    tile.work.segment_count = static_cast<std::uint32_t>(
        models::k_segments(weights.k, weights.group_size, spec.lanes_k()).size());
    tile.weights = &weights;
    tile.activations = x.data();
    return tile;
  }
};

/// Bits of FP32 values: NaN equals NaN, +0 differs from -0.
inline std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(models::fp32_bits(value));
  return bits;
}

}  // namespace lutsim::test
