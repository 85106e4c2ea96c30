// SPDX-License-Identifier: Apache-2.0
#include "models/energy/technology.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace lutsim::test {
namespace {

using models::area_factor;
using models::Device;
using models::energy_factor;

TEST(Technology, GivesTheWorkedExampleOfThePapersCorrigendum) {
  // 65 nm at 1.3 V to 32 nm at 0.9 V: 1 pJ becomes 0.1755 pJ.
  const double to = energy_factor(32, Device::high_performance, 0.9);
  const double from = energy_factor(65, Device::high_performance, 1.3);
  EXPECT_NEAR(to, 0.4571, 5e-5);
  EXPECT_NEAR(from, 2.604, 5e-4);
  // The paper divides the rounded factors and cuts the quotient off.
  EXPECT_NEAR(to / from, 0.1755, 1e-4);
}

TEST(Technology, InterpolatesBetweenNodes) {
  const double at_32 = energy_factor(32, Device::low_power, 0.8);
  const double at_20 = energy_factor(20, Device::low_power, 0.8);
  EXPECT_DOUBLE_EQ(energy_factor(28, Device::low_power, 0.8), at_32 + (at_20 - at_32) / 3);
  EXPECT_DOUBLE_EQ(area_factor(180), 1);
  EXPECT_DOUBLE_EQ(area_factor(28), 0.025 + (0.011 - 0.025) / 3);
}

TEST(Technology, RefusesNodesThatThePaperDoesNotHave) {
  EXPECT_THROW(energy_factor(5, Device::low_power, 0.7), std::invalid_argument);
  EXPECT_THROW(area_factor(250), std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::test
