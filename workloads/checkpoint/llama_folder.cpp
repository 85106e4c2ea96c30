// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/llama_folder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "models/config/diagnostics.h"
#include "models/transformer/decoder_matrix.h"
#include "workloads/checkpoint/llama_config.h"
#include "workloads/checkpoint/packed_integers.h"
#include "workloads/checkpoint/tensor_folder.h"

namespace lutsim::workloads {
namespace {

using models::DecoderMatrix;
using models::DecoderMatrixInfo;
using models::DenseMatrix;
using models::ModelShape;

constexpr const char* kEmbedding = "model.embed_tokens.weight";
constexpr const char* kFinalNorm = "model.norm.weight";
constexpr const char* kOutput = "lm_head.weight";
constexpr const char* kAttentionNorm = "input_layernorm.weight";
constexpr const char* kFfnNorm = "post_attention_layernorm.weight";
/// A table of frequencies that old checkpoints carry; they follow from the base.
constexpr const char* kFrequencies = "self_attn.rotary_emb.inv_freq";

const char* module_of(DecoderMatrix id) {
  switch (id) {
    case DecoderMatrix::wq:
      return "self_attn.q_proj";
    case DecoderMatrix::wk:
      return "self_attn.k_proj";
    case DecoderMatrix::wv:
      return "self_attn.v_proj";
    case DecoderMatrix::wo:
      return "self_attn.o_proj";
    case DecoderMatrix::w_gate:
      return "mlp.gate_proj";
    case DecoderMatrix::w_up:
      return "mlp.up_proj";
    case DecoderMatrix::w_down:
      break;
  }
  return "mlp.down_proj";
}

std::string layer_name(std::uint32_t layer) {
  return "model.layers." + std::to_string(layer) + ".";
}

/// A tensor that nobody asks for would change what the model computes.
void refuse_other_tensors(const TensorFolder& tensors, const LlamaConfig& config) {
  std::set<std::string> known{kEmbedding, kFinalNorm, kOutput};
  for (std::uint32_t l = 0; l < config.shape.layers; ++l) {
    const std::string layer = layer_name(l);
    for (const char* name : {kAttentionNorm, kFfnNorm, kFrequencies}) known.insert(layer + name);
    for (const DecoderMatrixInfo& m : decoder_matrices(config.shape)) {
      const std::string module = layer + module_of(m.id);
      if (!config.packed) known.insert(module + ".weight");
      if (config.packed) {
        for (const char* part : {".qweight", ".qzeros", ".scales", ".g_idx", ".bias"}) {
          known.insert(module + part);
        }
      }
    }
  }
  for (const std::string& name : tensors.names()) {
    if (known.count(name) > 0) continue;
    throw config::InputError(
        tensors.file_of(name),
        "expected the tensors of a Llama decoder without biases, found '" + name + "'");
  }
}

/// Rows of `matrix` in another order: row r becomes what row order[r] was.
template <class Value>
void take_rows(std::vector<Value>& values, const std::vector<std::uint32_t>& order,
               std::size_t width) {
  std::vector<Value> from(values);
  for (std::size_t row = 0; row < order.size(); ++row) {
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(order[row] * width), width,
                values.begin() + static_cast<std::ptrdiff_t>(row * width));
  }
}

class Loader {
 public:
  Loader(TensorFolder& tensors, const LlamaConfig& config)
      : tensors_(tensors), config_(config), shape_(config.shape) {}

  models::ModelWeights weights() {
    models::ModelWeights model;
    model.shape = shape_;
    model.embedding = plain(kEmbedding, shape_.vocab, shape_.hidden);
    model.final_norm = tensors_.floats(kFinalNorm, {shape_.hidden});
    for (std::uint32_t l = 0; l < shape_.layers; ++l) {
      models::LayerWeights layer = norms<models::LayerWeights>(l);
      for (const DecoderMatrixInfo& m : decoder_matrices(shape_)) {
        DenseMatrix w = plain(layer_name(l) + module_of(m.id) + ".weight", m.n, m.k);
        const auto order = rows_of(m.id);
        if (!order.empty()) take_rows(w.values, order, m.k);
        matrix_of(layer, m.id) = std::move(w);
      }
      model.layers.push_back(std::move(layer));
    }
    read_output(model.embedding, model.shape, model.output);
    return model;
  }

  models::QuantizedModel quantized(ImportedScales& scales) {
    models::QuantizedModel model;
    model.shape = shape_;
    model.recipe.method = models::QuantizationMethod::imported;
    model.recipe.weight_bits = config_.packed->weight_bits;
    model.recipe.group_size = config_.packed->group_size > 0 ? config_.packed->group_size
                                                             : models::shortest_reduction(shape_);
    const DenseMatrix embedding = plain(kEmbedding, shape_.vocab, shape_.hidden);
    model.embedding = to_fp16(embedding, kEmbedding);
    model.final_norm = tensors_.floats(kFinalNorm, {shape_.hidden});
    for (std::uint32_t l = 0; l < shape_.layers; ++l) {
      models::QuantizedLayer layer = norms<models::QuantizedLayer>(l);
      for (const DecoderMatrixInfo& m : decoder_matrices(shape_)) {
        matrix_of(layer, m.id) = packed(layer_name(l) + module_of(m.id), m, scales);
      }
      model.layers.push_back(std::move(layer));
    }
    DenseMatrix output;
    read_output(embedding, model.shape, output);
    if (!model.shape.tied_embedding) model.output = to_fp16(output, kOutput);
    return model;
  }

 private:
  DenseMatrix plain(const std::string& name, std::uint32_t n, std::uint32_t k) {
    return {n, k, tensors_.floats(name, {n, k})};
  }

  template <class Layer>
  Layer norms(std::uint32_t l) {
    Layer layer;
    layer.attention_norm = tensors_.floats(layer_name(l) + kAttentionNorm, {shape_.hidden});
    layer.ffn_norm = tensors_.floats(layer_name(l) + kFfnNorm, {shape_.hidden});
    return layer;
  }

  std::vector<std::uint32_t> rows_of(DecoderMatrix id) const {
    if (id == DecoderMatrix::wq) return rotary_rows(shape_.heads, shape_.head_dim);
    if (id == DecoderMatrix::wk) return rotary_rows(shape_.kv_heads, shape_.head_dim);
    return {};
  }

  /// Some writers repeat a tied table.
  void read_output(const DenseMatrix& embedding, ModelShape& shape, DenseMatrix& output) {
    if (shape.tied_embedding && !tensors_.has(kOutput)) return;
    output = plain(kOutput, shape.vocab, shape.hidden);
    const bool same = output.values == embedding.values;
    if (shape.tied_embedding && !same) {
      throw config::InputError(tensors_.file_of(kOutput),
                               "expected no lm_head.weight, or the embedding's: config.json says "
                               "tie_word_embeddings");
    }
    if (shape.tied_embedding) output = {};
  }

  models::BcqMatrix packed(const std::string& module, const DecoderMatrixInfo& m,
                           ImportedScales& scales) {
    const PackedConfig& c = *config_.packed;
    const PackedShape s{m.k, m.n, c.weight_bits, c.group_size == 0 ? m.k : c.group_size};
    try {
      models::check_shape(s.k, s.n, s.weight_bits, s.group_size);
      models::UniformMatrix w =
          c.format == PackedFormat::gptq ? gptq(module, s, c.zero_bias) : awq(module, s);
      require_no_bias(module, m.n);
      const auto order = rows_of(m.id);
      if (!order.empty()) {
        take_rows(w.q, order, w.k);
        for (std::uint32_t g = 0; g < w.groups(); ++g) {
          take_group(w.scale, order, std::size_t{g} * w.n);
          take_group(w.zero, order, std::size_t{g} * w.n);
        }
      }
      return import_uniform(std::move(w), scales);
    } catch (const spec::SpecError& e) {
      throw config::InputError(tensors_.file_of(module + ".qweight"), module + ": " + e.what());
    }
  }

  template <class Value>
  static void take_group(std::vector<Value>& values, const std::vector<std::uint32_t>& order,
                         std::size_t begin) {
    std::vector<Value> row(values.begin() + static_cast<std::ptrdiff_t>(begin),
                           values.begin() + static_cast<std::ptrdiff_t>(begin + order.size()));
    take_rows(row, order, 1);
    std::copy(row.begin(), row.end(), values.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  models::UniformMatrix gptq(const std::string& module, const PackedShape& s, std::int32_t bias) {
    require_whole_words(s.k, s.weight_bits, "K");
    require_whole_words(s.n, s.weight_bits, "N");
    GptqTensors t;
    t.qweight = tensors_.integers(module + ".qweight", {s.k * s.weight_bits / 32, s.n});
    t.qzeros = tensors_.integers(module + ".qzeros", {s.groups(), s.n * s.weight_bits / 32});
    t.scales = tensors_.halves(module + ".scales", {s.groups(), s.n});
    if (tensors_.has(module + ".g_idx")) t.g_idx = tensors_.integers(module + ".g_idx", {s.k});
    return unpack_gptq(s, t, bias);
  }

  models::UniformMatrix awq(const std::string& module, const PackedShape& s) {
    require_whole_words(s.n, s.weight_bits, "N");
    AwqTensors t;
    t.qweight = tensors_.integers(module + ".qweight", {s.k, s.n / 8});
    t.qzeros = tensors_.integers(module + ".qzeros", {s.groups(), s.n / 8});
    t.scales = tensors_.halves(module + ".scales", {s.groups(), s.n});
    return unpack_awq(s, t);
  }

  /// AutoGPTQ writes biases of zeros.
  void require_no_bias(const std::string& module, std::uint32_t n) {
    if (!tensors_.has(module + ".bias")) return;
    const std::vector<float> bias = tensors_.floats(module + ".bias", {n});
    if (std::any_of(bias.begin(), bias.end(), [](float b) { return b != 0; })) {
      throw spec::SpecError("has a bias, which the decoder does not compute");
    }
  }

  TensorFolder& tensors_;
  const LlamaConfig& config_;
  const ModelShape& shape_;
};

}  // namespace

std::vector<std::uint32_t> rotary_rows(std::uint32_t heads, std::uint32_t head_dim) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t head = 0; head < heads; ++head) {
    for (std::uint32_t i = 0; i < head_dim / 2; ++i) {
      order.push_back(head * head_dim + i);
      order.push_back(head * head_dim + head_dim / 2 + i);
    }
  }
  return order;
}

LlamaFolder read_llama_folder(const std::filesystem::path& folder) {
  const LlamaConfig config = read_llama_config(folder);
  TensorFolder tensors(folder);
  refuse_other_tensors(tensors, config);
  Loader loader(tensors, config);
  LlamaFolder result;
  result.format = "safetensors";
  if (!config.packed) {
    result.weights = loader.weights();
    return result;
  }
  result.format += config.packed->format == PackedFormat::gptq ? "/gptq" : "/awq";
  try {
    result.quantized = loader.quantized(result.scales);
    models::validate(*result.quantized);
  } catch (const spec::SpecError& e) {
    throw config::InputError(folder.string(), e.what());
  }
  return result;
}

}  // namespace lutsim::workloads
