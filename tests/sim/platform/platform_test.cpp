// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/platform.h"

#include <map>

#include "tests/sim/platform/machine_fixture.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using test::MachineFixture;

class PlatformTest : public test::ScTest {
 protected:
  static RunStatistics run(const MachineFixture& f, Computation* computation) {
    return run_platform(f.arch, f.memory, {f.trace}, computation);
  }
  static void expect_golden_tokens(const MachineFixture& f) {
    const auto computation = f.computation();
    run(f, computation.get());
    EXPECT_EQ(computation->generated(), f.golden_tokens());
  }
};

TEST_F(PlatformTest, TokensEqualTheGoldenModelOnTheDefaultMachine) {
  expect_golden_tokens(MachineFixture("default"));
}

TEST_F(PlatformTest, TokensEqualTheGoldenModelOnAnOddMachine) {
  expect_golden_tokens(MachineFixture("odd"));
}

TEST_F(PlatformTest, TokensEqualTheGoldenModelWhenEveryActivationIsSpilled) {
  expect_golden_tokens(MachineFixture("odd", test::starved_sets()));
}

TEST_F(PlatformTest, TokensEqualTheGoldenModelWhenColumnsTakeActivationsInAnotherOrder) {
  MachineFixture f("odd", test::starved_sets());
  const std::vector<std::uint32_t> in_order = f.golden_tokens();
  for (models::QuantizedLayer& layer : f.model.layers) {
    for (const auto& m : decoder_matrices(f.model.shape)) {
      models::BcqMatrix& w = matrix_of(layer, m.id);
      for (std::uint32_t col = 0; col < w.k; ++col) w.input_order.push_back((col * 7 + 3) % w.k);
    }
  }
  expect_golden_tokens(f);
  EXPECT_NE(f.golden_tokens(), in_order) << "the order matters";
}

TEST_F(PlatformTest, TokensEqualTheGoldenModelWithACacheOf8Bits) {
  expect_golden_tokens(MachineFixture("odd", test::starved_sets(), 8, 8));
}

TEST_F(PlatformTest, TokensEqualTheGoldenModelWithACacheOf4Bits) {
  expect_golden_tokens(MachineFixture("odd", test::starved_sets(), 8, 4));
}

TEST_F(PlatformTest, EveryCommandOfAStarvedMachineRetires) {
  const MachineFixture f("odd", test::starved_sets(), 3);
  const RunStatistics s = run(f, nullptr);
  EXPECT_GT(s.commands, f.trace.operators.size());
  EXPECT_EQ(s.steps.size(), 3u);
}

TEST_F(PlatformTest, UnitTimesAddUpToTheRun) {
  const MachineFixture f("odd");
  const RunStatistics s = run(f, nullptr);
  ASSERT_FALSE(s.units.empty());
  for (const auto& unit : s.units) {
    EXPECT_NEAR(unit.busy + unit.wait_memory + unit.wait_dependency + unit.idle, s.cycles,
                1e-6 * s.cycles)
        << unit.unit;
    EXPECT_GE(unit.idle, -1e-6 * s.cycles) << unit.unit;
  }
}

TEST_F(PlatformTest, WaitsByKindAddUpToThoseOfTheUnits) {
  const MachineFixture f("odd", test::starved_sets());
  const RunStatistics s = run(f, nullptr);
  double memory = 0, dependency = 0;
  for (const KindTime& kind : s.kinds) {
    memory += kind.wait_memory_s;
    dependency += kind.wait_dependency_s;
  }
  const double period = s.seconds / s.cycles;
  double units_memory = 0, units_dependency = 0;
  for (const auto& unit : s.units) {
    if (unit.unit != "matrix" && unit.unit != "vector") continue;
    units_memory += unit.wait_memory * period;
    units_dependency += unit.wait_dependency * period;
  }
  EXPECT_GT(memory, 0);
  EXPECT_NEAR(memory, units_memory, 1e-6 * s.seconds);
  EXPECT_NEAR(dependency, units_dependency, 1e-6 * s.seconds);
}

TEST_F(PlatformTest, TheCriticalPathIsAsLongAsTheRun) {
  const MachineFixture f("odd", test::starved_sets());
  const RunStatistics s = run(f, nullptr);
  double sum = 0;
  std::uint64_t commands = 0;
  for (const PathShare& share : s.critical_path) {
    sum += share.seconds;
    commands += share.commands;
  }
  EXPECT_NEAR(sum, s.seconds, 1e-9 * s.seconds);
  EXPECT_GT(commands, f.trace.operators.size());  // every operator needs the one before it
  EXPECT_LE(commands, s.commands);
}

TEST_F(PlatformTest, TheTimelineHoldsEveryCommandOfEveryUnit) {
  const MachineFixture f("default");
  const RunStatistics s = run(f, nullptr);
  std::uint64_t commands = 0;
  std::map<UnitKind, double> busy;
  for (const TimelineSlice& slice : s.timeline) {
    EXPECT_LE(slice.begin_s, slice.end_s);
    EXPECT_LE(slice.end_s, s.seconds);
    commands += slice.commands;
    busy[slice.unit] += slice.busy_s;
  }
  EXPECT_EQ(commands, s.commands);
  const double period = s.seconds / s.cycles;
  EXPECT_NEAR(busy[UnitKind::matrix], s.units[0].busy * period, 1e-6 * s.seconds);
  EXPECT_NEAR(busy[UnitKind::vector], s.units[1].busy * period, 1e-6 * s.seconds);
}

TEST_F(PlatformTest, TheRunIsNeverFasterThanItsBytesOverThePeakBandwidth) {
  const MachineFixture f("default");
  const RunStatistics s = run(f, nullptr);
  EXPECT_GE(s.seconds,
            static_cast<double>(s.dram_read_bytes + s.dram_write_bytes) / s.dram_peak_bytes_per_s);
}

TEST_F(PlatformTest, DramMovesWhatTheDmaAskedFor) {
  const MachineFixture f("odd");
  const RunStatistics s = run(f, nullptr);
  std::uint64_t asked = 0;
  for (const auto& kind : s.kinds) asked += kind.dram_bytes;
  // DRAM moves whole bursts.
  EXPECT_GE(s.dram_read_bytes + s.dram_write_bytes, asked);
  EXPECT_EQ(s.events[models::Event::noc_bit], asked * 8);
}

}  // namespace
}  // namespace lutsim::sim
