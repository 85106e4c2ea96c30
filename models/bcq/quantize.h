// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/bcq/bcq_matrix.h"
#include "models/bcq/uniform_matrix.h"

/// Quantisers of one matrix. `w` is [n][k], row-major. All throw spec::SpecError for a
/// shape that check_shape refuses, for a weight that is not finite and for weights so large that a
/// scale overflows FP16; the text names row and column or group.
namespace lutsim::models {

/// Asymmetric min/max round-to-nearest (RTN) per row and group, on a grid that contains 0:
///
///   lo = min(0, least weight), hi = max(0, largest weight)
///   scale = (hi - lo) / (2^q - 1), rounded so that half of it is an FP16 number
///   zero = round(-lo / scale), Q = clamp(round(w / scale) + zero, 0, 2^q - 1)
///
/// rounding to nearest even. A group of zeros has scale 0. A group that is not all zero has a scale
/// of at least 2^-23 (twice the least FP16 number).
UniformMatrix quantize_uniform(const float* w, std::uint32_t n, std::uint32_t k,
                               std::uint32_t weight_bits, std::uint32_t group_size);

/// The same in BCQ: to_bcq(quantize_uniform(...)), no further rounding.
BcqMatrix quantize_rtn(const float* w, std::uint32_t n, std::uint32_t k, std::uint32_t weight_bits,
                       std::uint32_t group_size);

/// Binary-coded quantisation without offset: greedy start (b = sign(r), alpha = mean |r|,
/// r -= alpha b), then `rounds` of alternating refinement: alphas by least squares, made positive
/// and sorted; every weight to the nearest of the 2^q sums. 0 rounds is greedy. At the end the
/// alphas are rounded to FP16 and, if rounds > 0, every weight goes to the nearest sum of those.
/// Source: LUT-GEMM (arXiv 2206.09557), examples/bcq.py. `importance` [k], not negative, multiplies
/// the squared errors of a column in means and least squares: the second moments of the inputs make
/// the scales fit what the matrix is multiplied with. Null: all 1.
BcqMatrix quantize_bcq(const float* w, std::uint32_t n, std::uint32_t k, std::uint32_t weight_bits,
                       std::uint32_t group_size, std::uint32_t rounds = 15,
                       const double* importance = nullptr);

/// How quantize_gptq() goes about it.
struct GptqOptions {
  double damping = 0.01;  ///< times the mean of the Hessian's diagonal, added to the diagonal
  bool act_order =
      false;  ///< columns by decreasing diagonal of the Hessian, not from left to right
};

/// Error-compensated rounding (GPTQ, Frantar et al., arXiv:2210.17323, algorithm 1; damping and
/// order as in its code): columns are rounded one by one, and the error of each is taken up by
/// those that follow, by the Cholesky factor of the inverse of the Hessian.
///
/// `moments` [k][k] is the sum of x x^T over the inputs of the matrix, symmetric; its scale does
/// not matter. The grid of a group is min/max as in quantize_uniform(): of the compensated weights
/// when its first column's turn comes, or of the weights as they were with act_order, where the
/// columns of a group do not come together. A column whose input is always 0 is rounded to 0.
/// Throws spec::SpecError also when the damped Hessian is not positive definite.
UniformMatrix quantize_gptq(const float* w, std::uint32_t n, std::uint32_t k,
                            std::uint32_t weight_bits, std::uint32_t group_size,
                            const double* moments, const GptqOptions& options = {});

}  // namespace lutsim::models
