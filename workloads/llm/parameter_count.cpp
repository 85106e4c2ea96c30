// SPDX-License-Identifier: Apache-2.0
#include "workloads/llm/shape_library.h"

namespace lutsim::workloads {

namespace {

std::uint64_t attention_matrices(const models::ModelShape& s) {
  const std::uint64_t hidden = s.hidden, heads = s.heads;
  if (!s.has_latent()) return hidden * (2 * s.q_dim() + 2 * s.kv_dim());
  const std::uint64_t queries =
      s.q_latent > 0 ? s.q_latent * (hidden + s.q_dim()) : hidden * s.q_dim();
  const std::uint64_t latent = hidden * s.cached_dim();
  const std::uint64_t keys_and_values =
      heads * s.kv_latent * (s.plain_head_dim() + s.value_head_dim);
  return queries + latent + keys_and_values + heads * s.value_head_dim * hidden;
}

/// Vectors that belong to the attention of a layer.
std::uint64_t attention_vectors(const models::ModelShape& s) {
  std::uint64_t count = s.output_bias ? s.hidden : 0;
  if (s.attention_sinks) count += s.heads;
  if (s.has_latent()) {
    const std::uint64_t biases =
        std::uint64_t{s.q_latent > 0 ? s.q_latent + s.q_dim() : s.q_dim()} + s.cached_dim();
    return count + s.q_latent + s.kv_latent + (s.qkv_bias ? biases : 0);
  }
  if (s.qkv_bias) count += s.q_dim() + 2 * std::uint64_t{s.kv_dim()};
  if (s.qk_norm) count += 2 * std::uint64_t{s.head_dim};
  return count;
}

std::uint64_t norm_vectors(const models::ModelShape& s) {
  const std::uint64_t one =
      (s.norm == models::NormKind::layer_norm ? 2 : 1) * std::uint64_t{s.hidden};
  const bool is_final = s.norm_placement != models::NormPlacement::after;
  const std::uint64_t per_layer = s.norm_placement == models::NormPlacement::around ? 4
                                  : s.block == models::Block::parallel_one_norm     ? 1
                                                                                    : 2;
  return (per_layer * s.layers + (is_final ? 1 : 0)) * one;
}

}  // namespace

ParameterCount count_parameters(const models::ModelShape& s) {
  const std::uint64_t hidden = s.hidden;
  const std::uint64_t inner = s.gated_ffn ? 2 : 1;
  const auto matrices = [&](std::uint64_t width) { return (inner + 1) * hidden * width; };
  const auto biases = [&](std::uint64_t width) { return s.ffn_bias ? inner * width + hidden : 0; };
  ParameterCount count;
  for (std::uint32_t layer = 0; layer < s.layers; ++layer) {
    std::uint64_t all = attention_matrices(s), active = all;
    count.vectors += attention_vectors(s);
    if (s.has_experts(layer)) {
      const std::uint64_t width = s.expert_ffn;
      const std::uint64_t always = hidden * s.experts + matrices(s.shared_experts * width);
      all += always + s.experts * matrices(width);
      active += always + s.experts_per_token * matrices(width);
      count.vectors += s.experts * biases(width) + (s.router_bias ? s.experts : 0);
      count.idle_vectors += (s.experts - s.experts_per_token) * biases(width);
      if (s.shared_experts > 0) count.vectors += biases(s.shared_experts * width);
    } else {
      all += matrices(s.ffn);
      active += matrices(s.ffn);
      count.vectors += biases(s.ffn);
    }
    count.matrices += all;
    count.active_matrices += active;
  }
  count.vectors += norm_vectors(s) + (s.head_bias ? s.vocab : 0);
  const std::uint64_t width = s.embedding_width();
  count.embedding = s.vocab * width + (width != hidden ? 2 * width * hidden : 0);
  if (!s.tied_embedding) count.head = s.vocab * width;
  if (s.positions == models::Positions::learned) count.positions = s.position_rows() * hidden;
  return count;
}

}  // namespace lutsim::workloads
