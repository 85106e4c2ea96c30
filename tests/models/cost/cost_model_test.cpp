// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost_model.h"

#include <gtest/gtest.h>

#include <Eigen/Core>

namespace lutsim::models {
namespace {

TEST(DieCost, ByHand) {
  // 100 mm2: pi 150^2 / 100 - pi 300 / sqrt(200) = 706.86 - 66.64 = 640.2 dies of a wafer.
  EXPECT_NEAR(die_cost(100.0, 6402.1, 1e-12), 10.0, 0.001);
  // One defect per cm2: a yield of (1 + 1/3)^-3 = 0.4219.
  EXPECT_NEAR(die_cost(100.0, 6402.1, 1.0), 10.0 / 0.421875, 0.01);
}

TEST(DieCost, WorksOnArraysElementByElement) {
  const Eigen::ArrayXd areas = Eigen::ArrayXd::LinSpaced(5, 20, 400);
  const Eigen::ArrayXd wafer = Eigen::ArrayXd::Constant(5, 9346);
  const Eigen::ArrayXd defects = Eigen::ArrayXd::Constant(5, 0.09);
  const Eigen::ArrayXd costs = die_cost<Eigen::ArrayXd>(areas, wafer, defects);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(costs(i), die_cost(areas(i), 9346.0, 0.09), 1e-9);
    if (i > 0) {
      EXPECT_GT(costs(i) / areas(i), costs(i - 1) / areas(i - 1));
    }
  }
}

TEST(CostPerMillionTokens, ByHand) {
  // 31,557.6 dollars over a year at work half of the time, 1000 tokens/s: 2 dollars a million.
  // 3.6 J a token, pue 2, 0.1 dollars a kWh: 0.2 dollars a million.
  EXPECT_NEAR(cost_per_million_tokens(31557.6, 1000.0, 3.6, 1.0, 0.5, 2.0, 0.1), 2.2, 1e-12);
}

}  // namespace
}  // namespace lutsim::models
