// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/bcq/uniform_grid.h"

namespace lutsim::models {

/// Largest magnitude of a zero point. Beyond it the FP32 offset of the BCQ form could need
/// rounding: half a scale has 11 significant bits, 2^q - 1 - 2 zero then has 13.
constexpr std::int32_t kMaxZeroPoint = 1 << 11;

/// Weights W[K,N] in uniform quantisation, the form of RTN, GPTQ and AWQ checkpoints:
///
///   w[n][k] = scale[g][n] * (q[n][k] - zero[g][n]),  g = k / group_size
struct UniformMatrix {
  std::uint32_t k = 0;            ///< reduction length
  std::uint32_t n = 0;            ///< output features
  std::uint32_t weight_bits = 0;  ///< width of q, 1..8
  std::uint32_t group_size = 0;   ///< 1..K; the last group holds the remainder of K

  std::vector<std::uint16_t> scale;             ///< FP16 bits, [groups][n]
  std::vector<std::int32_t> zero;               ///< [groups][n], magnitude up to kMaxZeroPoint
  std::vector<std::uint8_t> q;                  ///< [n][k], below 2^weight_bits
  std::vector<std::uint32_t> input_order = {};  ///< as in BcqMatrix

  std::uint32_t groups() const { return (k + group_size - 1) / group_size; }
  /// The represented weight; exact in FP32.
  float weight(std::uint32_t row, std::uint32_t col) const;
  void set_grid(std::uint32_t group, std::uint32_t row, const UniformGrid& grid);
};

/// A matrix of that shape, all 0. Throws spec::SpecError for a shape that check_shape refuses.
UniformMatrix make_uniform(std::uint32_t k, std::uint32_t n, std::uint32_t weight_bits,
                           std::uint32_t group_size);

/// The same numbers in BCQ, exactly: alpha_i = scale 2^(i-1), bit i of q as b_i, offset = sum of
/// the alphas - scale * zero (LUT-GEMM, arXiv 2206.09557, examples/rtn_parameter.py). weight() of
/// both forms agrees bit for bit. Throws spec::SpecError for a shape, size or value that is out of
/// range, and for a scale with no exact BCQ form: half of it, or 2^(weight_bits-2) times it, is not
/// an FP16 number.
BcqMatrix to_bcq(const UniformMatrix& matrix);

/// Replaces every scale whose half is not an FP16 number by the nearest whose half is (ties to
/// even) and returns how many there were. Only scales below 2^-13 can be: the half of a larger one
/// has the same significand. A scale other than 0 stays other than 0.
std::size_t round_scales_for_bcq(UniformMatrix& matrix);

}  // namespace lutsim::models
