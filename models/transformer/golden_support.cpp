// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/golden_support.h"

namespace lutsim::models {

std::vector<std::string> beyond_golden(const ModelShape& s) {
  std::vector<std::string> missing;
  const auto need = [&missing](bool needed, const std::string& what) {
    if (needed) missing.push_back(what);
  };
  need(s.norm != NormKind::rms_norm, "LayerNorm");
  need(s.norm_placement != NormPlacement::before,
       "norms " + spec::to_string_of(s.norm_placement) + " the blocks");
  need(s.block != Block::sequential, "parallel attention and feed-forward");
  need(s.activation != Activation::silu, "activation " + spec::to_string_of(s.activation));
  need(!s.gated_ffn, "a feed-forward layer without gate");
  need(s.positions != Positions::rotary, spec::to_string_of(s.positions) + " positions");
  need(s.rotary_dim > 0 && s.rotary_dim < s.head_dim, "partly rotated heads");
  need(s.embedding_dim > 0 && s.embedding_dim != s.hidden, "a projected embedding");
  need(s.qkv_bias || s.output_bias || s.ffn_bias || s.router_bias || s.head_bias, "biases");
  need(s.qk_norm, "norms of queries and keys");
  need(s.attention_sinks, "attention sinks");
  need(s.sliding_window > 0 && s.sliding_window < s.max_context, "a sliding window");
  need(s.has_latent(), "latent attention");
  need(s.experts > 0, "mixture of experts");
  return missing;
}

void require_golden(const ModelShape& shape) {
  const std::vector<std::string> missing = beyond_golden(shape);
  if (missing.empty()) return;
  std::string list;
  for (const std::string& what : missing) list += (list.empty() ? "" : ", ") + what;
  throw spec::SpecError("model " + shape.name + ": the golden transformer does not compute " +
                        list + "; it runs in timing mode only");
}

}  // namespace lutsim::models
