// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/spec/arch_spec.h"

/// Cycle counts of the matrix unit: pure functions, quoted by the SystemC model and checked against
/// the Verilated rtl/matrix/lut_matrix_unit.sv.
namespace lutsim::sim {

/// Register stages of the unit: a step issued at one clock edge moves out of the last stage at the
/// 7th edge after it (greatest exponent, align, half LUT, sum, convert, scale, accumulate).
constexpr std::uint64_t kPipelineCycles = 7;

/// Steps of one segment command (docs/units/matrix.md): passes x beats.
constexpr std::uint64_t segment_steps(std::uint32_t planes, bool has_offset, std::uint64_t beats) {
  return (planes + (has_offset ? 1u : 0u)) * beats;
}

/// Cycles from the first step of a back-to-back sequence of segment commands to the cycle in which
/// its last output beat moves, both counted, all operands offered in time. Commands that keep their
/// partial sums take as long until the unit is idle.
constexpr std::uint64_t tile_cycles(std::uint64_t total_steps) {
  return total_steps + kPipelineCycles;
}

}  // namespace lutsim::sim
