// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"
#include "workloads/trace/operator_trace.h"
#include "workloads/trace/task_switch.h"

namespace lutsim::soak {

/// A small machine and something to run on it, both drawn at random: odd sizes, buffers that hold
/// next to nothing, queues of one, one to four chips.
struct RandomCase {
  spec::ArchSpec arch;
  spec::MemoryStandard memory;
  workloads::OperatorTrace trace;
  workloads::TaskSwitch task_switch = workloads::TaskSwitch::none;
};

/// The same seed gives the same case. Throws spec::SpecError when what was drawn does not go
/// together, which is one of the two good ends of a case.
RandomCase random_case(std::uint64_t seed);

}  // namespace lutsim::soak
