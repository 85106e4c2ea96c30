// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>

#include "tools/sweep/sweep_space.h"

namespace lutsim::tools::sweep {

/// One point in this process, as measurement_of() tells it. `event` and `rtl` elaborate SystemC:
/// once in a process. Throws what execute_run() throws, and sim::SimulationError when functional
/// mode differs from the golden model.
nlohmann::ordered_json run_point(const RunSpec& run, Fidelity fidelity);

/// Fidelity `bound`: what no run can beat, in closed form and in a millisecond.
///
/// Time: the largest of `bounds_s.memory`, with every weight and every cached position that is
/// attended to read once, `bounds_s.compute` and `bounds_s.vector` (sim/platform/bounds.h). Energy:
/// that traffic in `dram.read_bit` and `dram.phy_bit`, and the static power for that time; all else
/// is left out. Rates are upper bounds accordingly; the area is exact.
nlohmann::ordered_json bound_point(const RunSpec& run);

}  // namespace lutsim::tools::sweep
