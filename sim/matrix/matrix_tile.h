// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/engine/engine.h"
#include "models/spec/arch_spec.h"
#include "sim/kernel/macro_command.h"
#include "sim/matrix/matrix_timing.h"

/// A tile of the matrix unit with its tensors. The golden tile below and the Verilated unit
/// (sim/rtl_bridge/matrix_driver.h) take the same tile and give the same results.
namespace lutsim::sim {

/// A MatrixWork with what it works on. weights->k, n, weight_bits, group_size and has_offset() are
/// those of `work`; the tensors outlive the tile's execution.
struct MatrixTile {
  MatrixWork work;
  const models::BcqMatrix* weights = nullptr;
  /// X[M,K], row-major; the tile reads rows [work.m_begin, work.m_begin + work.m_count).
  const float* activations = nullptr;
};

/// What the matrix unit made of a tile.
struct TileOutcome {
  /// Y[m_count][n_count], row-major; empty unless work.last.
  std::vector<float> y;
  /// From the first step to the last cycle in which the unit held a step: tile_cycles().
  std::uint64_t cycles = 0;
};

/// Throws spec::SpecError, naming the value and what is legal, if the unit cannot execute the tile:
/// the weights must have the shape of the work, the ranges must lie in it, a weight-stationary tile
/// has at most psum_depth rows and lanes_n features, a LUT-broadcast tile an engine with LUTs, one
/// row and at most psum_depth * lanes_n features. That the weights are uniform where the engine
/// needs it is not looked at again (models::require_weights).
void validate(const spec::MatrixSpec& spec, const MatrixTile& tile);

/// Output beats of one pass: rows, or blocks of lanes_n features.
std::uint32_t tile_beats(const spec::MatrixSpec& spec, const MatrixWork& work);

/// Segments of the tile, in order.
std::vector<models::KSegment> tile_segments(const spec::MatrixSpec& spec, const MatrixWork& work);

/// Adds the segment commands of the tile, the last of them its own last.
void add_tile(const spec::MatrixSpec& spec, const MatrixWork& work, PipelineClock& clock);

/// Cycles of the tile on an idle unit.
std::uint64_t tile_cycles(const spec::MatrixSpec& spec, const MatrixWork& work);

/// Partial sums of the matrix unit: what a tile without `last` leaves for the next one without
/// `first`.
class PsumMemory {
 public:
  explicit PsumMemory(const spec::MatrixSpec& spec);

  /// The lanes_n partial sums at an address below psum_depth.
  float* beat(std::uint32_t address);

 private:
  std::uint32_t lanes_n_;
  std::vector<float> sums_;
};

/// Executes a tile with the golden arithmetic of models/engine. Throws as validate().
TileOutcome golden_tile(const spec::MatrixSpec& spec, const MatrixTile& tile, PsumMemory& psums);

}  // namespace lutsim::sim
