// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <tuple>

#include "models/spec/field.h"

namespace lutsim::models {

/// Shape of a Llama-architecture decoder: RMSNorm, rotary positions, grouped-query attention,
/// SwiGLU.
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

  static constexpr auto fields() {
    using S = ModelShape;
    using spec::field;
    return std::make_tuple(
        field("name", &S::name, "name of the model"),
        field("layers", &S::layers, "decoder layers").range(1, 1024),
        field("hidden", &S::hidden, "width of the residual stream").range(1, 1 << 20),
        field("heads", &S::heads, "query heads").range(1, 1024),
        field("kv_heads", &S::kv_heads, "key and value heads; fewer than heads is GQA")
            .range(1, 1024),
        field("head_dim", &S::head_dim, "elements of one head, even").range(2, 4096),
        field("ffn", &S::ffn, "width of the gated feed-forward layer").range(1, 1 << 20),
        field("vocab", &S::vocab, "rows of the embedding table").range(1, 1 << 24),
        field("max_context", &S::max_context, "longest sequence").range(1, 1 << 24),
        field("tied_embedding", &S::tied_embedding, "the LM head is the embedding table"),
        field("rope_base", &S::rope_base, "base of the rotary frequencies").range(1, 1e9),
        field("norm_epsilon", &S::norm_epsilon, "epsilon of RMSNorm").range(0, 1));
  }

  std::uint32_t q_dim() const { return heads * head_dim; }
  std::uint32_t kv_dim() const { return kv_heads * head_dim; }
};

}  // namespace lutsim::models
