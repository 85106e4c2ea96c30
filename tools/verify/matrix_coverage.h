// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "models/spec/arch_spec.h"
#include "sim/matrix/matrix_tile.h"
#include "sim/rtl_bridge/matrix_stream.h"
#include "tools/verify/block_check.h"
#include "tools/verify/random_tiles.h"

/// What a complete check of the matrix unit has met, and the tiles that are sure to meet it.
namespace lutsim::tools {

/// Only what the engine can meet: LUT-broadcast needs LUTs, integer weights always have offsets.
void declare_matrix_bins(Comparison& comparison, const spec::MatrixSpec& spec);

/// Hits the bins of a sequence of tiles and of its results.
void note_tiles(Comparison& comparison, const spec::MatrixSpec& spec,
                const std::vector<sim::MatrixTile>& tiles, const std::vector<float>& results);
/// Hits the bins of the handshakes.
void note_stream(Comparison& comparison, const spec::MatrixSpec& spec, const rtl::Pacing& pacing,
                 const rtl::StreamOutcome& outcome);

/// A directed matmul.
struct CornerTiles {
  TileShape shape;
  bool special_values = false;
  bool non_finite = false;
};

/// Every number of planes with and without offset, remainders of K and N, segments of one element,
/// groups that end inside the array, tiles that keep partial sums, one beat and psum_depth beats,
/// NaN; all of it in every dataflow that the engine has.
std::vector<CornerTiles> corner_tiles(const spec::MatrixSpec& spec);

}  // namespace lutsim::tools
