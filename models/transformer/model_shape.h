// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <tuple>

#include "models/spec/field.h"

namespace lutsim::models {

enum class NormKind { rms_norm, layer_norm };
inline auto enum_names(NormKind) {
  return std::array<spec::EnumName<NormKind>, 2>{
      {{NormKind::rms_norm, "rms_norm"}, {NormKind::layer_norm, "layer_norm"}}};
}

/// Where a block normalises: what it reads (`before`), the sum that it leaves (`after`, no final
/// norm), or both what it reads and what it adds to the residual (`around`).
enum class NormPlacement { before, after, around };
inline auto enum_names(NormPlacement) {
  return std::array<spec::EnumName<NormPlacement>, 3>{{{NormPlacement::before, "before"},
                                                       {NormPlacement::after, "after"},
                                                       {NormPlacement::around, "around"}}};
}

/// `gelu_tanh` is the approximation by tanh, `silu_clamped` the clamped SwiGLU of gpt-oss.
enum class Activation { silu, relu, gelu, gelu_tanh, silu_clamped };
inline auto enum_names(Activation) {
  using A = Activation;
  return std::array<spec::EnumName<A>, 5>{{{A::silu, "silu"},
                                           {A::relu, "relu"},
                                           {A::gelu, "gelu"},
                                           {A::gelu_tanh, "gelu_tanh"},
                                           {A::silu_clamped, "silu_clamped"}}};
}

enum class Positions { rotary, learned, alibi };
inline auto enum_names(Positions) {
  return std::array<spec::EnumName<Positions>, 3>{{{Positions::rotary, "rotary"},
                                                   {Positions::learned, "learned"},
                                                   {Positions::alibi, "alibi"}}};
}

/// Attention, then feed-forward; or both of the same residual, with a norm each or with one.
enum class Block { sequential, parallel, parallel_one_norm };
inline auto enum_names(Block) {
  return std::array<spec::EnumName<Block>, 3>{{{Block::sequential, "sequential"},
                                               {Block::parallel, "parallel"},
                                               {Block::parallel_one_norm, "parallel_one_norm"}}};
}

/// Shape of a decoder-only transformer. The optional fields say in what it differs from a Llama:
/// RMSNorm before each block, rotary positions, grouped-query attention, SwiGLU, no biases.
struct ModelShape {
  std::string name;
  std::uint32_t layers = 0;
  std::uint32_t hidden = 0;
  std::uint32_t heads = 0;
  std::uint32_t kv_heads = 0;
  std::uint32_t head_dim = 0;
  std::uint32_t ffn = 0;
  std::uint32_t vocab = 0;  ///< rows of the embedding table and of the LM head
  std::uint32_t max_context = 0;
  bool tied_embedding = false;
  double rope_base = 10000.0;
  double norm_epsilon = 1e-5;

  NormKind norm = NormKind::rms_norm;
  NormPlacement norm_placement = NormPlacement::before;
  Block block = Block::sequential;
  Activation activation = Activation::silu;
  bool gated_ffn = true;

  Positions positions = Positions::rotary;
  std::uint32_t rotary_dim = 0;
  std::uint32_t position_offset = 0;
  std::uint32_t embedding_dim = 0;

  bool qkv_bias = false;
  bool output_bias = false;
  bool ffn_bias = false;
  bool router_bias = false;
  bool head_bias = false;

  bool qk_norm = false;
  bool attention_sinks = false;
  std::uint32_t sliding_window = 0;
  std::uint32_t window_period = 1;
  std::uint32_t window_layers = 1;

  std::uint32_t kv_latent = 0;
  std::uint32_t q_latent = 0;
  std::uint32_t rope_head_dim = 0;
  std::uint32_t value_head_dim = 0;

  std::uint32_t experts = 0;
  std::uint32_t experts_per_token = 0;
  std::uint32_t shared_experts = 0;
  std::uint32_t expert_ffn = 0;
  std::uint32_t dense_layers = 0;

  static constexpr auto fields() {
    using S = ModelShape;
    using spec::field;
    return std::make_tuple(
        field("name", &S::name, "name of the model"),
        field("layers", &S::layers, "decoder layers").range(1, 1024),
        field("hidden", &S::hidden, "width of the residual stream").range(1, 1 << 20),
        field("heads", &S::heads, "query heads").range(1, 1024),
        field("kv_heads", &S::kv_heads, "key and value heads; fewer than heads is GQA, one is MQA")
            .range(1, 1024),
        field("head_dim", &S::head_dim,
              "elements of one head, even; with kv_latent those of a query, rotary part included")
            .range(2, 4096),
        field("ffn", &S::ffn, "width of a dense feed-forward layer").range(1, 1 << 20),
        field("vocab", &S::vocab, "rows of the embedding table").range(1, 1 << 24),
        field("max_context", &S::max_context, "longest sequence").range(1, 1 << 24),
        field("tied_embedding", &S::tied_embedding, "the LM head is the embedding table"),
        field("rope_base", &S::rope_base, "base of the rotary frequencies").range(1, 1e9),
        field("norm_epsilon", &S::norm_epsilon, "epsilon of the norms").range(0, 1),
        field("norm", &S::norm, "kind of norm; a layer_norm has weights and biases").maybe(),
        field("norm_placement", &S::norm_placement,
              "of the input of a block (before), of the sum after it (after, no final norm), or of "
              "input and output (around)")
            .maybe(),
        field("block", &S::block,
              "feed-forward after attention, or both on the same residual, with a norm each or one")
            .maybe(),
        field("activation", &S::activation, "nonlinearity of the feed-forward layer").maybe(),
        field("gated_ffn", &S::gated_ffn,
              "gate, up and down matrices; false: up and down, the activation between")
            .maybe(),
        field("positions", &S::positions,
              "rotated queries and keys, a learned table added to the embedding, or ALiBi slopes")
            .maybe(),
        field("rotary_dim", &S::rotary_dim, "elements of a head that are rotated; 0: all")
            .range(0, 4096)
            .maybe(),
        field("position_offset", &S::position_offset,
              "rows of the learned table before that of position 0")
            .range(0, 1024)
            .maybe(),
        field(
            "embedding_dim", &S::embedding_dim,
            "width of the embedding table, projected to hidden and back; 0: hidden, no projection")
            .range(0, 1 << 20)
            .maybe(),
        field("qkv_bias", &S::qkv_bias, "biases of the query, key and value matrices").maybe(),
        field("output_bias", &S::output_bias, "bias of the attention's output matrix").maybe(),
        field("ffn_bias", &S::ffn_bias, "biases of the feed-forward matrices, of every expert")
            .maybe(),
        field("router_bias", &S::router_bias, "bias of the router's logits").maybe(),
        field("head_bias", &S::head_bias, "bias of the LM head").maybe(),
        field("qk_norm", &S::qk_norm, "RMSNorm of every query and key head").maybe(),
        field("attention_sinks", &S::attention_sinks,
              "a learned logit for each head in the sum of its softmax")
            .maybe(),
        field("sliding_window", &S::sliding_window,
              "last positions that a windowed layer attends to; 0: no window")
            .range(0, 1 << 24)
            .maybe(),
        field("window_period", &S::window_period,
              "layers of a period, the first window_layers of which have the window: 1 all, 2 "
              "every other one")
            .range(1, 1024)
            .maybe(),
        field("window_layers", &S::window_layers, "windowed layers of a period")
            .range(1, 1024)
            .maybe(),
        field("kv_latent", &S::kv_latent,
              "width of the latent that keys and values are made of (kv_lora_rank); 0: no latent")
            .range(0, 1 << 16)
            .maybe(),
        field("q_latent", &S::q_latent,
              "width of the latent that queries are made of (q_lora_rank); 0: none")
            .range(0, 1 << 16)
            .maybe(),
        field("rope_head_dim", &S::rope_head_dim,
              "rotary elements of a query and of the shared key, with kv_latent")
            .range(0, 4096)
            .maybe(),
        field("value_head_dim", &S::value_head_dim, "elements of a value head, with kv_latent")
            .range(0, 4096)
            .maybe(),
        field("experts", &S::experts, "routed experts of a layer; 0: dense").range(0, 4096).maybe(),
        field("experts_per_token", &S::experts_per_token, "routed experts that a token uses")
            .range(0, 4096)
            .maybe(),
        field("shared_experts", &S::shared_experts,
              "experts that every token uses, run as one feed-forward layer")
            .range(0, 1024)
            .maybe(),
        field("expert_ffn", &S::expert_ffn, "width of one expert").range(0, 1 << 20).maybe(),
        field("dense_layers", &S::dense_layers, "first layers, which have no experts")
            .range(0, 1024)
            .maybe());
  }

  std::uint32_t q_dim() const { return heads * head_dim; }
  std::uint32_t kv_dim() const { return kv_heads * head_dim; }

  bool has_latent() const { return kv_latent > 0; }
  /// Elements of a query head that are not rotated, with kv_latent.
  std::uint32_t plain_head_dim() const { return head_dim - rope_head_dim; }
  /// What the attention's output matrix reads.
  std::uint32_t attention_dim() const { return has_latent() ? heads * value_head_dim : q_dim(); }
  /// Elements that one layer caches for a position.
  std::uint32_t cached_dim() const {
    return has_latent() ? kv_latent + rope_head_dim : 2 * kv_dim();
  }
  std::uint32_t embedding_width() const { return embedding_dim > 0 ? embedding_dim : hidden; }
  std::uint32_t position_rows() const { return position_offset + max_context; }
  bool has_experts(std::uint32_t layer) const { return experts > 0 && layer >= dense_layers; }
  /// Positions that a layer attends to at most; 0: all.
  std::uint32_t window_of(std::uint32_t layer) const {
    return layer % window_period < window_layers ? sliding_window : 0;
  }
};

/// What is wrong with a shape apart from the ranges of its fields; empty: nothing.
std::string shape_problem(const ModelShape& shape);

/// Shortest K of the quantised matrices of the layers: a longer scale group has no use.
std::uint32_t shortest_reduction(const ModelShape& shape);

}  // namespace lutsim::models
