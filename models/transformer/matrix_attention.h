// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/spec/matrix_spec.h"
#include "models/transformer/ops.h"
#include "models/vector/kv_quantizer.h"

/// Attention on the matrix unit: to its engine a quantised KV cache is a BCQ matrix like any other.
/// docs/units/transformer.md, "Attention on the matrix unit", derives the formulas; the rules of
/// ops.h hold for all that is done outside the engine.
///
/// An element of a cached row is s (code - C) + c: s its scale, C the middle of the codes, c the
/// row's constant. The engine multiplies by s (code - C), or by code - C; the vector unit adds
/// what the constants contribute.
///
///   C = (2^q - 1) / 2 of a bit-serial engine: planes without offset
///       2^(q-1)       of the others, whose zero point is a code
///   s = the scale if its half is an FP16 number, else the nearest number whose half is one, ties
///       to even (only scales below 2^-13)
///   c = s C + zero    the product is exact, one rounding
///
/// Of a group that is lost (kv_quantizer.h) s is 0 and c is NaN.
namespace lutsim::models {

/// Throws spec::SpecError unless the matrix unit can attend to a cache of that format: int8 or
/// int4, and of no more bits than planes where the engine has integer weights.
void require_matrix_attention(const spec::MatrixSpec& spec, spec::NumberFormat kv_format);

/// Cached keys or values, [position][KV head].
using KvGroups = std::vector<KvGroup>;

/// Quantises rows x[m][kv_heads * head_dim] and appends them to `cache`.
void append_kv_groups(const float* x, std::uint32_t m, std::uint32_t kv_heads,
                      std::uint32_t head_dim, std::uint32_t bits, KvGroups& cache);

/// s, exact in FP32.
float kv_matrix_scale(const KvGroup& group);
/// c.
float kv_constant(const spec::MatrixSpec& spec, const KvGroup& group, std::uint32_t bits);

/// One KV head of a cache, positions t_begin..t_end-1.
struct KvRange {
  const KvGroups& cache;
  std::uint32_t bits, kv_heads, kv_head;
  std::uint32_t t_begin, t_end;

  const KvGroup& at(std::uint32_t t) const {
    return cache[std::size_t{t_begin + t} * kv_heads + kv_head];
  }
  std::uint32_t count() const { return t_end - t_begin; }
};

/// Keys as weights W[K = head_dim][N = positions], w = s (code - C); a group is a head.
BcqMatrix key_matrix(const spec::MatrixSpec& spec, const KvRange& keys);

/// Values as weights W[K = positions][N = head_dim], w = (code - C) 2^(2-q); all of K is one group.
/// No product of a probability, a scale and 2^(q-2) leaves the range of FP16.
BcqMatrix value_matrix(const spec::MatrixSpec& spec, const KvRange& values);

namespace ops {

/// Scores of one query row q[head_dim] from the sums that the engine made of it and key_matrix(),
/// in place: y[t] = (y[t] + w c[t]) * (1 / sqrt(head_dim)), w = lane_sum of q. The first `visible`
/// positions of the range; the others become -infinity.
void finish_scores(const spec::MatrixSpec& spec, const KvRange& keys, const float* q,
                   std::uint32_t head_dim, std::uint32_t visible, float* y);

/// What multiplies value_matrix() of one row of probabilities p: y[t] in act of
/// p[t] * (s[t] 2^(q-2)), rounded to FP32 and then to act; +0 from `visible` on.
void scale_probabilities(const spec::MatrixSpec& spec, const KvRange& values, const float* p,
                         std::uint32_t visible, float* y);

/// Values of one row from the sums of the engine, in place: y[d] in act of y[d] + lane_sum over the
/// visible positions of p[t] c[t]. `values` begins at the first position that the row sees.
void finish_values(const spec::MatrixSpec& spec, const KvRange& values, const float* p,
                   std::uint32_t visible, std::uint32_t head_dim, float* y);

/// The whole operators, as attention_score() and attention_value() of ops.h but for the arithmetic:
/// scores y[heads][m][context], values y[m][q_dim] in act. The cache holds position + m positions.
void matrix_attention_score(const spec::MatrixSpec& spec, const AttentionShape& shape,
                            std::uint32_t bits, const float* q, std::uint32_t m,
                            std::uint32_t position, const KvGroups& keys, float* y);
void matrix_attention_value(const spec::MatrixSpec& spec, const AttentionShape& shape,
                            std::uint32_t bits, const float* p, std::uint32_t m,
                            std::uint32_t position, const KvGroups& values, float* y);

}  // namespace ops

}  // namespace lutsim::models
