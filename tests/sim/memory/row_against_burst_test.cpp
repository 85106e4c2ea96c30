// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "sim/memory/dram_bench.h"
#include "tests/sim/memory/shipped_memories.h"

namespace lutsim::test {
namespace {

using sim::DramPath;
using sim::DramPattern;
using sim::Slot;
using spec::AddressMapping;

struct Load {
  std::uint32_t port;
  bool write;
  std::uint64_t first;
  std::uint64_t bursts;
  Slot at;
};

struct Outcome {
  Slot end = 0;
  std::vector<Slot> done;  ///< by load
  sim::ChannelStatistics statistics;
};

/// Loads in order of their times, played as the SystemC module plays them.
Outcome play(const spec::MemoryStandard& standard, AddressMapping mapping, DramPath path,
             const std::vector<Load>& loads) {
  const auto channel = make_channel(standard, mapping, spec::Refresh::all_bank, path);
  Outcome out;
  out.done.resize(loads.size(), 0);
  const auto collect = [&] {
    for (const auto& c : channel->take_completions()) out.done[c.id] = c.slot;
  };
  for (std::size_t i = 0; i < loads.size(); ++i) {
    channel->submit(loads[i].port, {i, loads[i].write, loads[i].first, loads[i].bursts},
                    loads[i].at);
    collect();
  }
  for (Slot wake = channel->next_wake(); wake != sim::kNever; wake = channel->next_wake()) {
    channel->advance(wake);
    collect();
  }
  out.statistics = channel->statistics();
  out.end = out.statistics.last_data;
  return out;
}

struct RowAgainstBurst : testing::TestWithParam<std::tuple<std::string, AddressMapping>> {
  spec::MemoryStandard standard = shipped_memory(std::get<0>(GetParam()));
  AddressMapping mapping = std::get<1>(GetParam());

  /// Flows do not see every change of rank that a burst of its own decision makes.
  bool several_ranks() const { return standard.ranks > 1; }

  void expect_same_end(const std::vector<Load>& loads, double tolerance) {
    const Outcome burst = play(standard, mapping, DramPath::burst, loads);
    const Outcome row = play(standard, mapping, DramPath::row, loads);
    EXPECT_NEAR(static_cast<double>(row.end), static_cast<double>(burst.end),
                tolerance * static_cast<double>(burst.end));
    EXPECT_EQ(row.statistics.reads, burst.statistics.reads);
    EXPECT_EQ(row.statistics.writes, burst.statistics.writes);
  }
};

TEST_P(RowAgainstBurst, OneStreamTakesTheSameTime) {
  expect_same_end({{0, false, 0, 100000, 0}}, mapping == AddressMapping::ro ? 0.03 : 0.05);
}

TEST_P(RowAgainstBurst, OneStreamOfWritesTakesTheSameTime) {
  // With `mop` the per-row path does not see activates and writes wait for each other on one bus.
  expect_same_end({{0, true, 0, 30000, 0}}, mapping == AddressMapping::ro ? 0.05 : 0.10);
}

TEST_P(RowAgainstBurst, ConcurrentStreamsTakeTheSameTime) {
  // Far apart, in other banks and rows, as the weights, scales and cache of a layer are.
  expect_same_end(
      {{0, false, 0, 20000, 0}, {1, false, 3000017, 20000, 0}, {2, false, 5000111, 20000, 500}},
      several_ranks() ? 0.12 : 0.05);
}

TEST_P(RowAgainstBurst, ReadsAndWritesTogetherTakeTheSameTime) {
  expect_same_end({{0, false, 0, 20000, 0}, {1, true, 3000017, 10000, 0}}, 0.10);
}

TEST_P(RowAgainstBurst, AWriteIsOverWhenItsQueueHoldsTheRestOfIt) {
  const std::uint64_t bursts = 10000;
  const double burst_slots = static_cast<double>(standard.bl) * standard.slots_per_clock;
  for (const auto path : {DramPath::burst, DramPath::row}) {
    const Outcome out = play(standard, mapping, path, {{0, true, 0, bursts, 0}});
    const double rest = static_cast<double>(out.end - out.done[0]);
    const double queue = standard.write_queue * burst_slots / standard.pseudo_channels;
    EXPECT_GE(rest, queue) << spec::to_string_of(path);  // the queue was full
    EXPECT_LT(static_cast<double>(out.done[0]), 0.999 * static_cast<double>(out.end));
    EXPECT_EQ(out.statistics.writes, bursts);
  }
}

TEST_P(RowAgainstBurst, TilesThatComeAndGoTakeTheSameTime) {
  // Four channels of a DMA engine, tiles of 2 to 16 KiB, a new one when the last is likely done.
  std::mt19937_64 random(7);
  std::vector<Load> loads;
  Slot at = 0;
  for (std::uint32_t i = 0; i < 400; ++i) {
    const std::uint64_t bursts = 64 + random() % 448;
    loads.push_back({i % 4, false, (random() % 100000) * 64, bursts, at});
    at += static_cast<Slot>(bursts) * standard.bl * standard.slots_per_clock;
  }
  expect_same_end(loads, 0.05);
}

std::string path_name(const testing::TestParamInfo<RowAgainstBurst::ParamType>& info) {
  return test_name(std::get<0>(info.param)) + "_" + spec::to_string_of(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Shipped, RowAgainstBurst,
                         testing::Combine(testing::ValuesIn(shipped_memory_names()),
                                          testing::Values(AddressMapping::ro, AddressMapping::mop)),
                         path_name);

struct RowStride : testing::TestWithParam<std::string> {};

TEST_P(RowStride, StridesReachTheSameBandwidth) {
  const spec::MemoryStandard standard = shipped_memory(GetParam());
  for (const std::uint64_t stride : {64, 256, 1024, 4096, 16384}) {
    sim::DramPatternSpec pattern;
    pattern.pattern = DramPattern::stride;
    pattern.stride = stride;
    pattern.requests = 20000;
    const double burst = run_dram_pattern(standard, pattern).gb_per_s;
    pattern.path = DramPath::row;
    const double row = run_dram_pattern(standard, pattern).gb_per_s;
    EXPECT_NEAR(row / burst, 1.0, 0.05) << stride;
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, RowStride, testing::ValuesIn(shipped_memory_names()),
                         [](const auto& info) { return test_name(info.param); });

TEST(RowChannel, PerBankRefreshCostsAsInThePerBurstPath) {
  const spec::MemoryStandard standard = shipped_memory("lpddr5-6400");
  sim::DramPatternSpec pattern;
  pattern.requests = 100000;
  pattern.refresh = spec::Refresh::per_bank;
  const double burst = run_dram_pattern(standard, pattern).gb_per_s;
  pattern.path = DramPath::row;
  EXPECT_NEAR(run_dram_pattern(standard, pattern).gb_per_s / burst, 1.0, 0.05);
}

}  // namespace
}  // namespace lutsim::test
