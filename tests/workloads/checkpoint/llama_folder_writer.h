// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "models/bcq/uniform_matrix.h"
#include "models/numerics/float_format.h"
#include "models/transformer/decoder_matrix.h"
#include "models/transformer/model_weights.h"
#include "tests/workloads/checkpoint/checkpoint_files.h"

/// Writers of Hugging Face folders, made after the published layouts and after nothing of
/// workloads/checkpoint.
namespace lutsim::test {

/// A safetensors file, tensor by tensor.
class SafetensorsWriter {
 public:
  nlohmann::ordered_json header;
  Bytes buffer;

  void add(const std::string& name, const std::string& dtype,
           const std::vector<std::uint64_t>& shape, const Bytes& data) {
    const std::size_t begin = buffer.data().size();
    buffer.add_text(data.data());
    header[name] = {
        {"dtype", dtype}, {"shape", shape}, {"data_offsets", {begin, buffer.data().size()}}};
  }
  /// `dtype` is F32, F16 or BF16.
  void add_floats(const std::string& name, const std::string& dtype,
                  const std::vector<std::uint64_t>& shape, const std::vector<float>& values) {
    Bytes data;
    for (const float v : values) {
      if (dtype == "F32") data.add(v);
      if (dtype == "F16") data.add(models::fp16_bits(v));
      if (dtype == "BF16") data.add(models::bf16_bits(v));
    }
    add(name, dtype, shape, data);
  }
  template <class Word>
  void add_words(const std::string& name, const std::string& dtype,
                 const std::vector<std::uint64_t>& shape, const std::vector<Word>& words) {
    Bytes data;
    for (const Word word : words) data.add(word);
    add(name, dtype, shape, data);
  }
  std::string file() const { return file_of(header.dump(), buffer.data()); }
  static std::string file_of(const std::string& header, const std::string& buffer) {
    return Bytes().add(std::uint64_t{header.size()}).add_text(header).add_text(buffer).data();
  }
};

/// Rows of wq or wk in Hugging Face's order: its head holds the first elements of all rotary pairs,
/// then the second ones (transformers, convert_llama_weights_to_hf.py, permute()).
template <class Row>
std::vector<Row> rotate_half_rows(const std::vector<Row>& rows, std::size_t head_dim) {
  std::vector<Row> out(rows.size());
  for (std::size_t head = 0; head < rows.size(); head += head_dim) {
    for (std::size_t pair = 0; pair < head_dim / 2; ++pair) {
      out[head + pair] = rows[head + 2 * pair];
      out[head + head_dim / 2 + pair] = rows[head + 2 * pair + 1];
    }
  }
  return out;
}

inline nlohmann::ordered_json llama_config(const models::ModelShape& s) {
  return {{"architectures", {"LlamaForCausalLM"}},
          {"model_type", "llama"},
          {"hidden_act", "silu"},
          {"hidden_size", s.hidden},
          {"intermediate_size", s.ffn},
          {"num_hidden_layers", s.layers},
          {"num_attention_heads", s.heads},
          {"num_key_value_heads", s.kv_heads},
          {"head_dim", s.head_dim},
          {"vocab_size", s.vocab},
          {"max_position_embeddings", s.max_context},
          {"rms_norm_eps", s.norm_epsilon},
          {"rope_theta", s.rope_base},
          {"rope_scaling", nullptr},
          {"tie_word_embeddings", s.tied_embedding},
          {"torch_dtype", "float16"}};
}

inline std::string module_name(models::DecoderMatrix id) {
  constexpr const char* kNames[] = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                                    "self_attn.o_proj", "mlp.gate_proj",    "mlp.up_proj",
                                    "mlp.down_proj"};
  return kNames[static_cast<int>(id)];
}

inline bool is_rotated(models::DecoderMatrix id) {
  return id == models::DecoderMatrix::wq || id == models::DecoderMatrix::wk;
}

/// Everything but the decoder's matrices.
inline void add_plain_tensors(const models::ModelWeights& model, const std::string& dtype,
                              SafetensorsWriter& out) {
  const models::ModelShape& s = model.shape;
  out.add_floats("model.embed_tokens.weight", dtype, {s.vocab, s.hidden}, model.embedding.values);
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    const std::string layer = "model.layers." + std::to_string(l) + ".";
    out.add_floats(layer + "input_layernorm.weight", dtype, {s.hidden},
                   model.layers[l].attention_norm);
    out.add_floats(layer + "post_attention_layernorm.weight", dtype, {s.hidden},
                   model.layers[l].ffn_norm);
  }
  out.add_floats("model.norm.weight", dtype, {s.hidden}, model.final_norm);
  if (!s.tied_embedding) {
    out.add_floats("lm_head.weight", dtype, {s.vocab, s.hidden}, model.output.values);
  }
}

inline SafetensorsWriter safetensors_of(const models::ModelWeights& model,
                                        const std::string& dtype) {
  SafetensorsWriter out;
  add_plain_tensors(model, dtype, out);
  for (std::uint32_t l = 0; l < model.shape.layers; ++l) {
    for (const auto& m : decoder_matrices(model.shape)) {
      const std::vector<float>& values = matrix_of(model.layers[l], m.id).values;
      std::vector<std::vector<float>> rows;
      for (std::size_t n = 0; n < m.n; ++n) {
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(n * m.k);
        rows.emplace_back(begin, begin + m.k);
      }
      if (is_rotated(m.id)) rows = rotate_half_rows(rows, model.shape.head_dim);
      std::vector<float> flat;
      for (const auto& row : rows) flat.insert(flat.end(), row.begin(), row.end());
      out.add_floats("model.layers." + std::to_string(l) + "." + module_name(m.id) + ".weight",
                     dtype, {m.n, m.k}, flat);
    }
  }
  return out;
}

/// An integer matrix as a checkpoint holds it: column-major over N, as nn.Linear transposed.
struct IntegerMatrix {
  std::uint32_t k, n, bits, groups;
  std::vector<std::uint32_t> q;      ///< [k][n]
  std::vector<std::uint32_t> zero;   ///< [groups][n]
  std::vector<std::uint16_t> scale;  ///< FP16, [groups][n]
};

/// Rows of W in the order that a Hugging Face file has them.
inline IntegerMatrix transposed(const models::UniformMatrix& m, bool rotated,
                                std::uint32_t head_dim) {
  std::vector<std::uint32_t> rows(m.n);
  for (std::uint32_t n = 0; n < m.n; ++n) rows[n] = n;
  if (rotated) rows = rotate_half_rows(rows, head_dim);
  IntegerMatrix t{m.k, m.n, m.weight_bits, m.groups(), {}, {}, {}};
  for (std::uint32_t k = 0; k < m.k; ++k) {
    for (const std::uint32_t row : rows) t.q.push_back(m.q[std::size_t{row} * m.k + k]);
  }
  for (std::uint32_t g = 0; g < t.groups; ++g) {
    for (const std::uint32_t row : rows) {
      t.zero.push_back(static_cast<std::uint32_t>(m.zero[std::size_t{g} * m.n + row]));
      t.scale.push_back(m.scale[std::size_t{g} * m.n + row]);
    }
  }
  return t;
}

/// AutoGPTQ's pack() (qlinear_cuda_old.py): `count` values of value(i) into words[0 .. count *
/// bits / 32), the 3-bit case written out as there.
inline std::vector<std::uint32_t> auto_gptq_words(
    std::uint32_t count, std::uint32_t bits,
    const std::function<std::uint32_t(std::uint32_t)>& value) {
  std::vector<std::uint32_t> words(std::size_t{count} * bits / 32, 0);
  std::uint32_t i = 0, row = 0;
  while (row < words.size()) {
    if (bits != 3) {
      for (std::uint32_t j = i; j < i + 32 / bits; ++j) words[row] |= value(j) << (bits * (j - i));
      i += 32 / bits;
      ++row;
      continue;
    }
    for (std::uint32_t j = i; j < i + 10; ++j) words[row] |= value(j) << (3 * (j - i));
    i += 10;
    words[row] |= value(i) << 30;
    ++row;
    words[row] |= (value(i) >> 2) & 1;
    ++i;
    for (std::uint32_t j = i; j < i + 10; ++j) words[row] |= value(j) << (3 * (j - i) + 1);
    i += 10;
    words[row] |= value(i) << 31;
    ++row;
    words[row] |= (value(i) >> 1) & 3;
    ++i;
    for (std::uint32_t j = i; j < i + 10; ++j) words[row] |= value(j) << (3 * (j - i) + 2);
    i += 10;
    ++row;
  }
  return words;
}

/// qweight [K bits / 32][N] of AutoGPTQ.
inline std::vector<std::uint32_t> gptq_qweight(const IntegerMatrix& m) {
  const std::size_t words = std::size_t{m.k} * m.bits / 32;
  std::vector<std::uint32_t> qweight(words * m.n);
  for (std::uint32_t n = 0; n < m.n; ++n) {
    const auto column = auto_gptq_words(
        m.k, m.bits, [&](std::uint32_t k) { return m.q[std::size_t{k} * m.n + n]; });
    for (std::size_t w = 0; w < words; ++w) qweight[w * m.n + n] = column[w];
  }
  return qweight;
}

/// qzeros [G][N bits / 32] of AutoGPTQ: less one.
inline std::vector<std::uint32_t> gptq_qzeros(const IntegerMatrix& m) {
  std::vector<std::uint32_t> qzeros;
  for (std::uint32_t g = 0; g < m.groups; ++g) {
    const auto row = auto_gptq_words(m.n, m.bits, [&](std::uint32_t n) {
      return (m.zero[std::size_t{g} * m.n + n] - 1) & ((1u << m.bits) - 1);
    });
    qzeros.insert(qzeros.end(), row.begin(), row.end());
  }
  return qzeros;
}

/// AutoAWQ's pack (WQLinear_GEMM.from_linear): eight columns a word in the order 0,2,4,6,1,3,5,7.
inline std::vector<std::uint32_t> awq_words(const std::vector<std::uint32_t>& values,
                                            std::uint32_t n) {
  constexpr std::array<std::uint32_t, 8> kOrderMap{0, 2, 4, 6, 1, 3, 5, 7};
  std::vector<std::uint32_t> words(values.size() / 8, 0);
  for (std::size_t row = 0; row < values.size() / n; ++row) {
    for (std::uint32_t col = 0; col < n / 8; ++col) {
      for (std::uint32_t i = 0; i < 8; ++i) {
        words[row * (n / 8) + col] |= values[row * n + col * 8 + kOrderMap[i]] << (i * 4);
      }
    }
  }
  return words;
}

/// One matrix of a GPTQ or AWQ checkpoint.
inline void add_packed(const std::string& module, const IntegerMatrix& m, const std::string& format,
                       SafetensorsWriter& out) {
  const std::uint64_t per_word = 32 / 4;
  if (format == "gptq") {
    out.add_words(module + ".qweight", "I32", {m.k * m.bits / 32, m.n}, gptq_qweight(m));
    out.add_words(module + ".qzeros", "I32", {m.groups, m.n * m.bits / 32}, gptq_qzeros(m));
    std::vector<std::int32_t> g_idx(m.k);
    const std::uint32_t group = spec::ceil_div(m.k, m.groups);
    for (std::uint32_t k = 0; k < m.k; ++k) g_idx[k] = static_cast<std::int32_t>(k / group);
    out.add_words(module + ".g_idx", "I32", {m.k}, g_idx);
    out.add_floats(module + ".bias", "F16", {m.n}, std::vector<float>(m.n, 0.0f));
  } else {
    out.add_words(module + ".qweight", "I32", {m.k, m.n / per_word}, awq_words(m.q, m.n));
    out.add_words(module + ".qzeros", "I32", {m.groups, m.n / per_word}, awq_words(m.zero, m.n));
  }
  out.add_words(module + ".scales", "F16", {m.groups, m.n}, m.scale);
}

}  // namespace lutsim::test
