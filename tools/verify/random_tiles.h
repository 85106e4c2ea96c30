// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/spec/arch_spec.h"
#include "sim/matrix/matrix_tile.h"
#include "tools/verify/random_values.h"

namespace lutsim::tools {

/// What RandomTiles may draw.
struct TileLimits {
  std::uint32_t max_segments = 4;  ///< roughly: K is up to so many times lanes_k
  std::uint32_t max_beats = 16;    ///< and at most psum_depth
  bool special_values = true;      ///< infinities, NaNs, subnormals, zeros among the activations
};

/// The shape of a matmul and of the tiles that compute a block of its outputs.
struct TileShape {
  bool lut_broadcast = false;
  std::uint32_t m_begin = 0, rows = 1;            ///< rows of X that the tiles take; 1 if broadcast
  std::uint32_t n_begin = 0, n_count = 1, n = 1;  ///< features that they take, of n
  std::uint32_t k = 1, group_size = 1;
  std::uint32_t planes = 1;
  bool has_offset = false;
  /// Segments of each tile, the last takes the rest; empty: one tile takes all.
  std::vector<std::uint32_t> tile_segments = {};
};

/// A matmul and the tiles that compute one block of its outputs: one tile, or several along K whose
/// partial sums stay in the unit.
class RandomTiles {
 public:
  /// Draws the shape and the values.
  RandomTiles(const spec::MatrixSpec& spec, Random& random, const TileLimits& limits = {});
  /// Draws the values; integer weights change `shape` to what they can be. `non_finite`: every row
  /// holds an infinity or a NaN.
  RandomTiles(const spec::MatrixSpec& spec, Random& random, const TileShape& shape,
              bool special_values, bool non_finite = false);

  /// They point into this object.
  std::vector<sim::MatrixTile> tiles() const;

 private:
  /// `shape` is legal.
  RandomTiles(const spec::MatrixSpec& spec, Random& random, bool special_values, bool non_finite,
              const TileShape& shape);

  models::BcqMatrix weights_;
  std::vector<float> activations_;
  std::vector<sim::MatrixWork> works_;
};

}  // namespace lutsim::tools
