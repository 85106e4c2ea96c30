// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>

#include "tools/run/run_result.h"

namespace lutsim::tools {

/// Runs a workload on the accelerator and accounts for it. `progress` (may be empty) is called with
/// done and total operators.
///
/// Functional mode also runs the golden transformer and compares every tensor. Throws
/// config::InputError and spec::SpecError for a wrong input, sim::SimulationError when the machine
/// stalls for good or beats a bound that nothing can beat.
RunResult execute_run(const RunSpec& spec,
                      const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace lutsim::tools
