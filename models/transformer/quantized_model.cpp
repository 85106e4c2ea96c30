// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/quantized_model.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "models/bcq/quantize.h"
#include "models/numerics/float_format.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

BcqMatrix quantize(const DenseMatrix& w, const QuantizationRecipe& recipe, std::uint32_t bits) {
  const std::uint32_t group = recipe.group_of(w.k);
  if (recipe.method == QuantizationMethod::imported) {
    throw spec::SpecError("method imported: names weights that another program has quantised");
  }
  if (recipe.method == QuantizationMethod::rtn) {
    return quantize_rtn(w.values.data(), w.n, w.k, bits, group);
  }
  return quantize_bcq(w.values.data(), w.n, w.k, bits, group, recipe.rounds);
}

DenseMatrix widen(const Fp16Matrix& matrix) {
  DenseMatrix wide{matrix.n, matrix.k, {}};
  wide.values.reserve(matrix.values.size());
  for (std::uint32_t row = 0; row < matrix.n; ++row) {
    for (std::uint32_t col = 0; col < matrix.k; ++col) wide.values.push_back(matrix.at(row, col));
  }
  return wide;
}

void require(bool condition, const std::string& tensor, const std::string& message) {
  if (!condition) throw spec::SpecError(tensor + ": " + message);
}

void require_vector(const std::vector<float>& values, std::uint32_t length,
                    const std::string& tensor) {
  require(values.size() == length, tensor,
          "expected " + std::to_string(length) + " values, found " + std::to_string(values.size()));
  require(std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }),
          tensor, "holds a value that is not finite");
}

void require_fp16(const Fp16Matrix& matrix, std::uint32_t n, std::uint32_t k,
                  const std::string& tensor) {
  require(matrix.n == n && matrix.k == k, tensor,
          "expected " + std::to_string(n) + " x " + std::to_string(k) + ", found " +
              std::to_string(matrix.n) + " x " + std::to_string(matrix.k));
  require(matrix.values.size() == std::size_t{n} * k, tensor, "has a wrong number of values");
  require(std::all_of(matrix.values.begin(), matrix.values.end(),
                      [](float v) { return std::isfinite(v); }),
          tensor, "holds a value that is not finite");
}

}  // namespace

std::uint32_t default_group_size(const ModelShape& shape) {
  const std::uint32_t shortest = shortest_reduction(shape);
  for (const std::uint32_t size : {128u, 64u, 32u}) {
    if (size <= shortest) return size;
  }
  return shortest;
}

std::unordered_map<std::string, const BcqMatrix*> matrices_by_name(const QuantizedModel& model) {
  std::unordered_map<std::string, const BcqMatrix*> matrices;
  for (std::uint32_t l = 0; l < model.layers.size(); ++l) {
    for (const DecoderMatrixInfo& m : decoder_matrices(model.shape)) {
      matrices[layer_prefix(l) + m.tensor] = &matrix_of(model.layers[l], m.id);
    }
  }
  return matrices;
}

Fp16Matrix to_fp16(const DenseMatrix& matrix, const char* name) {
  Fp16Matrix half{matrix.n, matrix.k, std::vector<float>(matrix.values.size())};
  for (std::uint32_t row = 0; row < matrix.n; ++row) {
    for (std::uint32_t col = 0; col < matrix.k; ++col) {
      const float value = matrix.row(row)[col];
      const float rounded = fp16_from_bits(fp16_bits(value));
      if (!std::isfinite(rounded)) {
        throw spec::SpecError(std::string(name) + ": row " + std::to_string(row) + ", column " +
                              std::to_string(col) + " = " + std::to_string(value) +
                              " is not finite in FP16 (largest 65504)");
      }
      half.values[std::size_t{col} * matrix.n + row] = rounded;
    }
  }
  return half;
}

std::uint64_t fingerprint(const std::vector<std::uint32_t>& document) {
  std::uint64_t hash = 14695981039346656037u;
  for (const std::uint32_t token : document) hash = (hash ^ token) * 1099511628211u;
  return hash >> 11;
}

QuantizedModel quantize_layers(const ModelWeights& weights, const QuantizationRecipe& recipe,
                               const LayerQuantizer& quantize_layer) {
  if (!recipe.layer_bits.empty() && recipe.layer_bits.size() != weights.shape.layers) {
    throw spec::SpecError("layer_bits names " + std::to_string(recipe.layer_bits.size()) +
                          " layers, the model has " + std::to_string(weights.shape.layers));
  }
  QuantizedModel model;
  model.shape = weights.shape;
  model.recipe = recipe;
  model.embedding = to_fp16(weights.embedding, "embedding.weight");
  if (!weights.shape.tied_embedding) model.output = to_fp16(weights.output, "lm_head.weight");
  model.final_norm = weights.final_norm;
  for (std::uint32_t l = 0; l < weights.shape.layers; ++l) {
    QuantizedLayer layer;
    layer.attention_norm = weights.layers[l].attention_norm;
    layer.ffn_norm = weights.layers[l].ffn_norm;
    quantize_layer(l, layer);
    model.layers.push_back(std::move(layer));
  }
  return model;
}

QuantizedModel quantize(const ModelWeights& weights, const QuantizationRecipe& recipe) {
  if (recipe.needs_calibration()) {
    throw spec::SpecError("method " + spec::to_string_of(recipe.method) +
                          (recipe.weighted ? " with weighted scales" : "") +
                          " needs calibration text: lutsim quantize --calibration FILE");
  }
  return quantize_layers(weights, recipe, [&](std::uint32_t l, QuantizedLayer& layer) {
    for (const DecoderMatrixInfo& m : decoder_matrices(weights.shape)) {
      matrix_of(layer, m.id) =
          quantize(matrix_of(weights.layers[l], m.id), recipe, recipe.bits_of_layer(l));
    }
  });
}

DenseMatrix to_dense(const BcqMatrix& matrix) {
  DenseMatrix wide{matrix.n, matrix.k, std::vector<float>(std::size_t{matrix.n} * matrix.k)};
  for (std::uint32_t row = 0; row < matrix.n; ++row) {
    for (std::uint32_t col = 0; col < matrix.k; ++col) {
      const std::uint32_t input = matrix.input_order.empty() ? col : matrix.input_order[col];
      wide.values[std::size_t{row} * matrix.k + input] = matrix.weight(row, col);
    }
  }
  return wide;
}

ModelWeights dequantize(const QuantizedModel& model) {
  ModelWeights weights;
  weights.shape = model.shape;
  weights.embedding = widen(model.embedding);
  if (!model.shape.tied_embedding) weights.output = widen(model.output);
  weights.final_norm = model.final_norm;
  for (const QuantizedLayer& from : model.layers) {
    LayerWeights to;
    to.attention_norm = from.attention_norm;
    to.ffn_norm = from.ffn_norm;
    for (const DecoderMatrixInfo& m : decoder_matrices(model.shape)) {
      matrix_of(to, m.id) = to_dense(matrix_of(from, m.id));
    }
    weights.layers.push_back(std::move(to));
  }
  return weights;
}

void validate(const QuantizedModel& model) {
  const ModelShape& s = model.shape;
  require_fp16(model.embedding, s.vocab, s.hidden, "embedding.weight");
  if (!s.tied_embedding) require_fp16(model.output, s.vocab, s.hidden, "lm_head.weight");
  require_vector(model.final_norm, s.hidden, "final_norm.weight");
  require(
      model.layers.size() == s.layers, "layers",
      "expected " + std::to_string(s.layers) + ", found " + std::to_string(model.layers.size()));
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    const QuantizedLayer& layer = model.layers[l];
    const std::string prefix = layer_prefix(l);
    require_vector(layer.attention_norm, s.hidden, prefix + "attention_norm.weight");
    require_vector(layer.ffn_norm, s.hidden, prefix + "ffn_norm.weight");
    for (const DecoderMatrixInfo& m : decoder_matrices(s)) {
      const BcqMatrix& matrix = matrix_of(layer, m.id);
      require(matrix.n == m.n && matrix.k == m.k, prefix + m.tensor,
              "expected " + std::to_string(m.n) + " x " + std::to_string(m.k) + ", found " +
                  std::to_string(matrix.n) + " x " + std::to_string(matrix.k));
      try {
        validate(matrix);
      } catch (const spec::SpecError& e) {
        throw spec::SpecError(prefix + m.tensor + ": " + e.what());
      }
    }
  }
}

double average_weight_bits(const QuantizedModel& model) {
  double bits = 0.0;
  double weights = 0.0;
  for (const QuantizedLayer& layer : model.layers) {
    for (const DecoderMatrixInfo& m : decoder_matrices(model.shape)) {
      const double count = static_cast<double>(m.n) * m.k;
      bits += count * matrix_of(layer, m.id).weight_bits;
      weights += count;
    }
  }
  return bits / weights;
}

}  // namespace lutsim::models
