// SPDX-License-Identifier: Apache-2.0
#include "models/spec/memory_standard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/sim/memory/shipped_memories.h"

namespace lutsim::test {
namespace {

TEST(MemoryStandard, EveryShippedFileReadsAndAgreesWithItself) {
  const auto names = shipped_memory_names();
  EXPECT_THAT(names, testing::IsSupersetOf({"ddr4-3200", "ddr5-4800", "hbm2-2000", "hbm3-6400",
                                            "lpddr5-6400", "lpddr5x-8533", "lpddr5x-9600"}));
  for (const auto& name : names) {
    const spec::MemoryStandard standard = shipped_memory(name);
    EXPECT_EQ(standard.name, name);
    EXPECT_NO_THROW(standard.validate());
    EXPECT_GT(standard.source.size(), 40u) << name;
  }
}

TEST(MemoryStandard, PeakIsTheDataRateOfThePins) {
  // Data rate of a pin in Gb/s times pins / 8.
  EXPECT_NEAR(peak_bytes_per_second(shipped_memory("lpddr5-6400"), 1), 12.8e9, 1e6);
  EXPECT_NEAR(peak_bytes_per_second(shipped_memory("lpddr5-6400"), 4), 51.2e9, 1e6);
  EXPECT_NEAR(peak_bytes_per_second(shipped_memory("lpddr5x-8533"), 1), 17.066e9, 2e6);
  EXPECT_NEAR(peak_bytes_per_second(shipped_memory("lpddr5x-9600"), 1), 19.2e9, 2e6);
  EXPECT_NEAR(peak_bytes_per_second(shipped_memory("hbm2-2000"), 8), 256e9, 1e6);
  EXPECT_NEAR(peak_bytes_per_second(shipped_memory("hbm3-6400"), 1), 51.2e9, 1e6);
  // 416 ps, not 416.67: the rounded clock of the source gives 0.16 % more than 19.2 GB/s.
  EXPECT_NEAR(peak_bytes_per_second(shipped_memory("ddr5-4800"), 1), 19.23e9, 1e7);
  EXPECT_NEAR(peak_bytes_per_second(shipped_memory("ddr4-3200"), 1), 25.6e9, 1e6);
}

TEST(MemoryStandard, CapacityIsTheGeometry) {
  EXPECT_EQ(capacity_bytes(shipped_memory("lpddr5-6400"), 4), 4ull * 16 / 8 << 30);  // 16 Gb each
  EXPECT_EQ(capacity_bytes(shipped_memory("hbm3-6400"), 16), 16ull << 30);
  EXPECT_EQ(capacity_bytes(shipped_memory("ddr5-4800"), 1), 8ull << 30);
  EXPECT_EQ(capacity_bytes(shipped_memory("ddr4-3200"), 1), 8ull << 30);
}

TEST(MemoryStandard, DerivedLpddr5xKeepsTheAnalogTimesOfLpddr5) {
  const spec::MemoryStandard base = shipped_memory("lpddr5-6400");
  const std::pair<const char*, std::uint32_t spec::MemoryStandard::*> analog[] = {
      {"cl", &spec::MemoryStandard::cl},         {"rcd_rd", &spec::MemoryStandard::rcd_rd},
      {"rp", &spec::MemoryStandard::rp},         {"rp_ab", &spec::MemoryStandard::rp_ab},
      {"ras", &spec::MemoryStandard::ras},       {"wr", &spec::MemoryStandard::wr},
      {"faw", &spec::MemoryStandard::faw},       {"rfc_ab", &spec::MemoryStandard::rfc_ab},
      {"rfc_pb", &spec::MemoryStandard::rfc_pb}, {"refi", &spec::MemoryStandard::refi}};
  for (const char* name : {"lpddr5x-8533", "lpddr5x-9600"}) {
    const spec::MemoryStandard fast = shipped_memory(name);
    for (const auto& [key, member] : analog) {
      // Both are the same time rounded up to their own clock.
      const double base_time = base.*member * base.tck;
      const double fast_time = fast.*member * fast.tck;
      EXPECT_GT(fast_time, base_time - base.tck) << name << " " << key;
      EXPECT_LT(fast_time, base_time + fast.tck) << name << " " << key;
    }
  }
}

TEST(MemoryStandard, ContradictionsAreRefusedByName) {
  const auto refusal = [](auto change) {
    spec::MemoryStandard s = shipped_memory("lpddr5-6400");
    change(s);
    try {
      s.validate();
    } catch (const spec::SpecError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refusal([](auto& s) { s.rows = 1000; }), testing::HasSubstr("rows = 1000"));
  EXPECT_THAT(refusal([](auto& s) { s.rc = 20; }), testing::HasSubstr("rc = 20"));
  EXPECT_THAT(refusal([](auto& s) { s.ccd_s = 1; }), testing::HasSubstr("ccd_s = 1"));
  EXPECT_THAT(refusal([](auto& s) { s.refi = 100; }), testing::HasSubstr("refi = 100"));
  EXPECT_THAT(refusal([](auto& s) { s.rfc_pb = 0; }), testing::HasSubstr("rfc_pb"));
  EXPECT_THAT(refusal([](auto& s) { s.tck = 0; }), testing::HasSubstr("tck"));
  EXPECT_EQ(refusal([](auto&) {}), "accepted");
}

}  // namespace
}  // namespace lutsim::test
