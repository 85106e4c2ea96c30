// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/energy/event.h"
#include "models/spec/arch_spec.h"
#include "sim/kernel/macro_command.h"

/// What a command of the vector unit costs: pure functions of the operator's shape and the part of
/// it that the command takes. docs/units/vector.md derives each line.
namespace lutsim::sim {

/// Arithmetic and scratchpad traffic of one command.
struct VectorCost {
  std::uint64_t cycles = 0;
  std::uint64_t adds = 0, multiplies = 0, functions = 0, conversions = 0;
  std::uint64_t activation_read_bits = 0, activation_write_bits = 0, weight_read_bits = 0;
};

VectorCost vector_cost(const spec::VectorSpec& spec, const workloads::OperatorTrace& trace,
                       const workloads::Operator& op, const VectorWork& work);

}  // namespace lutsim::sim
