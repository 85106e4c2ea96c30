// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/model_table.h"

#include <fmt/core.h>

#include <vector>

#include "workloads/llm/shape_library.h"

namespace lutsim::tools {
namespace {

using models::ModelShape;

constexpr double kBillion = 1e9;
constexpr double kKibi = 1024;
constexpr double kFp16Bytes = 2;

std::string attention(const ModelShape& s) {
  std::string text;
  if (s.has_latent()) {
    text = fmt::format("MLA {}, {} + {}", s.heads, s.kv_latent, s.rope_head_dim);
  } else {
    const char* kind = s.kv_heads == s.heads ? "MHA" : s.kv_heads == 1 ? "MQA" : "GQA";
    text = s.kv_heads == s.heads ? fmt::format("{} {}", kind, s.heads)
                                 : fmt::format("{} {}/{}", kind, s.heads, s.kv_heads);
  }
  if (s.sliding_window > 0 && s.sliding_window < s.max_context) {
    text += fmt::format(", window {}", s.sliding_window);
    if (s.window_period > 1) text += fmt::format(" in {} of {}", s.window_layers, s.window_period);
  }
  if (s.qk_norm) text += ", q/k norms";
  if (s.attention_sinks) text += ", sinks";
  return text;
}

std::string positions(const ModelShape& s) {
  std::string text = spec::to_string_of(s.positions);
  if (s.rotary_dim > 0) text += fmt::format(" {} of {}", s.rotary_dim, s.head_dim);
  return text;
}

std::string feed_forward(const ModelShape& s) {
  std::string text = spec::to_string_of(s.activation) + (s.gated_ffn ? ", gated" : "");
  if (s.experts > 0) {
    text += fmt::format(", {} of {} experts", s.experts_per_token, s.experts);
    if (s.shared_experts > 0) text += fmt::format(" + {} shared", s.shared_experts);
  }
  return text;
}

std::string blocks(const ModelShape& s) {
  std::string text = s.norm == models::NormKind::rms_norm ? "RMSNorm" : "LayerNorm";
  if (s.norm_placement != models::NormPlacement::before)
    text += " " + spec::to_string_of(s.norm_placement);
  if (s.block == models::Block::parallel) text += ", parallel";
  if (s.block == models::Block::parallel_one_norm) text += ", parallel, one norm";
  const bool all = s.qkv_bias && s.output_bias && s.ffn_bias;
  if (all) {
    text += ", biases";
  } else if (s.qkv_bias) {
    text += ", q/k/v biases";
  }
  return text;
}

}  // namespace

std::string model_table() {
  std::string text =
      "| model | layers | hidden | attention | positions | feed-forward | norms, block, biases | "
      "parameters (10^9) | active | KV cache of a position, FP16 |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n";
  for (const workloads::PublishedModel& model : workloads::published_models()) {
    const ModelShape& s = model.shape;
    const workloads::ParameterCount count = workloads::count_parameters(s);
    const auto billions = [](std::uint64_t n) { return static_cast<double>(n) / kBillion; };
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {:.4g} | {} | {:.4g} KiB |\n",
                        s.name, s.layers, s.hidden, attention(s), positions(s), feed_forward(s),
                        blocks(s), billions(count.total()),
                        s.experts > 0 ? fmt::format("{:.3g}", billions(count.active())) : "all",
                        s.layers * s.cached_dim() * kFp16Bytes / kKibi);
  }
  return text;
}

}  // namespace lutsim::tools
