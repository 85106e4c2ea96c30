// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// Cycle counts of the blocks of rtl/vector/: pure functions that the Verilated blocks must match
/// exactly when every operand is offered and every result taken in time. A count runs from the
/// cycle in which the command (of the function unit: the first operand) moves to the cycle in which
/// the last result moves, both counted.
namespace lutsim::sim {

/// Register stages of rtl/vector/function_unit.sv: a result moves so many cycles after its operand.
constexpr std::uint64_t kFunctionUnitCycles = 7;

/// `operands` one after the other through one function unit.
constexpr std::uint64_t function_unit_cycles(std::uint64_t operands) {
  return operands + kFunctionUnitCycles;
}

}  // namespace lutsim::sim
