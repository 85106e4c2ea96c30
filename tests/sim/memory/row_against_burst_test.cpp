// SPDX-License-Identifier: Apache-2.0
// The per-row path skips what repeats. It may not differ from the per-burst path in anything: every
// command of random streams is compared.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "sim/memory/dram_bench.h"
#include "tests/sim/memory/shipped_memories.h"

namespace lutsim::test {
namespace {

using sim::Channel;
using sim::DramPath;
using sim::IssuedCommand;
using sim::Slot;
using spec::AddressMapping;
using spec::Refresh;

struct Load {
  std::uint32_t port;
  bool write;
  std::uint64_t first;
  std::uint64_t bursts;
  Slot at;
  std::uint64_t pieces = 1;  ///< as many ranges, `stride` apart
  std::uint64_t stride = 0;

  std::vector<sim::BurstRange> ranges() const {
    std::vector<sim::BurstRange> out;
    for (std::uint64_t p = 0; p < pieces; ++p) out.push_back({first + p * stride, bursts});
    return out;
  }
};

struct Outcome {
  std::vector<Slot> done;  ///< by load
  std::vector<IssuedCommand> commands;
  sim::ChannelStatistics statistics;
};

/// Loads in order of their times, played as the SystemC module plays them.
Outcome play(const spec::MemoryStandard& standard, AddressMapping mapping, Refresh refresh,
             DramPath path, const std::vector<Load>& loads) {
  Channel channel(standard, mapping, refresh, path);
  Outcome out;
  channel.record_commands(&out.commands);
  out.done.resize(loads.size(), 0);
  const auto collect = [&] {
    for (const auto& c : channel.take_completions()) out.done[c.id] = c.slot;
  };
  const auto advance_to = [&](Slot end) {
    for (Slot wake = channel.next_wake(); wake < end; wake = channel.next_wake()) {
      channel.advance(wake);
      collect();
    }
  };
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const Load& load = loads[i];
    advance_to(load.at);
    channel.submit(load.port, {i, load.write, load.ranges()}, load.at);
    collect();
  }
  advance_to(sim::kNever);
  out.statistics = channel.statistics();
  return out;
}

std::string text_of(const IssuedCommand& c) {
  return std::to_string(c.slot) + ": command " + std::to_string(static_cast<int>(c.command)) +
         " bank " + std::to_string(c.bank) + " row " + std::to_string(c.row);
}

struct RowAgainstBurst : testing::TestWithParam<std::tuple<std::string, AddressMapping>> {
  spec::MemoryStandard standard = shipped_memory(std::get<0>(GetParam()));
  AddressMapping mapping = std::get<1>(GetParam());

  void expect_the_same(const std::vector<Load>& loads, Refresh refresh = Refresh::all_bank) {
    const Outcome burst = play(standard, mapping, refresh, DramPath::burst, loads);
    const Outcome row = play(standard, mapping, refresh, DramPath::row, loads);
    const std::size_t both = std::min(row.commands.size(), burst.commands.size());
    for (std::size_t i = 0; i < both; ++i) {
      ASSERT_EQ(text_of(row.commands[i]), text_of(burst.commands[i])) << "command " << i;
    }
    ASSERT_EQ(row.commands.size(), burst.commands.size());
    EXPECT_EQ(row.done, burst.done);
    const sim::ChannelStatistics& a = row.statistics;
    const sim::ChannelStatistics& b = burst.statistics;
    EXPECT_EQ(a.reads, b.reads);
    EXPECT_EQ(a.writes, b.writes);
    EXPECT_EQ(a.row_hits, b.row_hits);
    EXPECT_EQ(a.row_misses, b.row_misses);
    EXPECT_EQ(a.row_conflicts, b.row_conflicts);
    EXPECT_EQ(a.activates, b.activates);
    EXPECT_EQ(a.refreshes, b.refreshes);
    EXPECT_EQ(a.read_latency_slots, b.read_latency_slots);
    EXPECT_EQ(a.last_data, b.last_data);
  }
};

TEST_P(RowAgainstBurst, OneStreamOfReads) { expect_the_same({{0, false, 0, 100000, 0}}); }

TEST_P(RowAgainstBurst, OneStreamOfWrites) { expect_the_same({{0, true, 0, 30000, 0}}); }

TEST_P(RowAgainstBurst, StreamsThatShareThePins) {
  // Far apart, in other banks and rows, as the weights, scales and cache of a layer are.
  expect_the_same(
      {{0, false, 0, 20000, 0}, {1, false, 3000017, 20000, 0}, {2, false, 5000111, 20000, 500}});
}

TEST_P(RowAgainstBurst, ReadsAndWritesTogether) {
  expect_the_same({{0, false, 0, 20000, 0}, {1, true, 3000017, 10000, 0}});
}

TEST_P(RowAgainstBurst, TilesThatComeAndGo) {
  // Four channels of a DMA engine, tiles of 2 to 16 KiB, a new one when the last is likely done.
  std::mt19937_64 random(7);
  std::vector<Load> loads;
  Slot at = 0;
  for (std::uint32_t i = 0; i < 400; ++i) {
    const std::uint64_t bursts = 64 + random() % 448;
    loads.push_back({i % 4, false, (random() % 100000) * 64, bursts, at});
    at += static_cast<Slot>(bursts) * standard.bl * standard.slots_per_clock;
  }
  expect_the_same(loads);
}

TEST_P(RowAgainstBurst, StridedStreams) {
  // A stride of a row more than a run goes on in the next row where the last range ended.
  const std::uint64_t row = standard.bursts_per_row();
  std::vector<Load> loads;
  Slot at = 0;
  for (const std::uint64_t stride : {row, 2 * row, row + 3, std::uint64_t{9}, std::uint64_t{8}}) {
    loads.push_back({0, false, 1000, 8, at, 16, stride});
    loads.push_back({1, stride % 2 == 0, 70000, 5, at, 40, stride});
    at += 2000;
  }
  expect_the_same(loads);
}

TEST_P(RowAgainstBurst, RandomStreams) {
  std::vector<Refresh> modes = {Refresh::off, Refresh::all_bank};
  if (standard.refi_pb > 0) modes.push_back(Refresh::per_bank);
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    std::mt19937_64 random(seed);
    const std::uint64_t all = standard.channel_bytes() / standard.burst_bytes();
    const std::uint64_t near = 64 * standard.bursts_per_row();
    const std::uint64_t writes = random() % 4;  // of four
    const std::uint64_t longest = std::uint64_t{1} << (2 + random() % 10);
    std::vector<Load> loads;
    Slot at = 0;
    for (std::uint32_t i = 0; i < 300; ++i) {
      const std::uint64_t bursts = random() % 3 == 0 ? 1 + random() % 4 : 1 + random() % longest;
      const std::uint64_t span = random() % 2 == 0 ? all - longest : near;
      const std::uint64_t first = random() % span;
      loads.push_back(
          {static_cast<std::uint32_t>(random() % 5), random() % 4 < writes, first, bursts, at});
      if (random() % 4 == 0) at += static_cast<Slot>(random() % (4 * longest));
    }
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_the_same(loads, modes[seed % modes.size()]);
  }
}

TEST_P(RowAgainstBurst, AWriteIsOverWhenItsQueueHoldsTheRestOfIt) {
  const std::uint64_t bursts = 10000;
  const double burst_slots = static_cast<double>(standard.bl) * standard.slots_per_clock;
  const Outcome out =
      play(standard, mapping, Refresh::all_bank, DramPath::row, {{0, true, 0, bursts, 0}});
  const Slot end = out.statistics.last_data;
  const double queue = standard.write_queue * burst_slots / standard.pseudo_channels;
  EXPECT_GE(static_cast<double>(end - out.done[0]), queue);  // the queue was full
  EXPECT_LT(static_cast<double>(out.done[0]), 0.999 * static_cast<double>(end));
  EXPECT_EQ(out.statistics.writes, bursts);
}

std::string path_name(const testing::TestParamInfo<RowAgainstBurst::ParamType>& info) {
  return test_name(std::get<0>(info.param)) + "_" + spec::to_string_of(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Shipped, RowAgainstBurst,
                         testing::Combine(testing::ValuesIn(shipped_memory_names()),
                                          testing::Values(AddressMapping::ro, AddressMapping::mop)),
                         path_name);

}  // namespace
}  // namespace lutsim::test
