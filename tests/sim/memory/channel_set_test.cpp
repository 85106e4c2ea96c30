// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/channel_set.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/sim/memory/shipped_memories.h"

namespace lutsim::test {
namespace {

using sim::ChannelSet;
using sim::DramPath;
using sim::Slot;

struct ChannelSetTest : testing::Test {
  spec::MemoryStandard standard = shipped_memory("lpddr5x-8533");

  spec::MemorySpec memory(std::uint32_t channels) const {
    spec::MemorySpec m;
    m.standard = standard.name;
    m.channels = channels;
    return m;
  }
};

struct Transaction {
  std::uint32_t port;
  bool write;
  std::uint64_t first;
  std::uint64_t bursts;
  Slot at;
};

/// When each transaction is over, and which channels had to be played.
struct Outcome {
  std::map<std::uint64_t, Slot> end;
  std::map<std::uint64_t, std::uint32_t> channels;
  std::size_t played = 0;
};

Outcome play(ChannelSet& set, const std::vector<Transaction>& transactions) {
  Outcome out;
  const auto collect = [&] {
    for (const auto& done : set.take_completions()) {
      Slot& end = out.end[done.completion.id];
      end = std::max(end, done.completion.slot);
      out.channels[done.completion.id] += done.channels;
    }
  };
  const auto advance_to = [&](Slot limit) {
    for (Slot wake = set.next_wake(); wake < limit; wake = set.next_wake()) {
      set.advance(wake);
      collect();
    }
  };
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    const Transaction& t = transactions[i];
    advance_to(t.at);
    const std::uint32_t parts = set.submit(t.port, {i, t.write, {{t.first, t.bursts}}}, t.at);
    EXPECT_EQ(parts, std::min<std::uint64_t>(t.bursts, set.size()));
    collect();
  }
  advance_to(sim::kNever);
  out.played = set.played();
  return out;
}

/// Random transactions, `whole` per cent of them over all channels alike.
std::vector<Transaction> random_transactions(std::uint32_t channels, unsigned whole,
                                             std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Transaction> out;
  Slot at = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {
    Transaction t{i % 6, random() % 5 == 0, random() % (1u << 22), 1 + random() % 3000, at};
    if (random() % 100 < whole) {
      t.first -= t.first % channels;
      t.bursts = channels * (1 + random() % 200);
    }
    out.push_back(t);
    at += static_cast<Slot>(random() % 2000);
  }
  return out;
}

TEST_F(ChannelSetTest, LockstepChangesNothing) {
  for (const std::uint32_t channels : {1u, 3u, 8u}) {
    for (const unsigned whole : {0u, 90u, 100u}) {
      const auto transactions = random_transactions(channels, whole, channels + whole);
      ChannelSet fast(memory(channels), standard, DramPath::row);
      ChannelSet each(memory(channels), standard, DramPath::burst);
      const Outcome a = play(fast, transactions);
      const Outcome b = play(each, transactions);
      EXPECT_EQ(a.end, b.end);
      EXPECT_EQ(a.channels, b.channels);
      EXPECT_EQ(a.end.size(), transactions.size());
      EXPECT_EQ(b.played, channels);
      EXPECT_LE(a.played, whole == 100 ? 1u : channels);
      for (std::uint32_t c = 0; c < channels; ++c) {
        const sim::ChannelStatistics x = fast.statistics(c);
        const sim::ChannelStatistics y = each.statistics(c);
        EXPECT_EQ(x.reads, y.reads);
        EXPECT_EQ(x.writes, y.writes);
        EXPECT_EQ(x.activates, y.activates);
        EXPECT_EQ(x.row_hits, y.row_hits);
        EXPECT_EQ(x.read_latency_slots, y.read_latency_slots);
        EXPECT_EQ(x.last_data, y.last_data);
      }
    }
  }
}

TEST_F(ChannelSetTest, ATransactionSplitsOnlyTheChannelsThatItTreatsDifferently) {
  ChannelSet set(memory(8), standard, DramPath::row);
  play(set, {{0, false, 0, 800, 0}});
  EXPECT_EQ(set.played(), 1u);
  play(set, {{0, false, 0, 803, 100000}});  // three channels have a burst more
  EXPECT_EQ(set.played(), 2u);
  play(set, {{0, false, 802, 3, 200000}});  // channels 2, 3 and 4: of both
  EXPECT_EQ(set.played(), 4u);
}

TEST_F(ChannelSetTest, NoChannelIsRefused) {
  EXPECT_THROW(ChannelSet(memory(0), standard, DramPath::row), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::test
