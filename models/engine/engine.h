// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "models/bcq/bcq_matrix.h"
#include "models/engine/align.h"
#include "models/engine/segments.h"
#include "models/spec/matrix_spec.h"

/// Golden arithmetic of the matrix unit. docs/units/matrix.md states every operation of the five
/// engines, its rounding and its order; rtl/matrix/ implements that text, sim/ calls these
/// functions.
namespace lutsim::models {

/// Throws spec::SpecError if the engine cannot take these weights: fp and figna take uniform ones
/// of at most `planes` bits. `name` is the tensor's.
void require_weights(const spec::MatrixSpec& spec, const BcqMatrix& w, const std::string& name);

/// The same for what is known of a matrix without its contents: only uniform quantisation has
/// offsets.
void require_weights(const spec::MatrixSpec& spec, std::uint32_t weight_bits, bool has_offset,
                     const std::string& name);

/// acc + scale * (sum * 2^exponent), each of the three operations rounded to FP32, nearest even;
/// NaN is the canonical quiet NaN.
float scale_accumulate(float acc, float scale, std::int64_t sum, std::int32_t exponent);

/// One step of the whole engine: adds segment `seg` of row vector x[K] times W to
/// acc[n_begin..n_end). `x` is in the order of the matrix' columns (in_column_order()).
/// Precondition: require_weights().
void engine_segment(const spec::MatrixSpec& spec, const float* x, const BcqMatrix& w,
                    const KSegment& seg, std::uint32_t n_begin, std::uint32_t n_end, float* acc);

/// Y[M,N] = X[M,K] W[K,N], row-major, y from +0, segments in increasing k. Values of X are rounded
/// to spec.act_format first (RNE); w.input_order says which activation a column takes. Results do
/// not depend on how lowering tiles M and N. Precondition: require_weights().
void engine_gemm(const spec::MatrixSpec& spec, const float* x, std::uint32_t m, const BcqMatrix& w,
                 float* y);

}  // namespace lutsim::models
