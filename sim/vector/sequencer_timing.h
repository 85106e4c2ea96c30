// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/spec/field.h"
#include "models/transformer/lane_sum.h"

/// Cycle counts of the blocks of rtl/vector/: pure functions that the Verilated blocks must match
/// exactly when every operand is offered and every result taken in time. A count runs from the
/// cycle in which the command (of the function unit: the first operand) moves to the cycle in which
/// the last result moves, both counted. docs/units/vector.md has the phases one by one.
namespace lutsim::sim {

/// Register stages of rtl/vector/function_unit.sv: a result moves so many cycles after its operand.
constexpr std::uint64_t kFunctionUnitCycles = 7;

/// `operands` one after the other through one function unit.
constexpr std::uint64_t function_unit_cycles(std::uint64_t operands) {
  return operands + kFunctionUnitCycles;
}

/// The tree over the partial sums: `lanes` (a power of two up to kSumLanes) additions a cycle, the
/// levels one after the other.
constexpr std::uint64_t tree_cycles(std::uint32_t lanes) {
  std::uint64_t cycles = 0;
  for (std::uint32_t half = models::kSumLanes / 2; half > 0; half /= 2) {
    cycles += spec::ceil_div(half, lanes);
  }
  return cycles;
}

/// One row of softmax: the command, then three passes over the row's beats (in; through subtractor,
/// function unit and sum, 9 stages; through multiplier and output, 2 stages), between the last two
/// the tree and the reciprocal of the sum.
constexpr std::uint64_t softmax_cycles(std::uint32_t lanes, std::uint64_t elements) {
  const std::uint64_t beats = spec::ceil_div(elements, lanes);
  return 1 + beats + (beats + kFunctionUnitCycles + 2) + tree_cycles(lanes) +
         (kFunctionUnitCycles + 1) + (beats + 2);
}

/// One row of RMSNorm or LayerNorm: the command, a pass in (and one cycle to the sum), tree, mean,
/// LayerNorm: a pass of 3 stages that centres, tree, mean; then epsilon, root, and a pass out of 4
/// stages.
constexpr std::uint64_t norm_cycles(std::uint32_t lanes, std::uint64_t elements, bool layer_norm) {
  const std::uint64_t beats = spec::ceil_div(elements, lanes);
  const std::uint64_t moment = tree_cycles(lanes) + 1;
  return 1 + (beats + 1) + moment + (layer_norm ? beats + 3 + moment : 0) + 1 +
         (kFunctionUnitCycles + 1) + (beats + 4);
}

/// One group of the KV quantizer: the command, a pass in, range, step, reciprocal, and a pass out
/// of 4 stages.
constexpr std::uint64_t kv_quantizer_cycles(std::uint32_t lanes, std::uint64_t elements) {
  const std::uint64_t beats = spec::ceil_div(elements, lanes);
  return 1 + beats + 2 + (kFunctionUnitCycles + 1) + (beats + 4);
}

}  // namespace lutsim::sim
