// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/llama2c.h"

#include <cmath>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "models/config/diagnostics.h"
#include "models/transformer/decoder_matrix.h"
#include "workloads/checkpoint/shape_check.h"

namespace lutsim::workloads {
namespace {

using models::DecoderMatrix;
using models::DenseMatrix;
using models::LayerWeights;
using models::ModelShape;
using models::ModelWeights;

constexpr std::uint32_t kV2HeaderBytes = 256;
constexpr std::int32_t kQ8Zero = 128;  ///< code of weight 0 when int8 values become codes 0..255

/// Version 0 has no magic: whatever is no other format is taken for it.
constexpr const char* kHint =
    "a file without the magic of GGUF or lutsim.bcq is read as a llama2.c checkpoint";

/// The seven integers that all versions share. Version 0 tells an untied output matrix by a
/// negative vocabulary.
ModelShape read_shape(ByteReader& file) {
  constexpr const char* kNames[] = {"dim",        "hidden_dim", "n_layers",   "n_heads",
                                    "n_kv_heads", "vocab_size", "max_seq_len"};
  std::int32_t value[7];
  for (int i = 0; i < 7; ++i) {
    const std::uint64_t offset = file.offset();
    value[i] = file.number<std::int32_t>(kNames[i]);
    const bool may_be_negative = i == 5;
    if (value[i] == 0 || value[i] == INT32_MIN || (value[i] < 0 && !may_be_negative)) {
      file.fail(offset, std::string("a positive ") + kNames[i], std::to_string(value[i]), kHint);
    }
  }
  ModelShape shape;
  shape.name = std::filesystem::path(file.path()).stem().string();
  shape.hidden = static_cast<std::uint32_t>(value[0]);
  shape.ffn = static_cast<std::uint32_t>(value[1]);
  shape.layers = static_cast<std::uint32_t>(value[2]);
  shape.heads = static_cast<std::uint32_t>(value[3]);
  shape.kv_heads = static_cast<std::uint32_t>(value[4]);
  shape.vocab = static_cast<std::uint32_t>(std::abs(value[5]));
  shape.max_context = static_cast<std::uint32_t>(value[6]);
  shape.tied_embedding = value[5] > 0;
  if (shape.hidden % shape.heads != 0) {
    file.fail(file.offset() - sizeof value, "dim a multiple of n_heads",
              std::to_string(shape.hidden) + " and " + std::to_string(shape.heads), kHint);
  }
  shape.head_dim = shape.hidden / shape.heads;
  const std::string error = shape_error(shape);
  if (!error.empty()) {
    file.fail(file.offset() - sizeof value, "the shape of a Llama decoder", error, kHint);
  }
  return shape;
}

/// Elements of all decoder matrices of one layer.
std::uint64_t decoder_elements(const ModelShape& shape) {
  std::uint64_t elements = 0;
  for (const auto& m : decoder_matrices(shape)) elements += std::uint64_t{m.n} * m.k;
  return elements;
}

void require_file_bytes(const ByteReader& file, std::uint64_t expected) {
  if (file.size() != expected) {
    file.fail(std::min(file.size(), expected),
              "a file of " + std::to_string(expected) + " bytes by the shape in its header",
              std::to_string(file.size()) + " bytes");
  }
}

/// Calls read(layer, its index, matrix) in the order of versions 0 and 2, which store one kind of
/// matrix for all layers, then the next: wq, wk, wv, wo.
template <class Read>
void read_matrices(ModelWeights& model, std::initializer_list<DecoderMatrix> ids,
                   const Read& read) {
  for (const DecoderMatrix id : ids) {
    for (std::size_t l = 0; l < model.layers.size(); ++l) {
      for (const auto& m : decoder_matrices(model.shape)) {
        if (m.id == id) read(model.layers[l], l, m);
      }
    }
  }
}

constexpr auto kAttentionMatrices = {DecoderMatrix::wq, DecoderMatrix::wk, DecoderMatrix::wv,
                                     DecoderMatrix::wo};
/// llama2.c's w1, w2, w3.
constexpr auto kFfnMatrices = {DecoderMatrix::w_gate, DecoderMatrix::w_down, DecoderMatrix::w_up};

/// A matrix in integers; rows lie one after another, groups run on across their ends.
struct Q8Matrix {
  std::uint32_t n = 0, k = 0, group_size = 0;
  std::vector<std::int8_t> values;  ///< [n][k]
  std::vector<float> scales;        ///< of values [i * group_size, (i + 1) * group_size)

  float scale_of(std::uint64_t index) const { return scales[index / group_size]; }
};

Q8Matrix read_q8_matrix(ByteReader& file, std::uint32_t group_size, std::uint32_t n,
                        std::uint32_t k, const char* name) {
  const std::uint64_t count = std::uint64_t{n} * k;
  if (count % group_size != 0) {
    file.fail(file.offset(),
              std::string(name) + " in whole groups of " + std::to_string(group_size),
              std::to_string(count) + " weights");
  }
  Q8Matrix matrix{n, k, group_size, file.numbers<std::int8_t>(count, name), {}};
  matrix.scales = file.finite_floats(count / group_size, name);
  return matrix;
}

DenseMatrix widen(const Q8Matrix& q8) {
  DenseMatrix matrix{q8.n, q8.k, std::vector<float>(q8.values.size())};
  for (std::size_t i = 0; i < q8.values.size(); ++i) {
    matrix.values[i] = static_cast<float>(q8.values[i]) * q8.scale_of(i);
  }
  return matrix;
}

models::BcqMatrix to_bcq(const Q8Matrix& q8, ImportedScales& counts) {
  models::UniformMatrix m{q8.k, q8.n, 8, std::gcd(q8.k, q8.group_size), {}, {}, {}};
  m.scale.resize(std::size_t{m.groups()} * q8.n);
  m.zero.assign(m.scale.size(), kQ8Zero);
  for (std::uint32_t row = 0; row < q8.n; ++row) {
    for (std::uint32_t g = 0; g < m.groups(); ++g) {
      const float scale = q8.scale_of(std::uint64_t{row} * q8.k + std::uint64_t{g} * m.group_size);
      m.scale[std::size_t{g} * q8.n + row] = imported_scale(scale, counts);
    }
  }
  m.q.reserve(q8.values.size());
  for (const std::int8_t value : q8.values) {
    m.q.push_back(static_cast<std::uint8_t>(value + kQ8Zero));
  }
  return models::to_bcq(m);
}

}  // namespace

ModelWeights read_llama2c_v0(ByteReader& file) {
  ModelWeights model;
  model.shape = read_shape(file);
  const ModelShape& s = model.shape;
  const std::uint64_t embedding = std::uint64_t{s.vocab} * s.hidden;
  const std::uint64_t rope = std::uint64_t{s.max_context} * s.head_dim;  // two tables of half
  const std::uint64_t norms = (2ull * s.layers + 1) * s.hidden;
  const std::uint64_t floats =
      embedding * (s.tied_embedding ? 1 : 2) + norms + s.layers * decoder_elements(s) + rope;
  require_file_bytes(file, file.offset() + floats * sizeof(float));

  const auto read = [&](std::uint32_t n, std::uint32_t k, const char* name) {
    return DenseMatrix{n, k, file.finite_floats(std::uint64_t{n} * k, name)};
  };
  const auto read_into = [&](LayerWeights& layer, std::size_t, const models::DecoderMatrixInfo& m) {
    matrix_of(layer, m.id) = read(m.n, m.k, m.tensor);
  };
  model.layers.resize(s.layers);
  model.embedding = read(s.vocab, s.hidden, "token_embedding_table");
  for (LayerWeights& layer : model.layers) {
    layer.attention_norm = file.finite_floats(s.hidden, "rms_att_weight");
  }
  read_matrices(model, kAttentionMatrices, read_into);
  for (LayerWeights& layer : model.layers) {
    layer.ffn_norm = file.finite_floats(s.hidden, "rms_ffn_weight");
  }
  read_matrices(model, kFfnMatrices, read_into);
  model.final_norm = file.finite_floats(s.hidden, "rms_final_weight");
  file.bytes(rope * sizeof(float), "freq_cis");
  if (!s.tied_embedding) model.output = read(s.vocab, s.hidden, "wcls");
  return model;
}

Llama2cQ8 read_llama2c_v2(ByteReader& file) {
  file.number<std::uint32_t>("magic");
  const std::uint64_t version_offset = file.offset();
  const auto version = file.number<std::int32_t>("version");
  if (version != 2) {
    file.fail(version_offset, "llama2.c version 2 (Q8_0)", std::to_string(version),
              "versions 0 (FP32) and 2 (Q8_0) can be read; export the model again");
  }
  Llama2cQ8 result;
  ModelWeights& model = result.weights;
  model.shape = read_shape(file);
  ModelShape& s = model.shape;
  const std::uint64_t tied_offset = file.offset();
  const auto tied = file.number<std::uint8_t>("shared_classifier");
  if (tied > 1) file.fail(tied_offset, "shared_classifier 0 or 1", std::to_string(tied));
  s.tied_embedding = tied == 1;
  const std::uint64_t group_offset = file.offset();
  const auto group_size = file.number<std::int32_t>("group_size");
  if (group_size < 1 || static_cast<std::uint32_t>(group_size) > s.hidden) {
    file.fail(group_offset, "a group size of 1.." + std::to_string(s.hidden),
              std::to_string(group_size));
  }
  const std::uint64_t norms = (2ull * s.layers + 1) * s.hidden;
  const std::uint64_t elements = std::uint64_t{s.vocab} * s.hidden * (s.tied_embedding ? 1 : 2) +
                                 s.layers * decoder_elements(s);
  require_file_bytes(file,
                     kV2HeaderBytes + (norms + elements / group_size) * sizeof(float) + elements);

  const auto read_q8 = [&](std::uint32_t n, std::uint32_t k, const char* name) {
    return read_q8_matrix(file, static_cast<std::uint32_t>(group_size), n, k, name);
  };
  file.seek(kV2HeaderBytes);
  model.layers.resize(s.layers);
  models::QuantizedModel& quantized = result.quantized;
  quantized.layers.resize(s.layers);
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    model.layers[l].attention_norm = file.finite_floats(s.hidden, "rms_att_weight");
    quantized.layers[l].attention_norm = model.layers[l].attention_norm;
  }
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    model.layers[l].ffn_norm = file.finite_floats(s.hidden, "rms_ffn_weight");
    quantized.layers[l].ffn_norm = model.layers[l].ffn_norm;
  }
  model.final_norm = file.finite_floats(s.hidden, "rms_final_weight");
  model.embedding = widen(read_q8(s.vocab, s.hidden, "token_embedding_table"));
  try {
    for (const auto& ids : {kAttentionMatrices, kFfnMatrices}) {
      read_matrices(model, ids,
                    [&](LayerWeights& layer, std::size_t l, const models::DecoderMatrixInfo& m) {
                      const Q8Matrix q8 = read_q8(m.n, m.k, m.tensor);
                      matrix_of(layer, m.id) = widen(q8);
                      matrix_of(quantized.layers[l], m.id) = to_bcq(q8, result.scales);
                    });
    }
    if (!s.tied_embedding) model.output = widen(read_q8(s.vocab, s.hidden, "wcls"));
    quantized.embedding = to_fp16(model.embedding, "token_embedding_table");
    if (!s.tied_embedding) quantized.output = to_fp16(model.output, "wcls");
  } catch (const spec::SpecError& e) {
    throw config::InputError(file.path(), e.what());
  }
  quantized.shape = s;
  quantized.final_norm = model.final_norm;
  quantized.recipe.method = models::QuantizationMethod::imported;
  quantized.recipe.weight_bits = 8;
  quantized.recipe.group_size = static_cast<std::uint32_t>(group_size);
  return result;
}

Tokenizer read_llama2c_tokenizer(const std::filesystem::path& path, std::uint32_t vocab) {
  ByteReader file(path);
  const auto longest = file.number<std::int32_t>("max_token_length");
  if (longest < 1 || longest > 1 << 16) {
    file.fail(0, "max_token_length 1..65536", std::to_string(longest),
              "the file is not a llama2.c tokenizer");
  }
  std::vector<std::string> pieces;
  std::vector<float> scores;
  for (std::uint32_t id = 0; id < vocab; ++id) {
    const std::string name = "token " + std::to_string(id) + " of " + std::to_string(vocab);
    scores.push_back(file.finite_floats(1, "the score of " + name)[0]);
    const std::uint64_t length_offset = file.offset();
    const auto length = file.number<std::int32_t>("the length of " + name);
    if (length < 1 || length > longest) {
      file.fail(length_offset, "a length of 1.." + std::to_string(longest) + " for " + name,
                std::to_string(length));
    }
    pieces.push_back(file.text(static_cast<std::uint64_t>(length), name));
  }
  if (file.remaining() > 0) {
    file.fail(file.offset(), "the end of the file after " + std::to_string(vocab) + " tokens",
              std::to_string(file.remaining()) + " bytes more",
              "the tokenizer belongs to a model with a larger vocabulary");
  }
  try {
    return {std::move(pieces), std::move(scores)};
  } catch (const std::invalid_argument& e) {
    throw config::InputError(file.path(), e.what());
  }
}

}  // namespace lutsim::workloads
