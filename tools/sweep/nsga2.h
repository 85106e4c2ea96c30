// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <vector>

#include "tools/sweep/front.h"
#include "tools/sweep/point.h"

namespace lutsim::tools::sweep {

/// Objective values of a generation, one for each point, to minimise; an empty one for a point that
/// is not feasible, which then counts as dominated by every feasible one.
using Generation = std::function<std::vector<Values>(const std::vector<Point>&)>;

/// NSGA-II (pagmo's, with its default operators) over the positions on the axes: the first
/// generation is random, every further one is handed over whole. The same seed and answers give the
/// same points. `strategy.points` is what is asked for in all, repeated points counted; rounded
/// down to whole generations.
void search_nsga2(const SweepSpace& space, const Generation& evaluate);

}  // namespace lutsim::tools::sweep
