// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/spec/number_format.h"
#include "models/transformer/fp16_matrix.h"

/// What the vector unit and the floating-point lanes compute, operator by operator. Together with
/// models/engine (the matrix unit) this is the exact path: the same bits on every machine.
///
/// Rules that hold for all of them, docs/units/transformer.md:
///  - every +, -, * is one FP32 operation, nearest even, subnormals kept, in the order written; a
///    product and the sum that takes it are two roundings (no fused multiply-add);
///  - exponential, reciprocal, reciprocal_sqrt and sigmoid are those of the function unit,
///    models/vector/function_unit.h;
///  - constants of an operator, 1/k and 1/sqrt(head_dim), are quotients rounded once, formed when
///    the operator is issued;
///  - the long sums of rms_norm, softmax and matmul run on kSumLanes partial sums and a tree
///    (lane_sum()); other sums start from +0 and take their terms in increasing index;
///  - a NaN result is the canonical quiet NaN;
///  - `act` is the format in which activations enter the matrix unit; an output "in act" is the
///  FP32
///    result rounded once more, nearest even;
///  - arrays are row-major; m rows are m tokens of one sequence, row r at position `position` + r.
namespace lutsim::models::ops {

using spec::NumberFormat;

/// Heads of an attention operator. Query head h reads key and value head h / (heads / kv_heads).
struct AttentionShape {
  std::uint32_t heads = 0;
  std::uint32_t kv_heads = 0;  ///< divides heads
  std::uint32_t head_dim = 0;  ///< even

  std::uint32_t group() const { return heads / kv_heads; }
  std::uint32_t q_dim() const { return heads * head_dim; }
  std::uint32_t kv_dim() const { return kv_heads * head_dim; }
};

/// y[m][hidden] = rows of the token table, FP16 values widened to FP32 (exact).
/// Precondition: tokens[r] < table.n.
void embedding(const Fp16Matrix& table, const std::uint32_t* tokens, std::uint32_t m, float* y);

/// y[m][k] in act. Per row: s = lane_sum of x*x; mean = s * c with c = 1/k; f =
/// reciprocal_sqrt(mean + epsilon); y = (x * f) * weight.
void rms_norm(NumberFormat act, const float* x, std::uint32_t m, std::uint32_t k,
              const float* weight, float epsilon, float* y);

/// y[m][k] in act. Per row, with c = 1/k: mean = (lane_sum of x) * c; d = x - mean; variance =
/// (lane_sum of d*d) * c; f = reciprocal_sqrt(variance + epsilon); y = (d * f) * weight + bias.
void layer_norm(NumberFormat act, const float* x, std::uint32_t m, std::uint32_t k,
                const float* weight, const float* bias, float epsilon, float* y);

/// Rotary angles: cosine and sine of position * base^(-2i/head_dim), evaluated in double, rounded
/// once to FP32.
class RopeTable {
 public:
  RopeTable(std::uint32_t head_dim, double base, std::uint32_t positions);
  std::uint32_t head_dim() const { return head_dim_; }
  std::uint32_t positions() const { return positions_; }
  /// [head_dim / 2] values. Precondition: position < positions().
  const float* cosine(std::uint32_t position) const;
  const float* sine(std::uint32_t position) const;

 private:
  std::uint32_t head_dim_;
  std::uint32_t positions_;
  std::vector<float> cosine_;  ///< [positions][head_dim / 2]
  std::vector<float> sine_;
};

/// y[m][heads * head_dim] in `format` (act for queries, the KV format for keys). The elements 2i
/// and 2i+1 of a head are a pair (a, b): y[2i] = a*cos - b*sin, y[2i+1] = a*sin + b*cos.
void rope(NumberFormat format, const RopeTable& table, const float* x, std::uint32_t m,
          std::uint32_t heads, std::uint32_t position, float* y);

/// rows[m][kv_heads * head_dim] = what the cache keeps of x: its values in a floating-point format
/// (keys have it already), or in int8 and int4 the elements of the codes of each position and head
/// (quantize_kv_group(), the whole head one group).
void kv_append(NumberFormat kv_format, const float* x, std::uint32_t m, std::uint32_t kv_heads,
               std::uint32_t head_dim, float* rows);

/// Format in which keys are rotated: that of a floating-point cache, FP16 before a quantiser.
NumberFormat rotated_key_format(NumberFormat kv_format);

/// Scores of cached positions t_begin..t_end-1: y[heads][m][t_end - t_begin] in FP32.
/// y = (sum over d of q[d] * k[t][d]) * c with c = 1 / sqrt(head_dim). A position that row r may
/// not see (t > position + r) gets -infinity. q is [m][q_dim]; k points at the cache row of
/// t_begin, rows of kv_dim.
void attention_score(const AttentionShape& shape, const float* q, std::uint32_t m,
                     std::uint32_t position, const float* k, std::uint32_t t_begin,
                     std::uint32_t t_end, float* y);

/// y[heads][m][context] in FP32 of x[heads][m][context], over the positions t <= position + r that
/// row r may see: e = exponential(x - max x); y = e * reciprocal(lane_sum of e). The others become
/// +0. A NaN or +infinity in the visible positions of a row, or nothing but -infinity, makes the
/// whole row NaN.
void softmax(const float* x, std::uint32_t heads, std::uint32_t m, std::uint32_t context,
             std::uint32_t position, float* y);

/// Adds the cached positions t_begin..t_end-1 to acc[m][q_dim], FP32, which starts as +0:
/// acc[d] = acc[d] + p[t] * v[t][d]. Positions that a row may not see are left out. A context that
/// is cut into several calls by increasing t gives the same bits. p is [heads][m][t_end - t_begin];
/// v points at the cache row of t_begin, rows of kv_dim. Rounding acc to act (ops::convert) ends
/// the operator.
void attention_value(const AttentionShape& shape, const float* p, std::uint32_t m,
                     std::uint32_t position, const float* v, std::uint32_t t_begin,
                     std::uint32_t t_end, float* acc);

/// y in `format` of `count` FP32 values.
void convert(NumberFormat format, const float* x, std::size_t count, float* y);

/// y[count] in act: y = (gate * sigmoid(gate)) * up.
void silu_multiply(NumberFormat act, const float* gate, const float* up, std::size_t count,
                   float* y);

/// y[count] = a + b in FP32.
void add(const float* a, const float* b, std::size_t count, float* y);

/// Y[m][n_end - n_begin] = X[m][k] times the output features n_begin..n_end-1 of w, in FP32 on the
/// floating-point lanes: y = lane_sum over k of x[k] * w[k][n].
void matmul(const float* x, std::uint32_t m, const Fp16Matrix& w, std::uint32_t n_begin,
            std::uint32_t n_end, float* y);

}  // namespace lutsim::models::ops
