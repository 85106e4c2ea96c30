// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/adapter/scale_adapter.h"
#include "models/numerics/float_format.h"
#include "tests/models/transformer/random_model.h"

/// Small models and adapters for tests.
namespace lutsim::test {

inline models::QuantizedModel small_quantized(models::QuantizationMethod method,
                                              const models::ModelShape& shape = random_shape()) {
  models::QuantizationRecipe recipe;
  recipe.method = method;
  recipe.weight_bits = 3;
  recipe.group_size = 16;
  return quantize(random_model(shape), recipe);
}

/// Every scale twice what it was.
inline models::ScaleAdapter doubling_adapter(const models::QuantizedModel& base) {
  models::ScaleAdapter adapter;
  adapter.name = "double";
  adapter.base = base_fingerprint(base);
  adapter.steps_done = 7;
  adapter.documents = {5, (std::uint64_t{1} << 53) - 1};
  for (const auto& layer : base.layers) {
    models::AdapterLayer scales;
    for (const models::DecoderMatrix id : models::kDecoderMatrices) {
      matrix_of(scales, id) = models::scales_of(matrix_of(layer, id));
      for (std::uint16_t& alpha : matrix_of(scales, id).alpha) {
        alpha = models::fp16_bits(2 * models::fp16_from_bits(alpha));
      }
    }
    adapter.layers.push_back(scales);
  }
  return adapter;
}

}  // namespace lutsim::test
