// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "models/numerics/float_format.h"
#include "models/transformer/decoder_matrix.h"
#include "tests/workloads/checkpoint/checkpoint_files.h"

namespace lutsim::test {

enum class GgufType : std::uint32_t { f32 = 0, f16 = 1, q4_0 = 2, q4_1 = 3, q8_0 = 8 };

/// Writes GGUF version 3 files piece by piece, right or wrong.
class GgufWriter {
 public:
  std::uint32_t version = 3;

  void add_u32(const std::string& key, std::uint32_t value) { begin_key(key, 4).add(value); }
  void add_f32(const std::string& key, float value) { begin_key(key, 6).add(value); }
  void add_string(const std::string& key, const std::string& value) {
    begin_key(key, 8);
    add_text(keys_, value);
  }
  void add_strings(const std::string& key, const std::vector<std::string>& values) {
    begin_key(key, 9).add(std::uint32_t{8}).add(std::uint64_t{values.size()});
    for (const auto& v : values) add_text(keys_, v);
  }
  void add_floats(const std::string& key, const std::vector<float>& values) {
    begin_key(key, 9).add(std::uint32_t{6}).add(std::uint64_t{values.size()}).add_floats(values);
  }

  /// A tensor of `rows` rows; 0 rows: one dimension.
  void add_tensor(const std::string& name, std::uint64_t columns, std::uint64_t rows,
                  const std::vector<float>& values, GgufType type) {
    add_text(tensors_, name);
    tensors_.add(std::uint32_t{rows == 0 ? 1u : 2u}).add(columns);
    if (rows > 0) tensors_.add(rows);
    tensors_.add(static_cast<std::uint32_t>(type)).add(std::uint64_t{data_.data().size()});
    add_values(values, type);
    data_.pad_to(32);
    ++tensor_count_;
  }

  std::string file() const {
    Bytes out;
    out.add_text("GGUF").add(version).add(tensor_count_).add(key_count_);
    out.add_text(keys_.data()).add_text(tensors_.data()).pad_to(32).add_text(data_.data());
    return out.data();
  }

 private:
  static void add_text(Bytes& to, const std::string& text) {
    to.add(std::uint64_t{text.size()}).add_text(text);
  }
  Bytes& begin_key(const std::string& key, std::uint32_t type) {
    add_text(keys_, key);
    ++key_count_;
    return keys_.add(type);
  }
  void add_values(const std::vector<float>& values, GgufType type) {
    if (type == GgufType::f32) data_.add_floats(values);
    if (type == GgufType::f16) {
      for (const float v : values) data_.add(models::fp16_bits(v));
    }
    if (type == GgufType::q4_0 || type == GgufType::q4_1) add_4_bit(values, type);
    if (type != GgufType::q8_0) return;
    for (std::size_t block = 0; block < values.size(); block += 32) {
      float largest = 0.0f;
      for (std::size_t i = block; i < block + 32; ++i) {
        largest = std::max(largest, std::abs(values[i]));
      }
      const std::uint16_t scale = models::fp16_bits(largest / 127.0f);
      data_.add(scale);
      for (std::size_t i = block; i < block + 32; ++i) {
        const float steps = scale == 0 ? 0.0f : values[i] / models::fp16_from_bits(scale);
        data_.add(static_cast<std::int8_t>(std::clamp(std::nearbyint(steps), -127.0f, 127.0f)));
      }
    }
  }

  /// quantize_row_q4_0 and _q4_1 of ggml-quants.c, but for ties: d of the largest magnitude and
  /// code 8 for 0; d and m of the range.
  void add_4_bit(const std::vector<float>& values, GgufType type) {
    for (std::size_t block = 0; block < values.size(); block += 32) {
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(block);
      const auto [least, most] = std::minmax_element(begin, begin + 32);
      const float extreme = std::abs(*least) > std::abs(*most) ? *least : *most;
      const bool has_minimum = type == GgufType::q4_1;
      const float step = has_minimum ? (*most - *least) / 15 : extreme / -8;
      const std::uint16_t d = models::fp16_bits(step), m = models::fp16_bits(*least);
      data_.add(d);
      if (has_minimum) data_.add(m);
      const auto code = [&](float w) {
        if (step == 0) return 0;
        const float level = has_minimum ? (w - *least) / step : w / step + 8;
        return static_cast<int>(std::clamp(std::nearbyint(level), 0.0f, 15.0f));
      };
      for (std::size_t j = 0; j < 16; ++j) {
        data_.add(
            static_cast<std::uint8_t>(code(values[block + j]) | code(values[block + j + 16]) << 4));
      }
    }
  }

  Bytes keys_, tensors_, data_;
  std::uint64_t key_count_ = 0;
  std::uint64_t tensor_count_ = 0;
};

/// A complete model.
inline GgufWriter gguf_of(const models::ModelWeights& model, GgufType matrix_type) {
  const models::ModelShape& s = model.shape;
  GgufWriter gguf;
  gguf.add_string("general.architecture", "llama");
  gguf.add_u32("llama.block_count", s.layers);
  gguf.add_u32("llama.embedding_length", s.hidden);
  gguf.add_u32("llama.feed_forward_length", s.ffn);
  gguf.add_u32("llama.attention.head_count", s.heads);
  gguf.add_u32("llama.attention.head_count_kv", s.kv_heads);
  gguf.add_u32("llama.attention.key_length", s.head_dim);
  gguf.add_u32("llama.context_length", s.max_context);
  gguf.add_f32("llama.attention.layer_norm_rms_epsilon", static_cast<float>(s.norm_epsilon));
  const workloads::Tokenizer tokenizer = small_tokenizer(s.vocab);
  gguf.add_string("tokenizer.ggml.model", "llama");
  std::vector<std::string> pieces = tokenizer.pieces();
  for (std::string& piece : pieces) {
    for (auto at = piece.find(' '); at != std::string::npos; at = piece.find(' ')) {
      piece.replace(at, 1, "\xe2\x96\x81");
    }
  }
  gguf.add_strings("tokenizer.ggml.tokens", pieces);
  gguf.add_floats("tokenizer.ggml.scores", tokenizer.scores());
  const auto matrix = [&](const std::string& name, const models::DenseMatrix& m) {
    gguf.add_tensor(name, m.k, m.n, m.values, matrix_type);
  };
  matrix("token_embd.weight", model.embedding);
  gguf.add_tensor("output_norm.weight", s.hidden, 0, model.final_norm, GgufType::f32);
  if (!s.tied_embedding) matrix("output.weight", model.output);
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    const models::LayerWeights& layer = model.layers[l];
    const std::string block = "blk." + std::to_string(l) + ".";
    gguf.add_tensor(block + "attn_norm.weight", s.hidden, 0, layer.attention_norm, GgufType::f32);
    gguf.add_tensor(block + "ffn_norm.weight", s.hidden, 0, layer.ffn_norm, GgufType::f32);
    matrix(block + "attn_q.weight", layer.wq);
    matrix(block + "attn_k.weight", layer.wk);
    matrix(block + "attn_v.weight", layer.wv);
    matrix(block + "attn_output.weight", layer.wo);
    matrix(block + "ffn_gate.weight", layer.w_gate);
    matrix(block + "ffn_up.weight", layer.w_up);
    matrix(block + "ffn_down.weight", layer.w_down);
  }
  return gguf;
}

}  // namespace lutsim::test
