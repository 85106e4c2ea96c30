// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/spec/arch_spec.h"
#include "sim/matrix/matrix_tile.h"
#include "tools/verify/random_values.h"

namespace lutsim::tools {

/// What random_tiles() may draw.
struct TileLimits {
  std::uint32_t max_segments = 4;  ///< roughly: K is up to so many times lanes_k
  std::uint32_t max_beats = 16;    ///< and at most psum_depth
  bool special_values = true;      ///< infinities, NaNs, subnormals, zeros among the activations
};

/// A matmul and the tiles that compute one block of its outputs: one tile, or several along K whose
/// partial sums stay in the unit.
class RandomTiles {
 public:
  RandomTiles(const spec::MatrixSpec& spec, Random& random, const TileLimits& limits = {});

  /// They point into this object.
  std::vector<sim::MatrixTile> tiles() const;

 private:
  models::BcqMatrix weights_;
  std::vector<float> activations_;
  std::vector<sim::MatrixWork> works_;
};

}  // namespace lutsim::tools
