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
  EXPECT_NEAR(interval.low, 4.701052, 1e-6);
  EXPECT_NEAR(interval.high, 14.329136, 1e-6);
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

TEST(Uncertainty, RatioIsTokensPerJouleOverTheGpus) {
  const auto report = one_constant(4, 4, 4);
  const Estimate gpu{0.5, 0.5, 0.5};
  const auto interval = models::efficiency_ratio_interval(report, 8, gpu, Sampling{});
  EXPECT_EQ(interval.nominal, 4);  // 8 tokens / 4 J / 0.5 tokens/J
  EXPECT_EQ(interval.low, 4);
  EXPECT_EQ(interval.high, 4);
}

/// `n` constants of the same range, one joule each, that share a cause or do not.
models::EnergyReport equal_constants(int n, const std::string& shares) {
  models::EnergyReport report;
  for (int i = 0; i < n; ++i) {
    const models::Constant c{"c" + std::to_string(i),
                             models::Quantity::energy,
                             1,
                             0.5,
                             2,
                             models::Confidence::guessed,
                             "test",
                             shares};
    report.constants.push_back({c, 1, 1.0 / n});
    report.total += 1;
  }
  return report;
}

double relative_width(const models::Interval& interval) {
  return (interval.high - interval.low) / interval.nominal;
}

/// A shared draw: the sum is as uncertain as one of its constants, to rounding. Independent draws
/// average out with the root of their number.
TEST(Uncertainty, ConstantsOfOneCauseDoNotAverageOut) {
  const Sampling sampling{5, 20000};
  const double one = relative_width(models::energy_interval(equal_constants(1, "cause"), sampling));
  const double shared =
      relative_width(models::energy_interval(equal_constants(16, "cause"), sampling));
  const double independent =
      relative_width(models::energy_interval(equal_constants(16, ""), sampling));
  EXPECT_NEAR(shared, one, 1e-12);
  EXPECT_NEAR(independent, one / 4, 0.1 * one);
}

TEST(Uncertainty, TwoCausesAreIndependentOfEachOther) {
  models::EnergyReport report = equal_constants(2, "a");
  report.constants[1].constant.shares = "b";
  const double two = relative_width(models::energy_interval(report, Sampling{}));
  const double one = relative_width(models::energy_interval(equal_constants(2, "a"), Sampling{}));
  EXPECT_LT(two, 0.85 * one);
}

/// The same draws wherever a constant is summed: what a part exceeds its value by, the total does.
TEST(Uncertainty, DrawsOfPartsAddUpToThoseOfTheTotal) {
  const auto report = dram_bound_run();
  const Sampling sampling{3, 100};
  std::vector<double> sum(sampling.draws);
  for (const auto& group : report.groups) {
    const auto draws = models::draw_joules(group.constants, sampling);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += draws[i];
  }
  const auto total = models::draw_joules(report.constants, sampling);
  for (std::size_t i = 0; i < sum.size(); ++i) EXPECT_NEAR(sum[i] / total[i], 1, 1e-12) << i;
}

/// What the tables say: accesses of one memory family, logic from one scaling, SRAM of one program.
TEST(Uncertainty, ShippedTablesNameTheirCommonCauses) {
  const auto cause = [](const char* table, const char* constant) {
    return models::read_energy_table(table_path(table)).at(constant, "test").shares;
  };
  EXPECT_EQ(cause("literature-28nm", "dram.lpddr5.phy_bit"), "dram.lpddr5");
  EXPECT_EQ(cause("literature-28nm", "static.dram.lpddr5"), "");
  EXPECT_EQ(cause("literature-28nm", "fp32_add"), "logic-28nm");
  EXPECT_EQ(cause("literature-7nm", "sram_read_bit"), "sram-7nm");
  EXPECT_EQ(cause("rtl-28nm", "int_add_bit@matrix.lut_read"), "logic-28nm");
  EXPECT_EQ(cause("rtl-7nm", "clock_tree_mm2"), "logic-7nm");
  EXPECT_EQ(cause("rtl-28nm", "wire_bit_mm"), "");
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

TEST(Uncertainty, EstimateOutOfOrderIsRefused) {
  const auto report = one_constant(4, 4, 4);
  EXPECT_THROW(models::efficiency_ratio_interval(report, 8, {0.5, 0.6, 1}, Sampling{}),
               std::invalid_argument);
  EXPECT_THROW(models::efficiency_ratio_interval(report, 8, {0.5, 0, 1}, Sampling{}),
               std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::test
