// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "models/transformer/model_weights.h"
#include "tests/workloads/checkpoint/checkpoint_files.h"

/// Writers of llama2.c's files.
namespace lutsim::test {

inline Bytes llama2c_header(const models::ModelShape& s) {
  Bytes out;
  const auto vocab = static_cast<std::int32_t>(s.vocab);
  for (const std::uint32_t v : {s.hidden, s.ffn, s.layers, s.heads, s.kv_heads}) {
    out.add(static_cast<std::int32_t>(v));
  }
  out.add(s.tied_embedding ? vocab : -vocab).add(static_cast<std::int32_t>(s.max_context));
  return out;
}

/// A version 0 checkpoint.
inline std::string llama2c_v0(const models::ModelWeights& model) {
  Bytes out = llama2c_header(model.shape);
  out.add_floats(model.embedding.values);
  const auto all = [&](auto member) {
    for (const auto& layer : model.layers) {
      if constexpr (std::is_same_v<decltype(layer.*member), const models::DenseMatrix&>) {
        out.add_floats((layer.*member).values);
      } else {
        out.add_floats(layer.*member);
      }
    }
  };
  using L = models::LayerWeights;
  all(&L::attention_norm);
  for (const auto member : {&L::wq, &L::wk, &L::wv, &L::wo}) all(member);
  all(&L::ffn_norm);
  for (const auto member : {&L::w_gate, &L::w_down, &L::w_up}) all(member);
  out.add_floats(model.final_norm);
  out.add_floats(
      std::vector<float>(std::size_t{model.shape.max_context} * model.shape.head_dim, 7.0f));
  if (!model.shape.tied_embedding) out.add_floats(model.output.values);
  return out.data();
}

/// The same weights in version 2: Q8_0 in groups that run on across the ends of rows.
inline std::string llama2c_v2(const models::ModelWeights& model, std::int32_t group_size) {
  Bytes out;
  out.add(std::uint32_t{0x616b3432}).add(std::int32_t{2});
  out.add_text(llama2c_header(model.shape).data());
  out.add(static_cast<std::uint8_t>(model.shape.tied_embedding)).add(group_size).pad_to(256);
  for (const auto& layer : model.layers) out.add_floats(layer.attention_norm);
  for (const auto& layer : model.layers) out.add_floats(layer.ffn_norm);
  out.add_floats(model.final_norm);
  const auto add = [&](const std::vector<float>& values) {
    std::vector<float> scales;
    for (std::size_t begin = 0; begin < values.size(); begin += group_size) {
      float largest = 0;
      for (std::int32_t i = 0; i < group_size; ++i) {
        largest = std::max(largest, std::abs(values[begin + i]));
      }
      scales.push_back(largest / 127);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float scale = scales[i / group_size];
      out.add(static_cast<std::int8_t>(scale == 0 ? 0 : std::lround(values[i] / scale)));
    }
    out.add_floats(scales);
  };
  add(model.embedding.values);
  using L = models::LayerWeights;
  for (const auto member : {&L::wq, &L::wk, &L::wv, &L::wo, &L::w_gate, &L::w_down, &L::w_up}) {
    for (const auto& layer : model.layers) add((layer.*member).values);
  }
  if (!model.shape.tied_embedding) add(model.output.values);
  return out.data();
}

inline std::string llama2c_tokenizer(const workloads::Tokenizer& tokenizer) {
  std::size_t longest = 1;
  for (const std::string& piece : tokenizer.pieces()) longest = std::max(longest, piece.size());
  Bytes out;
  out.add(static_cast<std::int32_t>(longest));
  for (std::uint32_t id = 0; id < tokenizer.vocab(); ++id) {
    out.add(tokenizer.scores()[id]);
    out.add(static_cast<std::int32_t>(tokenizer.pieces()[id].size()));
    out.add_text(tokenizer.pieces()[id]);
  }
  return out.data();
}

}  // namespace lutsim::test
