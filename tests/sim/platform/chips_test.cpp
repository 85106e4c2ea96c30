// SPDX-License-Identifier: Apache-2.0
// Several chips that work on one model.
#include <algorithm>
#include <string>

#include "sim/platform/platform.h"
#include "tests/sim/platform/machine_fixture.h"
#include "tests/support/sc_test.h"
#include "workloads/trace/tensor_parallel.h"

namespace lutsim::sim {
namespace {

using models::Event;
using test::MachineFixture;

class ChipsTest : public test::ScTest {
 protected:
  static RunStatistics run(const MachineFixture& f, bool every_chip = false) {
    const auto traces = workloads::chip_traces(f.trace, f.arch.system.chips, every_chip);
    return run_platform(f.arch, f.memory, traces, nullptr);
  }
  static MachineFixture machine(const std::string& chips, std::vector<std::string> sets = {},
                                std::uint32_t generate = 1) {
    sets.push_back("system.chips=" + chips);
    return MachineFixture("odd", std::move(sets), generate);
  }
  static std::size_t layers(const MachineFixture& f) { return f.model.layers.size(); }
};

TEST_F(ChipsTest, EveryCommandOfEveryChipRetires) {
  const RunStatistics s = run(machine("2", test::starved_sets(), 3), true);
  EXPECT_EQ(s.simulated_chips, 2u);
  EXPECT_EQ(s.steps.size(), 3u);
  ASSERT_EQ(s.units.size(), 6u);
  for (const auto& unit : s.units) {
    EXPECT_NEAR(unit.busy + unit.wait_memory + unit.wait_dependency + unit.idle, s.cycles,
                1e-6 * s.cycles)
        << unit.unit;
  }
}

TEST_F(ChipsTest, AReductionSendsTwiceAllPartsButOneOverEveryLink) {
  const MachineFixture f = machine("2");
  const RunStatistics s = run(f);
  EXPECT_EQ(s.simulated_chips, 1u);
  // Sums of 7 rows, twice a layer; each chip sends half of them twice. Then the candidate of one
  // row, value and index.
  const std::uint64_t sums = 7ull * f.model.shape.hidden * 32;
  const std::uint64_t per_chip = 2 * layers(f) * sums + 64;
  EXPECT_EQ(s.events[Event::link_bit], 2 * per_chip);
}

/// Latency so long that nothing else counts: a run is as many latencies as it has messages that
/// wait for each other.
void expect_latencies(const RunStatistics& s, double latency, std::size_t count) {
  const double rounds = s.seconds / latency;
  EXPECT_GE(rounds, static_cast<double>(count));
  EXPECT_LT(rounds, static_cast<double>(count) * 1.05);
}

TEST_F(ChipsTest, ARingPassesEveryPartRoundTwice) {
  const MachineFixture f = machine("2", {"system.link_latency=100 ms"});
  // Reduce-scatter and all-gather: one message each on two chips.
  expect_latencies(run(f), 0.1, 2 * layers(f) * 2 + 1);
}

TEST_F(ChipsTest, ASwitchTakesTwoMessagesTimesForAnyNumberOfChips) {
  const MachineFixture f = machine("4", {"system.link_latency=100 ms", "system.topology=switched"});
  expect_latencies(run(f), 0.1, 2 * layers(f) * 2 + 1);
}

TEST_F(ChipsTest, ARingOfFourTakesThreeTimesAsLongAsOneOfTwo) {
  const MachineFixture f = machine("4", {"system.link_latency=100 ms"});
  expect_latencies(run(f), 0.1, 2 * layers(f) * 6 + 3);
}

TEST_F(ChipsTest, EachChipReadsItsShareOfTheWeights) {
  const MachineFixture f = machine("2");
  const RunStatistics s = run(f);
  std::uint64_t matrices = 0;
  for (const auto& tensor : f.trace.tensors) {
    // The embedding table is that of the LM head.
    if (tensor.role == workloads::TensorRole::weight && tensor.shape.size() == 2) {
      matrices += workloads::stored_bytes(tensor);
    }
  }
  const auto matmul = std::find_if(s.kinds.begin(), s.kinds.end(), [](const KindTime& kind) {
    return kind.kind == workloads::OperatorKind::matmul;
  });
  ASSERT_NE(matmul, s.kinds.end());
  // A chip's part may end inside a group, whose scales both chips then have.
  EXPECT_GE(matmul->dram_bytes, matrices);
  EXPECT_LT(static_cast<double>(matmul->dram_bytes), 1.2 * static_cast<double>(matrices));
}

TEST_F(ChipsTest, AWrongNumberOfTracesIsRefused) {
  const MachineFixture f = machine("4");
  EXPECT_THROW(run_platform(f.arch, f.memory, {f.trace, f.trace}, nullptr), std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::sim
