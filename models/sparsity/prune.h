// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

#include "models/sparsity/xor_stream.h"

namespace lutsim::models {

/// Magnitude pruning without structure: mask 0 for the floor(sparsity * count) weights of least
/// magnitude, 1 for the others. Of equal magnitudes the earlier ones go first. Throws
/// spec::SpecError unless 0 <= sparsity < 1.
BitVector magnitude_mask(const float* weights, std::size_t count, double sparsity);

}  // namespace lutsim::models
