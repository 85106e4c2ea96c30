// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/memory/dram_bench.h"
#include "tests/sim/memory/shipped_memories.h"

namespace lutsim::test {
namespace {

using sim::DramPath;
using sim::DramPattern;
using sim::Slot;

/// Slots from handing over one read to the end of its data, on a channel without refresh.
Slot read_latency(sim::Channel& channel, std::uint64_t burst, Slot at) {
  channel.submit(0, {1, false, {{burst, 1}}}, at);
  for (Slot wake = channel.next_wake(); wake != sim::kNever; wake = channel.next_wake()) {
    channel.advance(wake);
  }
  const auto done = channel.take_completions();
  return done.at(0).slot - at;
}

struct ClosedForm : testing::TestWithParam<std::tuple<std::string, DramPath>> {
  spec::MemoryStandard standard = shipped_memory(std::get<0>(GetParam()));
  sim::Channel channel{standard, spec::AddressMapping::ro, spec::Refresh::off,
                       std::get<1>(GetParam())};
  /// A clock in the controller, one to start the data clock of LPDDR5, one for the clock edge of a
  /// command of several slots.
  double slack() const { return 3.0; }
  double clocks(Slot slots) const { return static_cast<double>(slots) / standard.slots_per_clock; }
  static constexpr Slot kLater = 100000;
  std::uint64_t next_row_of_same_bank() const {
    return std::uint64_t{standard.bursts_per_row()} * standard.banks_per_channel();
  }
};

TEST_P(ClosedForm, AnIdleBankCostsActivateReadAndBurst) {
  const double expected = standard.rcd_rd + standard.cl + standard.bl;
  const double got = clocks(read_latency(channel, 0, kLater));
  EXPECT_GE(got, expected + 0.5);
  EXPECT_LE(got, expected + slack());
}

TEST_P(ClosedForm, AnIdleRowMissCostsAPrechargeMore) {
  read_latency(channel, 0, kLater);
  const double expected = standard.rp + standard.rcd_rd + standard.cl + standard.bl;
  const double got = clocks(read_latency(channel, next_row_of_same_bank(), 2 * kLater));
  EXPECT_GE(got, expected + 0.5);
  EXPECT_LE(got, expected + slack());
}

TEST_P(ClosedForm, AnIdleRowHitCostsReadAndBurst) {
  read_latency(channel, 0, kLater);
  const double expected = standard.cl + standard.bl;
  const double got = clocks(read_latency(channel, 1, 2 * kLater));
  EXPECT_GE(got, expected + 0.5);
  EXPECT_LE(got, expected + slack());
}

std::string form_name(const testing::TestParamInfo<ClosedForm::ParamType>& info) {
  return test_name(std::get<0>(info.param)) + "_" + spec::to_string_of(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Shipped, ClosedForm,
                         testing::Combine(testing::ValuesIn(shipped_memory_names()),
                                          testing::Values(DramPath::burst, DramPath::row)),
                         form_name);

struct Stream : testing::TestWithParam<std::string> {
  spec::MemoryStandard standard = shipped_memory(GetParam());
};

/// dram.md: peak x (1 - (nRTP + nRP + nRFC + nRCD) / nREFI); `mop` spreads the stream.
TEST_P(Stream, ASpreadStreamLosesOnlyTheRefresh) {
  sim::DramPatternSpec pattern;
  pattern.requests = 300000;
  pattern.mapping = spec::AddressMapping::mop;
  const auto r = run_dram_pattern(standard, pattern);
  // Pseudo-channels are refreshed one after the other: the second precharges while it waits.
  const double others = (standard.pseudo_channels - 1.0) * standard.rp_ab;
  const double lost =
      (standard.rtp + standard.rp_ab + standard.rfc_ab + standard.rcd_rd + others) / standard.refi;
  // After a refresh every bank is opened anew; where that takes as long as four bursts (HBM2E), the
  // pins wait for it.
  const bool activates_keep_up = 4.0 * standard.bl > 1.2 * standard.rrd_s;
  EXPECT_NEAR(r.gb_per_s / r.peak_gb_per_s, 1.0 - lost, activates_keep_up ? 0.01 : 0.025);
}

TEST_P(Stream, NothingIsFasterThanThePins) {
  for (const auto pattern_kind : {DramPattern::seq, DramPattern::stride, DramPattern::rand,
                                  DramPattern::chase, DramPattern::mix}) {
    for (const auto mapping : {spec::AddressMapping::ro, spec::AddressMapping::mop}) {
      for (const auto path : {DramPath::burst, DramPath::row}) {
        for (const auto refresh : {spec::Refresh::off, spec::Refresh::all_bank}) {
          sim::DramPatternSpec pattern;
          pattern.pattern = pattern_kind;
          pattern.requests = pattern_kind == DramPattern::seq ? 20000 : 3000;
          pattern.stride = 2 * standard.burst_bytes();
          pattern.mapping = mapping;
          pattern.path = path;
          pattern.refresh = refresh;
          const auto r = run_dram_pattern(standard, pattern);
          const double bytes = static_cast<double>(r.bytes_read + r.bytes_written);
          EXPECT_EQ(bytes, static_cast<double>(pattern.requests) * standard.burst_bytes());
          EXPECT_GE(r.time_s, bytes / peak_bytes_per_second(standard, 1))
              << spec::to_string_of(pattern_kind) << " " << spec::to_string_of(mapping) << " "
              << spec::to_string_of(path);
          EXPECT_EQ(r.row_hits + r.row_misses + r.row_conflicts, pattern.requests);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, Stream, testing::ValuesIn(shipped_memory_names()),
                         [](const auto& info) { return test_name(info.param); });

TEST(DramBench, TheSameSeedGivesTheSameResult) {
  const spec::MemoryStandard standard = shipped_memory("lpddr5-6400");
  sim::DramPatternSpec pattern;
  pattern.pattern = DramPattern::mix;
  pattern.requests = 2000;
  const auto a = run_dram_pattern(standard, pattern);
  const auto b = run_dram_pattern(standard, pattern);
  pattern.seed = 2;
  const auto c = run_dram_pattern(standard, pattern);
  EXPECT_EQ(a.time_s, b.time_s);
  EXPECT_EQ(a.mean_latency_ns, b.mean_latency_ns);
  EXPECT_NE(a.time_s, c.time_s);
}

TEST(DramBench, WrongPatternsAreRefused) {
  const spec::MemoryStandard standard = shipped_memory("ddr5-4800");
  const auto refused = [&](auto change) {
    sim::DramPatternSpec pattern;
    change(pattern);
    EXPECT_THROW(run_dram_pattern(standard, pattern), spec::SpecError);
  };
  refused([](auto& p) { p.requests = 0; });
  refused([](auto& p) { p.channels = 0; });
  refused([](auto& p) { p.span = 100; });
  refused([](auto& p) { p.span = std::uint64_t{1} << 50; });
  refused([](auto& p) { p.refresh = spec::Refresh::per_bank; });
  refused([](auto& p) {
    p.pattern = DramPattern::stride;
    p.stride = 63;
  });
}

}  // namespace
}  // namespace lutsim::test
