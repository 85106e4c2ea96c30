// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <random>
#include <vector>

#include "models/transformer/decoder_matrix.h"
#include "models/transformer/model_weights.h"

namespace lutsim::test {

/// Uniform numbers in [-scale, scale) that are the same on every machine.
class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : generator_(seed) {}
  float next(float scale = 1.0f) {
    const auto steps = static_cast<std::int32_t>(generator_() >> 40) - (1 << 23);
    return static_cast<float>(steps) * 0x1p-23f * scale;
  }
  std::vector<float> vector(std::size_t count, float scale = 1.0f) {
    std::vector<float> values(count);
    for (float& v : values) v = next(scale);
    return values;
  }

 private:
  std::mt19937_64 generator_;
};

/// Sizes that divide nothing: k is no multiple of a group, heads are shared, the vocabulary is odd.
inline models::ModelShape random_shape() {
  models::ModelShape shape;
  shape.name = "random";
  shape.layers = 2;
  shape.hidden = 36;
  shape.heads = 6;
  shape.kv_heads = 2;
  shape.head_dim = 6;
  shape.ffn = 50;
  shape.vocab = 271;
  shape.max_context = 40;
  shape.tied_embedding = true;
  return shape;
}

inline models::ModelWeights random_model(const models::ModelShape& shape = random_shape(),
                                         std::uint64_t seed = 1) {
  RandomValues random(seed);
  const auto matrix = [&](std::uint32_t n, std::uint32_t k) {
    return models::DenseMatrix{n, k, random.vector(std::size_t{n} * k, 0.3f)};
  };
  const auto norm = [&] {
    std::vector<float> values = random.vector(shape.hidden, 0.25f);
    for (float& v : values) v += 1.0f;
    return values;
  };
  models::ModelWeights model;
  model.shape = shape;
  model.embedding = matrix(shape.vocab, shape.hidden);
  for (std::uint32_t l = 0; l < shape.layers; ++l) {
    models::LayerWeights layer;
    layer.attention_norm = norm();
    layer.ffn_norm = norm();
    for (const auto& m : decoder_matrices(shape)) matrix_of(layer, m.id) = matrix(m.n, m.k);
    model.layers.push_back(layer);
  }
  model.final_norm = norm();
  if (!shape.tied_embedding) model.output = matrix(shape.vocab, shape.hidden);
  return model;
}

inline std::vector<std::uint32_t> random_tokens(std::uint32_t vocab, std::size_t count,
                                                std::uint64_t seed = 1) {
  std::mt19937_64 generator(seed);
  std::vector<std::uint32_t> tokens(count);
  for (auto& token : tokens) token = static_cast<std::uint32_t>(generator() % vocab);
  return tokens;
}

}  // namespace lutsim::test
