// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/workloads/trace/tiny_shape.h"

namespace lutsim::test {

/// Small shapes that have between them every field in which a model may differ from a Llama.
inline std::vector<models::ModelShape> variant_shapes() {
  using namespace models;
  std::vector<ModelShape> shapes{tiny_shape()};
  const auto add = [&shapes](const char* name) -> ModelShape& {
    shapes.push_back(tiny_shape());
    shapes.back().name = name;
    return shapes.back();
  };

  ModelShape& opt = add("opt");
  opt.norm = NormKind::layer_norm;
  opt.activation = Activation::relu;
  opt.gated_ffn = false;
  opt.positions = Positions::learned;
  opt.position_offset = 2;
  opt.tied_embedding = true;
  opt.qkv_bias = opt.output_bias = opt.ffn_bias = true;

  ModelShape post_norm = opt;
  post_norm.name = "post_norm";
  post_norm.norm_placement = NormPlacement::after;
  post_norm.embedding_dim = 16;
  shapes.push_back(post_norm);

  ModelShape& falcon = add("falcon");
  falcon.norm = NormKind::layer_norm;
  falcon.block = Block::parallel_one_norm;
  falcon.kv_heads = 1;
  falcon.activation = Activation::gelu;
  falcon.gated_ffn = false;
  falcon.rotary_dim = 2;
  falcon.head_bias = true;

  ModelShape& bloom = add("bloom");
  bloom.norm = NormKind::layer_norm;
  bloom.block = Block::parallel;
  bloom.positions = Positions::alibi;
  bloom.activation = Activation::gelu_tanh;
  bloom.gated_ffn = false;

  ModelShape& gemma = add("gemma");
  gemma.norm_placement = NormPlacement::around;
  gemma.activation = Activation::gelu_tanh;
  gemma.sliding_window = 5;
  gemma.window_period = 2;
  gemma.qk_norm = true;

  ModelShape& oss = add("oss");
  oss.activation = Activation::silu_clamped;
  oss.attention_sinks = true;
  oss.sliding_window = 3;
  oss.qkv_bias = oss.output_bias = oss.ffn_bias = oss.router_bias = true;
  oss.experts = 6;
  oss.experts_per_token = 2;
  oss.expert_ffn = 20;

  ModelShape& latent = add("latent");
  latent.kv_heads = latent.heads;
  latent.head_dim = 6;
  latent.rope_head_dim = 2;
  latent.value_head_dim = 8;
  latent.kv_latent = 12;
  latent.q_latent = 10;
  latent.experts = 8;
  latent.experts_per_token = 3;
  latent.shared_experts = 2;
  latent.expert_ffn = 14;
  latent.dense_layers = 1;

  ModelShape latent_dense = latent;
  latent_dense.name = "latent_dense";
  latent_dense.q_latent = latent_dense.experts = latent_dense.experts_per_token = 0;
  latent_dense.shared_experts = latent_dense.expert_ffn = latent_dense.dense_layers = 0;
  shapes.push_back(latent_dense);
  return shapes;
}

inline models::ModelShape variant(const std::string& name) {
  for (const models::ModelShape& shape : variant_shapes()) {
    if (shape.name == name) return shape;
  }
  throw std::out_of_range(name);
}

/// Name of a parametrised test of a shape.
struct ShapeName {
  template <class Info>
  std::string operator()(const Info& info) const {
    return info.param.name;
  }
};

}  // namespace lutsim::test
