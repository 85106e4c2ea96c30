// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/front.h"

#include <gmock/gmock.h>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <pagmo/utils/multi_objective.hpp>

namespace lutsim::tools::sweep {
namespace {

using ::testing::ElementsAre;

TEST(ParetoFront, KeepsWhatNothingDominates) {
  EXPECT_THAT(pareto_front({{1, 5}, {2, 2}, {3, 3}, {5, 1}, {2, 6}}), ElementsAre(0, 1, 3));
  EXPECT_THAT(pareto_front({{3}, {1}, {2}}), ElementsAre(1));
  EXPECT_TRUE(pareto_front({}).empty());
}

TEST(ParetoFront, EqualPointsAreAllKept) {
  EXPECT_THAT(pareto_front({{1, 1}, {1, 1}, {1, 2}}), ElementsAre(0, 1));
}

TEST(ParetoFront, AgreesWithPagmoOnRandomPoints) {
  boost::random::mt19937 engine(7);
  // Few values, so that ties in one objective and equal points are common.
  const boost::random::uniform_int_distribution<int> value(0, 9);
  for (const std::size_t objectives : {2u, 3u, 4u}) {
    for (int repeat = 0; repeat < 50; ++repeat) {
      std::vector<Values> points(60, Values(objectives));
      for (Values& p : points)
        for (double& v : p) v = value(engine);
      auto expected = std::get<0>(pagmo::fast_non_dominated_sorting(points)).front();
      std::sort(expected.begin(), expected.end());
      const auto front = pareto_front(points);
      EXPECT_EQ(std::vector<pagmo::pop_size_t>(front.begin(), front.end()), expected);
    }
  }
}

TEST(Hypervolume, IsTheVolumeUpToTheReference) {
  EXPECT_DOUBLE_EQ(hypervolume({{1, 3}, {2, 2}}, {4, 4}), 3 + 2 * 1 + 1 * 0 + 0);
  EXPECT_DOUBLE_EQ(hypervolume({{1}, {3}}, {4}), 3);
  EXPECT_DOUBLE_EQ(hypervolume({{1, 1, 1}}, {2, 3, 4}), 6);
}

TEST(Hypervolume, WhatIsNotBetterThanTheReferenceAddsNothing) {
  EXPECT_DOUBLE_EQ(hypervolume({{4, 1}, {9, 9}}, {4, 4}), 0);
  EXPECT_DOUBLE_EQ(hypervolume({}, {4, 4}), 0);
  EXPECT_DOUBLE_EQ(hypervolume({{1, 1}, {0, 5}}, {4, 4}), 9);
}

TEST(BestOf, TakesWholeFrontsFirst) {
  const std::vector<Values> points{{9, 9}, {1, 5}, {5, 1}, {6, 6}, {3, 3}};
  EXPECT_THAT(best_of(points, 3), ElementsAre(1, 2, 4));
  EXPECT_THAT(best_of(points, 4), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(best_of(points, 9), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(best_of({{3}, {1}, {2}}, 2), ElementsAre(1, 2));
}

}  // namespace
}  // namespace lutsim::tools::sweep
