// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/transformer/model_shape.h"

namespace lutsim::models {

/// A weight matrix W[K,N] in FP32, stored row by row of the output feature n.
struct DenseMatrix {
  std::uint32_t n = 0;        ///< output features
  std::uint32_t k = 0;        ///< reduction length
  std::vector<float> values;  ///< [n][k]

  const float* row(std::uint32_t index) const { return values.data() + std::size_t{index} * k; }
};

/// Weights of one decoder layer. Letters in brackets are llama2.c's names.
struct LayerWeights {
  std::vector<float> attention_norm;  ///< [hidden]
  DenseMatrix wq;                     ///< n = q_dim, k = hidden; rotary pairs are (2i, 2i+1)
  DenseMatrix wk;                     ///< n = kv_dim, k = hidden
  DenseMatrix wv;                     ///< n = kv_dim, k = hidden
  DenseMatrix wo;                     ///< n = hidden, k = q_dim
  std::vector<float> ffn_norm;        ///< [hidden]
  DenseMatrix w_gate;                 ///< n = ffn, k = hidden (w1)
  DenseMatrix w_up;                   ///< n = ffn, k = hidden (w3)
  DenseMatrix w_down;                 ///< n = hidden, k = ffn (w2)
};

/// A model as its checkpoint holds it, widened to FP32.
struct ModelWeights {
  ModelShape shape;
  DenseMatrix embedding;  ///< n = vocab, k = hidden
  std::vector<LayerWeights> layers;
  std::vector<float> final_norm;  ///< [hidden]
  DenseMatrix output;             ///< n = vocab, k = hidden; empty when the embedding is tied

  const DenseMatrix& lm_head() const { return shape.tied_embedding ? embedding : output; }
};

}  // namespace lutsim::models
