// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

#include "tools/sweep/sweep_space.h"

/// Pareto fronts and what they are worth. Every value is one to minimise: objectives to maximise
/// are negated.
namespace lutsim::tools::sweep {

using Values = std::vector<double>;  ///< one for each objective

/// Objectives of a record; empty when it is not `ok`, not feasible, or lacks one.
Values objectives_of(const SweepSpace& space, const nlohmann::ordered_json& record);

/// Whether `a` is nowhere worse than `b` and somewhere better.
bool dominates(const Values& a, const Values& b);

/// Indices of the points that no other dominates, ascending; equal points are all kept. Exact.
std::vector<std::size_t> pareto_front(const std::vector<Values>& points);

/// The worst of each objective. Precondition: `points` is not empty.
Values worst_of(const std::vector<Values>& points);

/// Volume between the points and `reference` (pagmo's, exact); points that are not better than it
/// in every objective add nothing.
double hypervolume(const std::vector<Values>& points, const Values& reference);

/// Indices of the best `count` points: front by front, within the last one those with most room
/// around them (crowding distance, Deb 2002). In the order of the points.
std::vector<std::size_t> best_of(const std::vector<Values>& points, std::size_t count);

}  // namespace lutsim::tools::sweep
