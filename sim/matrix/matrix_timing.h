// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/spec/arch_spec.h"

/// Cycle counts of the matrix unit: pure functions, quoted by the SystemC model and checked against the
/// Verilated rtl/matrix/lut_matrix_unit.sv.
namespace lutsim::sim {

enum class Dataflow { weight_stationary, lut_broadcast };

/// Register stages between an activation beat and its output beat.
constexpr std::uint64_t kPipelineCycles = 7;

/// Steps of one segment command (docs/units/matrix.md): passes x beats.
constexpr std::uint64_t segment_steps(std::uint32_t planes, bool has_offset, std::uint64_t beats) {
  return (planes + (has_offset ? 1u : 0u)) * beats;
}

/// Cycles from the first step of a back-to-back sequence of segment commands to its last output beat,
/// all operands offered in time.
constexpr std::uint64_t tile_cycles(std::uint64_t total_steps) {
  return total_steps + kPipelineCycles;
}

}  // namespace lutsim::sim
