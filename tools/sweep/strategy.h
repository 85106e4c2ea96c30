// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "tools/sweep/point.h"

/// Which points of a space are looked at.
namespace lutsim::tools::sweep {

/// Decides on a point of a strategy: whether it counts as one of its points. Points that do not
/// (they break a constraint on parameters, or stand for a run that is there already) are replaced
/// by further ones, as far as the space has any.
using Accept = std::function<bool(const Point&)>;

/// Every point of grid, list, random or sobol, offered to `accept` one after the other; the same
/// for the same space. Grid: the last axis runs fastest. Random: a permutation of the grid, or for
/// more than a million points independent draws (MT19937-64, Boost's uniform distribution). Sobol:
/// Boost's sequence, each coordinate cut into as many equal parts as its axis has values. Throws
/// config::InputError for a wrong list, std::invalid_argument for a strategy that needs results.
void propose(const SweepSpace& space, const Accept& accept);

/// `points` random points, as above: also the baseline that an optimiser is held against.
void propose_random(const SweepSpace& space, std::uint64_t points, std::uint64_t seed,
                    const Accept& accept);

/// The point with these positions on the axes.
Point point_at(const SweepSpace& space, const std::vector<std::uint32_t>& positions);

}  // namespace lutsim::tools::sweep
