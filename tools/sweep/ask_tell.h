// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <istream>
#include <ostream>

#include "tools/sweep/evaluator.h"
#include "tools/sweep/summary.h"

namespace lutsim::tools::sweep {

/// The door for outside optimisers, JSON lines in both directions (docs/sweep.md, "Ask and tell"):
/// first the space goes out, then every line {"id", "point"} that comes in is answered by a line
/// {"id", "status", "feasible", "objectives", ...}, in the order in which they came. Lines that lie
/// ready are run together. A line that is no point is answered with status `error`. Ends with the
/// input.
void serve_asks(const SweepSpace& space, Evaluator& evaluator, std::istream& in, std::ostream& out,
                PlanCounts& counts);

}  // namespace lutsim::tools::sweep
