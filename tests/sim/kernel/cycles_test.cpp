// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/cycles.h"

#include "sim/kernel/clock.h"
#include "tests/support/sc_test.h"

namespace lutsim::test {
namespace {

using sc_core::sc_time;
using sim::ClockDomain;
using sim::Cycles;

class ClockTest : public ScTest {};

TEST_F(ClockTest, CyclesBecomeTimeWithoutRounding) {
  const ClockDomain clock = ClockDomain::from_frequency(500e6);
  EXPECT_EQ(clock.period, sc_time(2, sc_core::SC_NS));
  // 2^53 + 1 cycles are not a double.
  const std::uint64_t many = (std::uint64_t{1} << 53) + 1;
  EXPECT_EQ(clock.duration(Cycles(many)).value(), many * 2000);
  EXPECT_EQ(clock.duration(Cycles(3) + Cycles(4)), sc_time(14, sc_core::SC_NS));
}

TEST_F(ClockTest, TheNextEdgeIsAtOrAfterATime) {
  const ClockDomain clock = ClockDomain::from_frequency(800e6);
  const sc_time edge = clock.duration(Cycles(7));
  const sc_time ps = sc_time(1, sc_core::SC_PS);
  EXPECT_EQ(clock.next_edge(edge), edge);
  EXPECT_EQ(clock.next_edge(edge + ps), edge + clock.period);
  EXPECT_EQ(clock.next_edge(edge - ps), edge);
}

TEST_F(ClockTest, CyclesInADurationAreWhole) {
  const ClockDomain clock = ClockDomain::from_frequency(1e9);
  EXPECT_EQ(clock.cycles_in(sc_time(1999, sc_core::SC_PS)), Cycles(1));
  EXPECT_EQ(clock.cycles_in(sc_time(2000, sc_core::SC_PS)), Cycles(2));
  EXPECT_TRUE(Cycles(1) < Cycles(2));
}

}  // namespace
}  // namespace lutsim::test
