// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace lutsim::workloads {

/// What one sequence does in an iteration: `rows` tokens on top of `start` cached positions.
struct Slice {
  std::uint32_t sequence = 0;
  std::uint32_t start = 0;
  std::uint32_t rows = 0;
  bool samples = false;  ///< its last row gives a token
  std::uint32_t adapter = 0;
  bool is_decode() const { return rows == 1 && samples && start > 0; }
};

/// One iteration of one model. Slices that produce tokens from cached positions and chunks of
/// prompts may stand beside each other.
struct Batch {
  std::uint32_t model = 0;
  std::vector<Slice> slices;
};

}  // namespace lutsim::workloads
