// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/nsga2.h"

#include <algorithm>
#include <cmath>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/batch_evaluators/member_bfe.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <utility>

#include "tools/sweep/strategy.h"

namespace lutsim::tools::sweep {

namespace {

using pagmo::vector_double;

/// Worse than any metric, in all objectives.
constexpr double kInfeasible = 1e300;

/// What pagmo asks of a problem. Positions on the axes are integer variables.
struct PositionProblem {
  const SweepSpace* space = nullptr;
  const Generation* evaluate = nullptr;

  vector_double fitness(const vector_double& x) const { return batch_fitness(x); }

  vector_double batch_fitness(const vector_double& all) const {
    const std::size_t axes = space->axes.size();
    std::vector<Point> points;
    for (std::size_t begin = 0; begin < all.size(); begin += axes) {
      std::vector<std::uint32_t> positions;
      for (std::size_t i = 0; i < axes; ++i)
        positions.push_back(static_cast<std::uint32_t>(std::lround(all[begin + i])));
      points.push_back(point_at(*space, positions));
    }
    vector_double fitness;
    for (Values values : (*evaluate)(points)) {
      values.resize(get_nobj(), kInfeasible);
      fitness.insert(fitness.end(), values.begin(), values.end());
    }
    return fitness;
  }

  std::pair<vector_double, vector_double> get_bounds() const {
    std::pair<vector_double, vector_double> bounds;
    for (const Axis& axis : space->axes) {
      bounds.first.push_back(0);
      bounds.second.push_back(static_cast<double>(axis.values.size() - 1));
    }
    return bounds;
  }
  vector_double::size_type get_nobj() const { return space->keys.objectives.size(); }
  vector_double::size_type get_nix() const { return space->axes.size(); }
};

}  // namespace

void search_nsga2(const SweepSpace& space, const Generation& evaluate) {
  const Strategy& strategy = space.keys.strategy;
  const std::uint32_t generations = strategy.points / strategy.population - 1;
  const auto seed = static_cast<unsigned>(strategy.seed);
  const pagmo::problem problem{PositionProblem{&space, &evaluate}};
  pagmo::nsga2 nsga2(generations);
  nsga2.set_bfe(pagmo::bfe{pagmo::member_bfe{}});
  pagmo::algorithm algorithm{nsga2};
  algorithm.set_seed(seed);
  pagmo::population population{problem, pagmo::bfe{pagmo::member_bfe{}}, strategy.population, seed};
  algorithm.evolve(population);
}

}  // namespace lutsim::tools::sweep
