// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "models/transformer/model_shape.h"

namespace lutsim::models {

/// The seven weight matrices of a decoder layer, in the order of execution. Structs that hold one
/// matrix per enumerator (LayerWeights, QuantizedLayer) call the members by the names below.
enum class DecoderMatrix { wq, wk, wv, wo, w_gate, w_up, w_down };

constexpr std::array<DecoderMatrix, 7> kDecoderMatrices = {
    DecoderMatrix::wq,     DecoderMatrix::wk,   DecoderMatrix::wv,    DecoderMatrix::wo,
    DecoderMatrix::w_gate, DecoderMatrix::w_up, DecoderMatrix::w_down};

/// What the names of a layer's operators and weights begin with in traces: "layers.3.".
inline std::string layer_prefix(std::uint32_t layer) {
  return "layers." + std::to_string(layer) + ".";
}

/// Name and shape of one of them. `tensor` is the name in traces after layer_prefix().
struct DecoderMatrixInfo {
  DecoderMatrix id;
  const char* tensor;
  std::uint32_t n;
  std::uint32_t k;
};

inline std::array<DecoderMatrixInfo, 7> decoder_matrices(const ModelShape& s) {
  using D = DecoderMatrix;
  return {{{D::wq, "attention.wq", s.q_dim(), s.hidden},
           {D::wk, "attention.wk", s.kv_dim(), s.hidden},
           {D::wv, "attention.wv", s.kv_dim(), s.hidden},
           {D::wo, "attention.wo", s.hidden, s.q_dim()},
           {D::w_gate, "ffn.w_gate", s.ffn, s.hidden},
           {D::w_up, "ffn.w_up", s.ffn, s.hidden},
           {D::w_down, "ffn.w_down", s.hidden, s.ffn}}};
}

/// The member of `layer` that holds a matrix. `Layer` is LayerWeights or QuantizedLayer.
template <class Layer>
auto& matrix_of(Layer& layer, DecoderMatrix id) {
  switch (id) {
    case DecoderMatrix::wq:
      return layer.wq;
    case DecoderMatrix::wk:
      return layer.wk;
    case DecoderMatrix::wv:
      return layer.wv;
    case DecoderMatrix::wo:
      return layer.wo;
    case DecoderMatrix::w_gate:
      return layer.w_gate;
    case DecoderMatrix::w_up:
      return layer.w_up;
    case DecoderMatrix::w_down:
      break;
  }
  return layer.w_down;
}

}  // namespace lutsim::models
