// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace lutsim::sim {

/// What the lowering of a matmul has to choose from. Bytes and slots are those of the scratchpads.
struct MatmulRoom {
  std::uint64_t m = 1;              ///< rows
  std::uint64_t max_tile_rows = 1;  ///< rows that the matrix unit and the output's slots take
  std::uint64_t input_rows = 1;     ///< rows of the input that are on chip at a time
  std::uint64_t block_slots = 1;    ///< weight slots of one block of features, all of K
  std::uint64_t weight_slots = 1;   ///< that there are
};

/// How often a matmul reads what: rows are cut into groups that share the staged input, groups into
/// tiles that the matrix unit takes at once. All rows of a group are worked through for one block
/// of features before the next block.
struct MatmulPlan {
  std::uint64_t groups = 1;       ///< of nearly equal size
  std::uint64_t group_tiles = 1;  ///< tiles of the largest group
  /// The weights of a block stay on chip for all tiles of a group: they are read once a group;
  /// otherwise once a tile.
  bool holds_weights = false;

  std::uint64_t weight_reads() const { return holds_weights ? groups : groups * group_tiles; }
};

/// The plan that reads the weights least often; the input is read once in every plan.
MatmulPlan plan_matmul(const MatmulRoom& room);

}  // namespace lutsim::sim
