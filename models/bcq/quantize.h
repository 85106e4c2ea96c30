// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/bcq/bcq_matrix.h"
#include "models/bcq/uniform_matrix.h"

/// Quantisers without calibration data. `w` is [n][k], row-major. All throw spec::SpecError for a
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
/// Source: LUT-GEMM (arXiv 2206.09557), examples/bcq.py.
BcqMatrix quantize_bcq(const float* w, std::uint32_t n, std::uint32_t k, std::uint32_t weight_bits,
                       std::uint32_t group_size, std::uint32_t rounds = 15);

}  // namespace lutsim::models
