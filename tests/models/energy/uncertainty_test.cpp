// SPDX-License-Identifier: Apache-2.0
#include "models/energy/uncertainty.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/models/energy/arch_fixture.h"

namespace lutsim::test {
namespace {

using models::Estimate;
using models::Event;
using models::Sampling;

/// Decoding is streaming: 1 GB of weights, a RAC read for every 4 of their bits.
models::EnergyReport dram_bound_run() {
  models::EventCounts counts;
  const std::uint64_t bits = 8'000'000'000;
  counts.add(Event::dram_read_bit, bits);
  counts.add(Event::dram_phy_bit, bits);
  counts.add(Event::dram_activate, bits / 16384);
  counts.add(Event::sram_weight_write_bit, bits);
  counts.add(Event::sram_weight_read_bit, bits);
  counts.add(Event::noc_bit, bits);
  counts.add(Event::matrix_key_write, bits / 4);
  counts.add(Event::matrix_lut_read, bits / 4);
  return models::account(small_arch(), table_28nm(), counts, 1e9 / 102.4e9);
}

/// A run that rests on one constant.
models::EnergyReport one_constant(double value, double low, double high) {
  models::EnergyTableFile file;
  file.name = "one";
  file.entries.push_back({"command.issue", value, low, high, models::Confidence::guessed, "test"});
  file.entries.push_back({"int_add_bit", 1, 1, 1, models::Confidence::guessed, "test"});
  models::EnergyReport report;
  report.total = value;
  const models::EnergyTable table(file, "one.yaml");
  report.constants.push_back({table.at("command.issue", "test"), 1, 1});
  return report;
}

TEST(Uncertainty, IntervalContainsTheNominalValue) {
  const auto report = dram_bound_run();
  const auto interval = models::energy_interval(report, Sampling{});
  EXPECT_EQ(interval.nominal, report.total);
  EXPECT_LT(interval.low, interval.nominal);
  EXPECT_GT(interval.high, interval.nominal);
}

TEST(Uncertainty, SameSeedGivesTheSameInterval) {
  const auto report = dram_bound_run();
  const auto a = models::energy_interval(report, Sampling{7, 2000});
  const auto b = models::energy_interval(report, Sampling{7, 2000});
  const auto c = models::energy_interval(report, Sampling{8, 2000});
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_NE(a.low, c.low);
}

/// Pinned, so that another compiler or library shows when it draws other numbers.
TEST(Uncertainty, DrawsAreTheSameOnEveryPlatform) {
  const auto interval = models::energy_interval(one_constant(7, 4, 20), Sampling{1, 1000});
  EXPECT_NEAR(interval.low, 4.885305, 1e-6);
  EXPECT_NEAR(interval.high, 14.573903, 1e-6);
}

/// Closed form: on one side of the value a share s of the draws lies farther than 1 - sqrt(s) of
/// the way to the bound, in logarithms; the 5 % tail of all draws is s = 0.1 of the draws of its
/// side.
TEST(Uncertainty, QuantilesOfOneConstantMatchTheClosedForm) {
  const auto interval = models::energy_interval(one_constant(7, 4, 20), Sampling{3, 200000});
  const double way = 1 - std::sqrt(0.1);
  EXPECT_NEAR(interval.low, 7 * std::pow(4.0 / 7, way), 0.02);
  EXPECT_NEAR(interval.high, 7 * std::pow(20.0 / 7, way), 0.1);
  EXPECT_NEAR(interval.median, 7, 0.02);
}

TEST(Uncertainty, ConstantsWithoutARangeGiveAPoint) {
  const auto interval = models::energy_interval(one_constant(7, 7, 7), Sampling{});
  EXPECT_EQ(interval.low, 7);
  EXPECT_EQ(interval.high, 7);
}

TEST(Uncertainty, WiderRangeGivesAWiderInterval) {
  const auto narrow = models::energy_interval(one_constant(7, 6, 8), Sampling{});
  const auto wide = models::energy_interval(one_constant(7, 4, 20), Sampling{});
  EXPECT_LT(wide.low, narrow.low);
  EXPECT_GT(wide.high, narrow.high);
}

TEST(Uncertainty, DramBitsDominateADramBoundRun) {
  const auto ranked = models::energy_sensitivity(dram_bound_run());
  EXPECT_EQ(ranked[0].name, "dram.lpddr5.phy_bit");   // 1.3 .. 9.5 pJ
  EXPECT_EQ(ranked[1].name, "dram.lpddr5.read_bit");  // 2.5 .. 10 pJ
  EXPECT_NEAR(ranked[0].swing, 8e9 * 8.2e-12, 1e-6);
  EXPECT_NEAR(ranked[1].swing, 8e9 * 7.5e-12, 1e-6);
  for (std::size_t i = 1; i < ranked.size(); ++i) EXPECT_GE(ranked[i - 1].swing, ranked[i].swing);
}

TEST(Uncertainty, RatioIsTokensPerJouleOverTheGpus) {
  const auto report = one_constant(4, 4, 4);
  const Estimate gpu{0.5, 0.5, 0.5};
  const auto interval = models::efficiency_ratio_interval(report, 8, gpu, Sampling{});
  EXPECT_EQ(interval.nominal, 4);  // 8 tokens / 4 J / 0.5 tokens/J
  EXPECT_EQ(interval.low, 4);
  EXPECT_EQ(interval.high, 4);
}

/// Two halves of one access must not average out.
TEST(Uncertainty, EnergiesOfOneMemoryFamilyAreDrawnTogether) {
  models::EventCounts read_only;
  read_only.add(Event::dram_read_bit, 1000);
  models::EventCounts both = read_only;
  both.add(Event::dram_phy_bit, 1000);
  const auto relative_width = [](const models::EventCounts& counts) {
    const auto report = models::account(small_arch(), table_28nm(), counts, 0);
    const auto interval = models::energy_interval(report, Sampling{});
    return (interval.high - interval.low) / interval.nominal;
  };
  EXPECT_GT(relative_width(both), relative_width(read_only));
}

TEST(Uncertainty, UncertainGpuWidensTheRatio) {
  const auto report = dram_bound_run();
  const auto sure = models::efficiency_ratio_interval(report, 1, {0.3, 0.3, 0.3}, Sampling{});
  const auto unsure = models::efficiency_ratio_interval(report, 1, {0.3, 0.1, 0.9}, Sampling{});
  EXPECT_LT(unsure.low, sure.low);
  EXPECT_GT(unsure.high, sure.high);
  EXPECT_LT(sure.low, sure.nominal);
  EXPECT_GT(sure.high, sure.nominal);
}

TEST(Uncertainty, GpuIsOneOfTheRankedConstantsOfTheRatio) {
  const auto ranked =
      models::efficiency_ratio_sensitivity(one_constant(4, 4, 4.1), 8, {0.5, 0.25, 1});
  EXPECT_EQ(ranked[0].name, "gpu.tokens_per_j");
  EXPECT_DOUBLE_EQ(ranked[0].at_low, 8);
  EXPECT_DOUBLE_EQ(ranked[0].at_high, 2);
}

TEST(Uncertainty, EstimateOutOfOrderIsRefused) {
  const auto report = one_constant(4, 4, 4);
  EXPECT_THROW(models::efficiency_ratio_interval(report, 8, {0.5, 0.6, 1}, Sampling{}),
               std::invalid_argument);
  EXPECT_THROW(models::efficiency_ratio_interval(report, 8, {0.5, 0, 1}, Sampling{}),
               std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::test
