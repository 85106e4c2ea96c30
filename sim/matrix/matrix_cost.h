// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/energy/event.h"
#include "models/spec/arch_spec.h"
#include "sim/kernel/macro_command.h"

/// What a tile of the matrix unit costs: pure functions of its shape.
namespace lutsim::sim {

/// Cycles, traffic and counted events of one tile.
struct MatrixCost {
  std::uint64_t cycles = 0;
  std::uint64_t weight_read_bits = 0;  ///< keys and scales
  std::uint64_t activation_read_bits = 0;
  std::uint64_t activation_write_bits = 0;
  /// Where the activations lie, which every pass reads: one run of bytes for each row, in the
  /// row-major input.
  std::uint64_t activation_address = 0, activation_run_bytes = 0, activation_stride = 0;
  models::EventCounts events;  ///< of the array; scratchpad bits included
};

/// Uses of one-bit lanes that the counted events stand for: one for each lane and cycle, whether or
/// not a plane of an integer weight is padding.
std::uint64_t one_bit_operations(const spec::MatrixSpec& spec, const models::EventCounts& events);

MatrixCost matrix_cost(const spec::MatrixSpec& spec, const MatrixWork& work);

}  // namespace lutsim::sim
