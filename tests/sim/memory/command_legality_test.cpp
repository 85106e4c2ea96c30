// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "sim/memory/channel.h"
#include "tests/sim/memory/command_checker.h"
#include "tests/sim/memory/shipped_memories.h"

namespace lutsim::test {
namespace {

using sim::Command;
using sim::IssuedCommand;
using sim::Slot;

std::string lines(const std::vector<std::string>& found) {
  std::string text;
  for (const auto& line : found) text += line + "\n";
  return text;
}

/// Random reads and writes of random lengths at a few ports, in clumps with pauses between them.
std::vector<IssuedCommand> random_commands(const spec::MemoryStandard& standard,
                                           spec::AddressMapping mapping, spec::Refresh refresh,
                                           std::uint64_t seed) {
  sim::Channel channel(standard, mapping, refresh, sim::DramPath::burst);
  std::vector<IssuedCommand> log;
  channel.record_commands(&log);
  std::mt19937_64 random(seed);
  const std::uint64_t near = 64 * standard.bursts_per_row();  // few rows, many hits and conflicts
  const std::uint64_t all = standard.channel_bytes() / standard.burst_bytes();
  Slot now = 0;
  for (std::uint64_t i = 0; i < 600; ++i) {
    const std::uint64_t bursts = random() % 4 == 0 ? 1 + random() % 150 : 1 + random() % 3;
    const std::uint64_t first = random() % (random() % 3 == 0 ? all - 200 : near);
    channel.submit(static_cast<std::uint32_t>(random() % 5),
                   {i, random() % 3 == 0, {{first, bursts}}}, now);
    if (random() % 8 == 0) now += static_cast<Slot>(random() % 3000);
  }
  for (Slot wake = channel.next_wake(); wake != sim::kNever; wake = channel.next_wake()) {
    channel.advance(wake);
  }
  return log;
}

struct Legality : testing::TestWithParam<std::string> {};

TEST_P(Legality, EveryCommandOfRandomStreamsKeepsEveryTiming) {
  const spec::MemoryStandard standard = shipped_memory(GetParam());
  std::vector<spec::Refresh> modes = {spec::Refresh::off, spec::Refresh::all_bank};
  if (standard.refi_pb > 0) modes.push_back(spec::Refresh::per_bank);
  for (const auto refresh : modes) {
    for (const auto mapping : {spec::AddressMapping::ro, spec::AddressMapping::mop}) {
      for (const std::uint64_t seed : {1u, 2u}) {
        const auto log = random_commands(standard, mapping, refresh, seed);
        EXPECT_EQ(lines(violations(standard, log)), "")
            << GetParam() << " refresh " << spec::to_string_of(refresh) << " mapping "
            << spec::to_string_of(mapping) << " seed " << seed;
        const auto count = [&](Command c) {
          return std::count_if(log.begin(), log.end(),
                               [&](const auto& i) { return i.command == c; });
        };
        EXPECT_GT(count(Command::read), 1000);
        EXPECT_GT(count(Command::write), 1000);
        EXPECT_EQ(count(Command::refresh_all) > 0, refresh == spec::Refresh::all_bank);
        EXPECT_EQ(count(Command::refresh_bank) > 0, refresh == spec::Refresh::per_bank);
        EXPECT_EQ(count(Command::activate_2), standard.aad > 0 ? count(Command::activate) : 0);
      }
    }
  }
}

/// Bends one timing of the checker's copy: the checker must notice that the stream does not keep
/// it.
TEST_P(Legality, AStreamThatIgnoresATimingIsFound) {
  const spec::MemoryStandard standard = shipped_memory(GetParam());
  const auto log = random_commands(standard, spec::AddressMapping::ro, spec::Refresh::all_bank, 3);
  const std::pair<const char*, std::uint32_t spec::MemoryStandard::*> timings[] = {
      {"rcd_rd", &spec::MemoryStandard::rcd_rd}, {"rcd_wr", &spec::MemoryStandard::rcd_wr},
      {"rp", &spec::MemoryStandard::rp},         {"ras", &spec::MemoryStandard::ras},
      {"rc", &spec::MemoryStandard::rc},         {"rtp", &spec::MemoryStandard::rtp},
      {"wr", &spec::MemoryStandard::wr},         {"ccd_s", &spec::MemoryStandard::ccd_s},
      {"ccd_l", &spec::MemoryStandard::ccd_l},   {"rrd_s", &spec::MemoryStandard::rrd_s},
      {"faw", &spec::MemoryStandard::faw},       {"wtr_s", &spec::MemoryStandard::wtr_s},
      {"rtw", &spec::MemoryStandard::rtw},       {"rfc_ab", &spec::MemoryStandard::rfc_ab},
      {"rp_ab", &spec::MemoryStandard::rp_ab}};
  for (const auto& [name, member] : timings) {
    spec::MemoryStandard stricter = standard;
    stricter.*member += std::max<std::uint32_t>(2, stricter.*member / 8);
    // Four activates rrd_s apart may never fill the window.
    if (stricter.faw <= 4 * standard.rrd_s && name == std::string("faw")) continue;
    EXPECT_FALSE(violations(stricter, log).empty()) << GetParam() << " " << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, Legality, testing::ValuesIn(shipped_memory_names()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace lutsim::test
