// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "models/spec/field.h"

namespace lutsim::models {

/// Operators of a decoder-only transformer. GEMM letters are fixed: Y[M,N] = X[M,K] W[K,N], M
/// tokens, N output features, K reduction.
enum class OperatorKind {
  embedding,           ///< gather m rows of the token table
  position_add,        ///< add the learned positions to m rows of n elements
  rms_norm,            ///< m rows of k elements
  layer_norm,          ///< m rows of k elements, with weights and biases
  matmul,              ///< activations [m,k] times weights [k,n], or grouped
  bias_add,            ///< add n biases to m rows
  rope,                ///< rotate `heads` heads of head_dim in m rows
  kv_append,           ///< store m rows of keys or values (kv_heads * head_dim) in the cache
  attention_score,     ///< heads x [m,head_dim] x [head_dim,context] over the cached keys
  alibi,               ///< add slope times distance to heads x m rows of scores
  softmax,             ///< heads x m rows, causal, at most `context` long
  attention_value,     ///< heads x [m,context] x [context,head_dim] over the cached values
  relu,                ///< m rows of n elements, as the kinds that follow
  gelu,                ///< x normal_cdf(x)
  gelu_tanh,           ///< its approximation by tanh
  silu,                ///< x sigmoid(x)
  relu_multiply,       ///< relu(gate) * up
  gelu_multiply,       ///< gelu(gate) * up
  gelu_tanh_multiply,  ///< gelu_tanh(gate) * up
  silu_multiply,       ///< silu(gate) * up
  clamped_swiglu,      ///< c sigmoid(1.702 c) * (u + 1) of clamped gate c and up u
  route,               ///< probabilities of n experts for m rows, the k largest of each
  combine,             ///< weighted sum of the k expert rows of n elements of each of m rows
  add,                 ///< residual, m rows of n elements
  sample,              ///< choose the next token from m rows of n logits
  all_reduce,          ///< sum m rows of n elements over all chips; every chip gets the sums
  all_gather,     ///< m rows of n elements, of which every chip had a part; every chip gets all
  weight_update,  ///< overwrite a matrix, or its scales, by n bytes of another task
};

inline auto enum_names(OperatorKind) {
  using K = OperatorKind;
  using E = spec::EnumName<K>;
  return std::array<E, 28>{{E{K::embedding, "embedding"},
                            E{K::position_add, "position_add"},
                            E{K::rms_norm, "rms_norm"},
                            E{K::layer_norm, "layer_norm"},
                            E{K::matmul, "matmul"},
                            E{K::bias_add, "bias_add"},
                            E{K::rope, "rope"},
                            E{K::kv_append, "kv_append"},
                            E{K::attention_score, "attention_score"},
                            E{K::alibi, "alibi"},
                            E{K::softmax, "softmax"},
                            E{K::attention_value, "attention_value"},
                            E{K::relu, "relu"},
                            E{K::gelu, "gelu"},
                            E{K::gelu_tanh, "gelu_tanh"},
                            E{K::silu, "silu"},
                            E{K::relu_multiply, "relu_multiply"},
                            E{K::gelu_multiply, "gelu_multiply"},
                            E{K::gelu_tanh_multiply, "gelu_tanh_multiply"},
                            E{K::silu_multiply, "silu_multiply"},
                            E{K::clamped_swiglu, "clamped_swiglu"},
                            E{K::route, "route"},
                            E{K::combine, "combine"},
                            E{K::add, "add"},
                            E{K::sample, "sample"},
                            E{K::all_reduce, "all_reduce"},
                            E{K::all_gather, "all_gather"},
                            E{K::weight_update, "weight_update"}}};
}

/// Kinds that stand between the matrices of a feed-forward layer. One input, or gate and up.
constexpr bool is_activation_function(OperatorKind kind) {
  return kind >= OperatorKind::relu && kind <= OperatorKind::clamped_swiglu;
}

}  // namespace lutsim::models
