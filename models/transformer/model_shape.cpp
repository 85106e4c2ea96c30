// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/model_shape.h"

#include <algorithm>

namespace lutsim::models {

namespace {

std::string value_of(const char* key, std::uint32_t value) {
  return std::string(key) + " = " + std::to_string(value);
}

std::string latent_problem(const ModelShape& s) {
  if (!s.has_latent()) {
    if (s.q_latent + s.rope_head_dim + s.value_head_dim == 0) return {};
    return "kv_latent = 0: q_latent, rope_head_dim and value_head_dim need a latent";
  }
  if (s.rope_head_dim == 0 || s.rope_head_dim % 2 != 0 || s.rope_head_dim >= s.head_dim) {
    return value_of("rope_head_dim", s.rope_head_dim) +
           ": must be even and from 2 to below head_dim = " + std::to_string(s.head_dim);
  }
  if (s.value_head_dim == 0) return "value_head_dim = 0: must be at least 1 with kv_latent";
  if (s.positions != Positions::rotary) return "kv_latent: needs rotary positions";
  return {};
}

std::string expert_problem(const ModelShape& s) {
  if (s.experts == 0) {
    if (s.experts_per_token + s.shared_experts + s.expert_ffn + s.dense_layers == 0) return {};
    return "experts = 0: experts_per_token, shared_experts, expert_ffn and dense_layers need some";
  }
  if (s.experts_per_token == 0 || s.experts_per_token > s.experts) {
    return value_of("experts_per_token", s.experts_per_token) +
           ": must be 1 to experts = " + std::to_string(s.experts);
  }
  if (s.expert_ffn == 0) return "expert_ffn = 0: must be at least 1 with experts";
  return {};
}

}  // namespace

std::string shape_problem(const ModelShape& s) {
  if (s.positions == Positions::rotary && s.head_dim % 2 != 0) {
    return value_of("head_dim", s.head_dim) + " is odd; rotary pairs need it even";
  }
  if (s.kv_heads == 0 || s.heads % s.kv_heads != 0) {
    return value_of("heads", s.heads) +
           " is not a multiple of kv_heads = " + std::to_string(s.kv_heads);
  }
  if (s.rotary_dim % 2 != 0 || s.rotary_dim > s.head_dim) {
    return value_of("rotary_dim", s.rotary_dim) +
           ": must be even and at most head_dim = " + std::to_string(s.head_dim);
  }
  if (s.activation == Activation::silu_clamped && !s.gated_ffn)
    return "activation = silu_clamped: needs gated_ffn";
  if (s.window_period == 0) return "window_period = 0: must be at least 1";
  if (s.block != Block::sequential && s.norm_placement == NormPlacement::after)
    return "norm_placement = after: a parallel block normalises before";
  const std::string latent = latent_problem(s);
  return latent.empty() ? expert_problem(s) : latent;
}

std::uint32_t shortest_reduction(const ModelShape& s) {
  std::uint32_t shortest = std::min(s.hidden, s.attention_dim());
  const auto take = [&shortest](std::uint32_t k) {
    if (k > 0) shortest = std::min(shortest, k);
  };
  if (s.experts == 0 || s.dense_layers > 0) take(s.ffn);
  take(s.expert_ffn);
  take(s.q_latent);
  if (s.has_latent()) {
    take(s.kv_latent);
    take(s.plain_head_dim());
  }
  return shortest;
}

}  // namespace lutsim::models
