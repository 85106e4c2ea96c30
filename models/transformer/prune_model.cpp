// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/prune_model.h"

#include "models/sparsity/prune.h"
#include "models/transformer/decoder_matrix.h"

namespace lutsim::models {

void prune(ModelWeights& weights, double sparsity) {
  for (LayerWeights& layer : weights.layers) {
    for (const DecoderMatrixInfo& m : decoder_matrices(weights.shape)) {
      std::vector<float>& values = matrix_of(layer, m.id).values;
      const BitVector mask = magnitude_mask(values.data(), values.size(), sparsity);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (mask[i] == 0) values[i] = 0.0f;
      }
    }
  }
}

}  // namespace lutsim::models
