// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/gguf.h"

#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "models/config/diagnostics.h"
#include "models/transformer/decoder_matrix.h"
#include "workloads/checkpoint/gguf_file.h"
#include "workloads/checkpoint/llama_tokenizer.h"
#include "workloads/checkpoint/shape_check.h"

namespace lutsim::workloads {
namespace {

using models::DecoderMatrix;
using models::DenseMatrix;
using models::ModelShape;
using models::ModelWeights;

constexpr const char* kEmbedding = "token_embd.weight";
constexpr const char* kOutput = "output.weight";
constexpr const char* kFinalNorm = "output_norm.weight";

/// Name of a tensor after "blk.{i}.".
std::string block_tensor(DecoderMatrix id) {
  switch (id) {
    case DecoderMatrix::wq:
      return "attn_q.weight";
    case DecoderMatrix::wk:
      return "attn_k.weight";
    case DecoderMatrix::wv:
      return "attn_v.weight";
    case DecoderMatrix::wo:
      return "attn_output.weight";
    case DecoderMatrix::w_gate:
      return "ffn_gate.weight";
    case DecoderMatrix::w_up:
      return "ffn_up.weight";
    case DecoderMatrix::w_down:
      break;
  }
  return "ffn_down.weight";
}

void require_text(const GgufFile& gguf, const std::string& key, const std::string& expected) {
  const std::string found = gguf.text(key);
  if (found != expected) {
    gguf.fail(gguf.offset_of(key), key + " = '" + expected + "'", "'" + found + "'");
  }
}

std::uint32_t dimension(const GgufFile& gguf, const std::string& key) {
  const std::uint64_t value = gguf.unsigned_integer(key);
  if (value < 1 || value > UINT32_MAX) {
    gguf.fail(gguf.offset_of(key), key + " of 1 or more", std::to_string(value));
  }
  return static_cast<std::uint32_t>(value);
}

ModelShape read_shape(const GgufFile& gguf, const std::string& path) {
  require_text(gguf, "general.architecture", "llama");
  ModelShape s;
  // The file's own name: the converter of llama2.c models calls every model "llama".
  s.name = std::filesystem::path(path).stem().string();
  s.layers = dimension(gguf, "llama.block_count");
  s.hidden = dimension(gguf, "llama.embedding_length");
  s.ffn = dimension(gguf, "llama.feed_forward_length");
  s.heads = dimension(gguf, "llama.attention.head_count");
  s.kv_heads = gguf.has("llama.attention.head_count_kv")
                   ? dimension(gguf, "llama.attention.head_count_kv")
                   : s.heads;
  s.max_context = dimension(gguf, "llama.context_length");
  s.head_dim = gguf.has("llama.attention.key_length")
                   ? dimension(gguf, "llama.attention.key_length")
                   : s.hidden / s.heads;
  s.norm_epsilon = gguf.real("llama.attention.layer_norm_rms_epsilon");
  if (gguf.has("llama.rope.freq_base")) s.rope_base = gguf.real("llama.rope.freq_base");
  s.vocab =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(gguf.rows_of(kEmbedding), UINT32_MAX));
  const std::string error = shape_error(s);
  if (!error.empty()) {
    gguf.fail(gguf.directory_end(), "the shape of a Llama decoder in the metadata", error);
  }
  for (const char* key : {"llama.rope.dimension_count", "llama.attention.value_length"}) {
    if (gguf.has(key) && gguf.unsigned_integer(key) != s.head_dim) {
      gguf.fail(gguf.offset_of(key), std::string(key) + " = " + std::to_string(s.head_dim),
                std::to_string(gguf.unsigned_integer(key)));
    }
  }
  if (gguf.has("llama.rope.scaling.type")) require_text(gguf, "llama.rope.scaling.type", "none");
  return s;
}

/// A tensor that the decoder does not know would change what the model computes.
void refuse_other_tensors(const GgufFile& gguf, const ModelShape& s) {
  std::set<std::string> known{kEmbedding, kOutput, kFinalNorm};
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    const std::string block = "blk." + std::to_string(l) + ".";
    known.insert(block + "attn_norm.weight");
    known.insert(block + "ffn_norm.weight");
    for (const auto& m : decoder_matrices(s)) known.insert(block + block_tensor(m.id));
  }
  for (const std::string& name : gguf.tensor_names()) {
    if (known.count(name) == 0) {
      gguf.fail(gguf.directory_end(), "the tensors of a Llama decoder without biases",
                "'" + name + "'");
    }
  }
}

ModelWeights read_weights(const GgufFile& gguf, const std::string& path) {
  ModelWeights model;
  model.shape = read_shape(gguf, path);
  ModelShape& s = model.shape;
  refuse_other_tensors(gguf, s);
  const auto matrix = [&](const std::string& name, std::uint32_t n, std::uint32_t k) {
    return DenseMatrix{n, k, gguf.tensor(name, n, k)};
  };
  model.embedding = matrix(kEmbedding, s.vocab, s.hidden);
  model.final_norm = gguf.tensor(kFinalNorm, 1, s.hidden);
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    const std::string block = "blk." + std::to_string(l) + ".";
    models::LayerWeights layer;
    layer.attention_norm = gguf.tensor(block + "attn_norm.weight", 1, s.hidden);
    layer.ffn_norm = gguf.tensor(block + "ffn_norm.weight", 1, s.hidden);
    for (const auto& m : decoder_matrices(s)) {
      matrix_of(layer, m.id) = matrix(block + block_tensor(m.id), m.n, m.k);
    }
    model.layers.push_back(std::move(layer));
  }
  s.tied_embedding = !gguf.has_tensor(kOutput);
  if (!s.tied_embedding) {
    model.output = matrix(kOutput, s.vocab, s.hidden);
    // Converters write a tied table twice.
    if (model.output.values == model.embedding.values) {
      s.tied_embedding = true;
      model.output = {};
    }
  }
  return model;
}

/// Everything but the decoder's matrices as quantize() makes it. Nothing when one of them is in
/// floating point.
std::optional<models::QuantizedModel> read_quantized(const GgufFile& gguf,
                                                     const ModelWeights& weights,
                                                     ImportedScales& scales) {
  const ModelShape& s = weights.shape;
  models::QuantizedModel model;
  model.shape = s;
  model.recipe.method = models::QuantizationMethod::imported;
  model.recipe.group_size = kGgufBlock;
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    models::QuantizedLayer layer;
    layer.attention_norm = weights.layers[l].attention_norm;
    layer.ffn_norm = weights.layers[l].ffn_norm;
    for (const auto& m : decoder_matrices(s)) {
      const std::string name = "blk." + std::to_string(l) + "." + block_tensor(m.id);
      if (!gguf.is_quantized(name)) return std::nullopt;
      models::BcqMatrix& matrix = matrix_of(layer, m.id);
      matrix = to_bcq(gguf.blocks(name, m.n, m.k), m.n, m.k, scales);
      model.recipe.weight_bits = matrix.weight_bits;
    }
    model.layers.push_back(std::move(layer));
  }
  model.embedding = to_fp16(weights.embedding, "embedding.weight");
  if (!s.tied_embedding) model.output = to_fp16(weights.output, "lm_head.weight");
  model.final_norm = weights.final_norm;
  return model;
}

Tokenizer read_tokenizer(const GgufFile& gguf, const std::string& path, std::uint32_t vocab) {
  require_text(gguf, "tokenizer.ggml.model", "llama");
  std::vector<std::string> pieces;
  for (const std::string& piece : gguf.texts("tokenizer.ggml.tokens")) {
    pieces.push_back(with_plain_spaces(piece));
  }
  if (pieces.size() != vocab) {
    gguf.fail(gguf.offset_of("tokenizer.ggml.tokens"),
              std::to_string(vocab) + " tokens, the rows of '" + kEmbedding + "'",
              std::to_string(pieces.size()));
  }
  const std::vector<double>& scores = gguf.reals("tokenizer.ggml.scores");
  const auto require_token = [&](const char* key, std::uint32_t token) {
    if (gguf.has(key) && gguf.unsigned_integer(key) != token) {
      gguf.fail(gguf.offset_of(key), std::string(key) + " = " + std::to_string(token),
                std::to_string(gguf.unsigned_integer(key)));
    }
  };
  require_token("tokenizer.ggml.bos_token_id", Tokenizer::kBos);
  require_token("tokenizer.ggml.eos_token_id", Tokenizer::kEos);
  try {
    return {std::move(pieces), std::vector<float>(scores.begin(), scores.end())};
  } catch (const std::invalid_argument& e) {
    throw config::InputError(path, e.what());
  }
}

}  // namespace

GgufModel read_gguf(ByteReader& file) {
  const GgufFile gguf(file);
  GgufModel model;
  model.weights = read_weights(gguf, file.path());
  try {
    model.quantized = read_quantized(gguf, model.weights, model.scales);
  } catch (const spec::SpecError& e) {
    throw config::InputError(file.path(), e.what());
  }
  model.tokenizer = read_tokenizer(gguf, file.path(), model.weights.shape.vocab);
  return model;
}

}  // namespace lutsim::workloads
