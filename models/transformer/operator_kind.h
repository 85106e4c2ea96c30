// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "models/spec/field.h"

namespace lutsim::models {

/// Operators of a decoder-only transformer. GEMM letters are fixed: Y[M,N] = X[M,K] W[K,N], M
/// tokens, N output features, K reduction.
enum class OperatorKind {
  embedding,        ///< gather m rows of the token table
  rms_norm,         ///< m rows of k elements
  matmul,           ///< activations [m,k] times weights [k,n]
  rope,             ///< rotate `heads` heads of head_dim in m rows
  kv_append,        ///< store m rows of keys or values (kv_heads * head_dim) in the cache
  attention_score,  ///< heads x [m,head_dim] x [head_dim,context] over the cached keys
  softmax,          ///< heads x m rows, causal, at most `context` long
  attention_value,  ///< heads x [m,context] x [context,head_dim] over the cached values
  silu_multiply,    ///< silu(gate) * up, m rows of n elements
  add,              ///< residual, m rows of n elements
  sample,           ///< choose the next token from m rows of n logits
  all_reduce,       ///< sum m rows of n elements over all chips; every chip gets the sums
  all_gather,       ///< m rows of n elements, of which every chip had a part; every chip gets all
};

inline auto enum_names(OperatorKind) {
  using K = OperatorKind;
  using E = spec::EnumName<K>;
  return std::array<E, 13>{
      {E{K::embedding, "embedding"}, E{K::rms_norm, "rms_norm"}, E{K::matmul, "matmul"},
       E{K::rope, "rope"}, E{K::kv_append, "kv_append"}, E{K::attention_score, "attention_score"},
       E{K::softmax, "softmax"}, E{K::attention_value, "attention_value"},
       E{K::silu_multiply, "silu_multiply"}, E{K::add, "add"}, E{K::sample, "sample"},
       E{K::all_reduce, "all_reduce"}, E{K::all_gather, "all_gather"}}};
}

}  // namespace lutsim::models
