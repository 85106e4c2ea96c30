// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/operating_points.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace lutsim::workloads {
namespace {

/// Linear in rows, context and their product, as a pass nearly is.
PointCost bilinear(const OperatingPoint& p) {
  PointCost cost;
  cost.seconds = 1 + 0.5 * p.rows + 0.01 * p.context + 0.001 * p.rows * p.context;
  cost.events[0] = 7.0 * p.rows;
  cost.events[3] = 2.0 * p.rows * p.context;
  return cost;
}

TEST(InterpolatedPoints, IsExactForWhatIsLinearBetweenAndBeyondTheNodes) {
  InterpolatedPoints points(make_grid(64, 128, 8192, 100000), bilinear);
  for (const bool is_prefill : {false, true}) {
    for (const std::uint32_t rows : {1u, 2u, 3u, 11u, 64u}) {
      for (const std::uint32_t context : {1u, 100u, 1000u, 5000u, 9000u}) {
        const OperatingPoint p{is_prefill, rows, context};
        const PointCost is = points.cost(p), should = bilinear(p);
        EXPECT_NEAR(is.seconds, should.seconds, 1e-9 * should.seconds);
        EXPECT_NEAR(is.events[3], should.events[3], 1e-6 + 1e-9 * should.events[3]);
      }
    }
  }
}

TEST(InterpolatedPoints, GivesTheNodesThemselves) {
  const PointGrid grid = make_grid(8, 32, 1024, 1 << 20);
  const auto crooked = [](const OperatingPoint& p) {
    PointCost cost;
    cost.seconds = 1.0 / p.rows + p.context % 7;
    return cost;
  };
  InterpolatedPoints points(grid, crooked);
  for (const OperatingPoint& p : grid.points())
    EXPECT_NEAR(points.cost(p).seconds, crooked(p).seconds, 1e-12);
}

TEST(Refine, SplitsTheCellOfACoarsePointOnce) {
  // A step at 40 rows, as where a buffer is full.
  const auto step = [](const OperatingPoint& p) {
    PointCost cost;
    cost.seconds = p.rows < 40 ? p.rows : 3.0 * p.rows;
    return cost;
  };
  PointGrid grid = make_grid(64, 64, 4096, 1 << 20);
  const OperatingPoint coarse{true, 48, 100};
  const auto error = [&] {
    return std::abs(InterpolatedPoints(grid, step).cost(coarse).seconds / step(coarse).seconds - 1);
  };
  const double before = error();
  EXPECT_GT(before, 0.2);
  EXPECT_TRUE(refine(grid, {coarse}));
  EXPECT_LT(error(), 1e-12);
  EXPECT_FALSE(refine(grid, {coarse}));
  for (std::size_t i = 0; i + 1 < grid.prefill.size(); ++i)
    EXPECT_LT(grid.prefill[i].rows, grid.prefill[i + 1].rows);
  EXPECT_EQ(grid.decode.size(), make_grid(64, 64, 4096, 1 << 20).decode.size());
}

TEST(MakeGrid, StaysWithinTheContextAndTheCache) {
  const PointGrid grid = make_grid(100, 100, 4096, 20000);
  for (const OperatingPoint& p : grid.points()) {
    EXPECT_LE(p.context + (p.is_prefill ? p.rows : 1), 4096u);
    if (p.is_prefill) continue;
    EXPECT_LE(std::uint64_t{p.rows} * (p.context + 1), 20000u);
  }
  EXPECT_EQ(grid.decode.back().rows, 100u);
  EXPECT_EQ(grid.prefill.back().rows, 100u);
  EXPECT_EQ(grid.prefill.front().contexts.front(), 0u);
  const auto all = grid.points();
  for (const OperatingPoint& p : middle_points(grid)) {
    const bool is_node = std::any_of(all.begin(), all.end(), [&](const OperatingPoint& node) {
      return !(node < p) && !(p < node);
    });
    EXPECT_FALSE(is_node) << "the middle of a cell is one of its corners";
  }
}

TEST(MakeGrid, TheSmallestServerHasAGrid) {
  const PointGrid grid = make_grid(1, 1, 2, 2);
  EXPECT_EQ(grid.decode.size(), 1u);
  InterpolatedPoints points(grid, bilinear);
  EXPECT_GT(points.cost({false, 1, 1}).seconds, 0);
}

TEST(ExactPoints, SimulatesEveryPointOnce) {
  int calls = 0;
  ExactPoints points([&](const OperatingPoint& p) {
    ++calls;
    return bilinear(p);
  });
  points.cost({false, 3, 77});
  points.cost({false, 3, 77});
  points.cost({true, 3, 77});
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(points.simulated(), 2u);
}

}  // namespace
}  // namespace lutsim::workloads
