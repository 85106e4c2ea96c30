// SPDX-License-Identifier: Apache-2.0
#include "models/energy/sensitivity.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/models/energy/arch_fixture.h"

namespace lutsim::test {
namespace {

using models::Estimate;
using models::Event;

/// A stream of bits, and a RAC read for every 4 of them.
models::EventCounts stream(std::uint64_t bits) {
  models::EventCounts counts;
  counts.add(Event::dram_read_bit, bits);
  counts.add(Event::dram_phy_bit, bits);
  counts.add(Event::sram_weight_read_bit, bits);
  counts.add(Event::matrix_lut_read, bits / 4);
  return counts;
}

models::EnergyReport stream_report() {
  return models::account(small_arch(), table_28nm(), stream(8'000'000'000), 0.08);
}

const models::Crossover& of(const std::vector<models::Crossover>& list, const std::string& name) {
  for (const auto& c : list) {
    if (c.sensitivity.of.name == name) return c;
  }
  throw std::out_of_range(name);
}

constexpr Estimate kGpu{0.5, 0.4, 0.8};
constexpr double kTokens = 8;

TEST(Sensitivity, LargestSwingFirstAndTheMemoryFamilyAboveItsParts) {
  const auto ranked = models::energy_sensitivity(stream_report());
  EXPECT_EQ(ranked[0].of.name, "dram.lpddr5");
  EXPECT_THAT(ranked[0].of.members,
              ::testing::UnorderedElementsAre("dram.lpddr5.read_bit", "dram.lpddr5.phy_bit"));
  EXPECT_EQ(ranked[1].of.name, "dram.lpddr5.phy_bit");   // 1.3 .. 9.5 pJ
  EXPECT_EQ(ranked[2].of.name, "dram.lpddr5.read_bit");  // 2.5 .. 10 pJ
  EXPECT_NEAR(ranked[1].swing, 8e9 * 8.2e-12, 1e-6);
  EXPECT_NEAR(ranked[2].swing, 8e9 * 7.5e-12, 1e-6);
  EXPECT_NEAR(ranked[0].swing, ranked[1].swing + ranked[2].swing, 1e-9);
  for (std::size_t i = 1; i < ranked.size(); ++i) EXPECT_GE(ranked[i - 1].swing, ranked[i].swing);
}

TEST(Sensitivity, GpuIsOneOfTheRankedOfTheRatio) {
  const auto report = stream_report();
  const auto ranked = models::efficiency_ratio_sensitivity(report, kTokens, {0.5, 0.01, 50});
  EXPECT_EQ(ranked[0].of.name, models::kGpuTokensPerJoule);
  EXPECT_DOUBLE_EQ(ranked[0].at_low, kTokens / report.total / 0.01);
  EXPECT_DOUBLE_EQ(ranked[0].at_high, kTokens / report.total / 50);
}

/// The value that the crossover names, put into the table, gives the threshold in a whole new
/// accounting.
TEST(Crossover, PutIntoTheTableGivesTheThreshold) {
  const auto report = stream_report();
  const double nominal = kTokens / report.total / kGpu.value;
  for (const double threshold : {0.8 * nominal, 1.05 * nominal}) {
    const auto list = models::efficiency_ratio_crossovers(report, kTokens, kGpu, threshold);
    for (const char* name : {"dram.lpddr5.read_bit", "sram_read_bit", "int_add_bit"}) {
      const auto& crossover = of(list, name);
      if (!crossover.at) continue;
      models::EnergyReport changed = report;
      changed.total = 0;
      for (auto& use : changed.constants) {
        if (use.constant.name == name) use.constant.value = *crossover.at;
        changed.total += use.amount * use.constant.value;
      }
      EXPECT_NEAR(kTokens / changed.total / kGpu.value, threshold, 1e-9 * threshold) << name;
    }
    const auto& gpu = of(list, models::kGpuTokensPerJoule);
    EXPECT_NEAR(kTokens / report.total / *gpu.at, threshold, 1e-9 * threshold);
  }
}

TEST(Crossover, ACauseIsAFactorOnAllItsConstants) {
  const auto report = stream_report();
  const double nominal = kTokens / report.total / kGpu.value;
  const auto list = models::efficiency_ratio_crossovers(report, kTokens, kGpu, 0.8 * nominal);
  const auto& family = of(list, "dram.lpddr5");
  double joules = 0;
  for (const auto& use : report.constants) {
    const bool member = use.constant.shares == "dram.lpddr5";
    joules += use.amount * use.constant.value * (member ? *family.at : 1);
  }
  EXPECT_NEAR(kTokens / joules / kGpu.value, 0.8 * nominal, 1e-9);
  // 6.5 pJ for a bit, 3.8 .. 19.5.
  EXPECT_NEAR(family.sensitivity.of.estimate.low, 3.8 / 6.5, 1e-9);
  EXPECT_NEAR(family.sensitivity.of.estimate.high, 19.5 / 6.5, 1e-9);
}

TEST(Crossover, SaysWhetherTheValueIsCredibleAndWhetherThereIsOne) {
  const auto report = stream_report();
  const double nominal = kTokens / report.total / kGpu.value;
  const auto near = models::efficiency_ratio_crossovers(report, kTokens, kGpu, 0.9 * nominal);
  EXPECT_TRUE(of(near, "dram.lpddr5.phy_bit").in_range);
  EXPECT_TRUE(of(near, models::kGpuTokensPerJoule).in_range);
  const auto& adder = of(near, "int_add_bit");
  ASSERT_TRUE(adder.at);
  EXPECT_FALSE(adder.in_range) << *adder.at;
  EXPECT_GT(*adder.at, adder.sensitivity.of.estimate.high);
  // Nothing that costs less than the gap can close it, not even for nothing.
  const auto far = models::efficiency_ratio_crossovers(report, kTokens, kGpu, 10 * nominal);
  EXPECT_FALSE(of(far, "dram.lpddr5.phy_bit").at);
  EXPECT_FALSE(of(far, "dram.lpddr5.phy_bit").in_range);
  EXPECT_TRUE(of(far, models::kGpuTokensPerJoule).at);
}

TEST(Crossover, AThresholdThatIsNoneIsRefused) {
  EXPECT_THROW(models::efficiency_ratio_crossovers(stream_report(), kTokens, kGpu, 0),
               std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::test
