// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/spec/arch_spec.h"

/// Golden arithmetic of the lut-i engine. docs/units/matrix.md states every operation, its rounding
/// and its order; rtl/matrix/ implements that text, sim/ calls these functions.
namespace lutsim::models {

/// A stretch of K that the array processes at once: it lies in one scale group and is at most
/// lanes_k() long. Segments are walked by increasing k.
struct KSegment {
  std::uint32_t k_begin;
  std::uint32_t length;  ///< 1..lanes_k()
  std::uint32_t group;   ///< index of the scale group
};

/// Cuts K at every group boundary and then every lanes_k elements.
std::vector<KSegment> k_segments(std::uint32_t k, std::uint32_t group_size, std::uint32_t lanes_k);

/// Activations of one segment on a common exponent:
/// x[i] ~ mantissa[i] * 2^exponent, |mantissa[i]| < 2^(align_bits-1).
struct AlignedSegment {
  std::vector<std::int32_t> mantissa;  ///< [length]
  std::int32_t exponent = 0;           ///< of the least significant mantissa bit
  bool finite = true;                  ///< false: an input was infinite or NaN; every result is NaN
};

/// Pre-alignment (docs/units/matrix.md, "Align"). `x` holds `length` values of spec.act_format.
AlignedSegment align(const spec::MatrixSpec& spec, const float* x, std::uint32_t length);

/// acc + scale * (sum * 2^exponent), each of the three operations rounded to FP32, nearest even;
/// NaN is the canonical quiet NaN.
float scale_accumulate(float acc, float scale, std::int64_t sum, std::int32_t exponent);

/// One step of the whole engine: adds segment `seg` of row vector x[K] times W to
/// acc[n_begin..n_end). Order per output: planes 0..q-1, then the offset if the matrix has one.
void lut_i_segment(const spec::MatrixSpec& spec, const float* x, const BcqMatrix& w,
                   const KSegment& seg, std::uint32_t n_begin, std::uint32_t n_end, float* acc);

/// Y[M,N] = X[M,K] W[K,N], row-major, y from +0, segments in increasing k. Values of X are rounded
/// to spec.act_format first (RNE). Results do not depend on how lowering tiles M and N.
void lut_i_gemm(const spec::MatrixSpec& spec, const float* x, std::uint32_t m, const BcqMatrix& w,
                float* y);

}  // namespace lutsim::models
