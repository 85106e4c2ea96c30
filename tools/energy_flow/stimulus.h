// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/transformer/quantized_model.h"

/// Operands of the embedded model in a real run: what the blocks of the machine see.
namespace lutsim::gates {

/// A matmul that the golden transformer ran: m rows of activations on a matrix of the model.
struct CapturedMatmul {
  std::string weight;  ///< "layers.0.attention.wq"
  std::uint64_t m = 0, k = 0;
  std::vector<float> x;  ///< [m][k]
};

/// FP32 operands of the vector unit, in the order of the run.
struct VectorOperands {
  std::vector<std::pair<float, float>> add;       ///< residual additions
  std::vector<std::pair<float, float>> multiply;  ///< sigmoid(gate) * gate of SiLU
  std::vector<float> exponential;                 ///< softmax: score - greatest score
  std::vector<float> sigmoid;                     ///< gates of SiLU
  std::vector<float> convert;                     ///< results of matmuls on their way to FP16
};

struct Stimulus {
  std::string description;
  models::QuantizedModel model;
  std::vector<CapturedMatmul> matmuls;
  VectorOperands vector;
};

/// One pass of kjv-1m over the first `tokens` tokens of the held-out text, decoder matrices
/// quantised round-to-nearest to `weight_bits`, activations FP16.
Stimulus capture_stimulus(std::uint32_t weight_bits, std::uint32_t tokens);

}  // namespace lutsim::gates
