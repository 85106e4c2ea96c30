// SPDX-License-Identifier: Apache-2.0
// The same model on the same machine with the modelled and with the Verilated matrix unit.
#include "sim/platform/platform.h"

#include "sim/rtl_bridge/matrix_driver.h"
#include "tests/sim/platform/machine_fixture.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using test::MachineFixture;

/// The model's cycles come from timing mode in a child process of CTest's making: one elaboration a
/// process. Here the Verilated unit reports its own cycles and MatrixUnit compares them tile by
/// tile with the timing model (a difference is an SC_REPORT_ERROR).
class RtlPlatformTest : public test::ScTest {
 protected:
  static void expect_golden_tokens_from_rtl(const MachineFixture& f) {
    auto driver = std::make_shared<rtl::MatrixDriver>(f.arch.matrix);
    const auto computation =
        f.computation([driver](const workloads::Operator&, const MatrixTile& tile) {
          return driver->run_tile(tile);
        });
    const RunStatistics s = run_platform(f.arch, f.memory, {f.trace}, computation.get());
    EXPECT_EQ(computation->generated(), f.golden_tokens());
    EXPECT_GT(s.matrix_tile_cycles, 0u);
  }
};

TEST_F(RtlPlatformTest, DefaultMachineGivesTheGoldenTokensInTheModelledCycles) {
  expect_golden_tokens_from_rtl(MachineFixture("default", {}, 2));
}

TEST_F(RtlPlatformTest, OddMachineGivesTheGoldenTokensInTheModelledCycles) {
  expect_golden_tokens_from_rtl(MachineFixture("odd", {}, 2));
}

TEST_F(RtlPlatformTest, SpillingMachineGivesTheGoldenTokensInTheModelledCycles) {
  expect_golden_tokens_from_rtl(MachineFixture("odd", test::starved_sets(), 2));
}

TEST_F(RtlPlatformTest, FpMachineGivesTheGoldenTokensInTheModelledCycles) {
  expect_golden_tokens_from_rtl(MachineFixture("odd-fp", {}, 2));
}

TEST_F(RtlPlatformTest, IfpuMachineGivesTheGoldenTokensInTheModelledCycles) {
  expect_golden_tokens_from_rtl(MachineFixture("odd-ifpu", {}, 2));
}

TEST_F(RtlPlatformTest, FignaMachineGivesTheGoldenTokensInTheModelledCycles) {
  expect_golden_tokens_from_rtl(MachineFixture("odd-figna", {}, 2));
}

TEST_F(RtlPlatformTest, LutFMachineGivesTheGoldenTokensInTheModelledCycles) {
  expect_golden_tokens_from_rtl(MachineFixture("odd-lut-f", {}, 2));
}

TEST_F(RtlPlatformTest, LutIMachineOfSeveralPlanesGivesTheGoldenTokensInTheModelledCycles) {
  expect_golden_tokens_from_rtl(MachineFixture("odd-lut-i", {}, 2));
}

}  // namespace
}  // namespace lutsim::sim
