// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/transformer/model_weights.h"

namespace lutsim::models {

/// Sets the share `sparsity` of the weights of each decoder matrix that is least in magnitude to 0
/// (magnitude_mask()). Throws spec::SpecError unless 0 <= sparsity < 1.
void prune(ModelWeights& weights, double sparsity);

}  // namespace lutsim::models
