// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "sim/memory/dram_bench.h"
#include "tests/sim/memory/shipped_memories.h"

namespace lutsim::test {
namespace {

using sim::DramPath;
using sim::DramPattern;
using spec::AddressMapping;
using spec::Refresh;

/// Bandwidth and mean latency of Ramulator 2.1 on the same pattern with the same queue
/// (docs/units/memory.md, "Against a reference simulator").
struct ReferenceRow {
  const char* memory;
  std::uint32_t channels;
  DramPattern pattern;
  AddressMapping mapping;
  Refresh refresh;
  double gb_per_s;
  double mean_latency_ns;
};

const ReferenceRow kTable[] = {
    {"lpddr5-6400", 1, DramPattern::seq, AddressMapping::ro, Refresh::all_bank, 11.71, 197.7},
    {"lpddr5-6400", 1, DramPattern::seq, AddressMapping::mop, Refresh::all_bank, 11.69, 199.0},
    {"lpddr5-6400", 1, DramPattern::seq, AddressMapping::ro, Refresh::off, 12.80, 182.8},
    {"lpddr5-6400", 1, DramPattern::rand, AddressMapping::ro, Refresh::all_bank, 5.81, 393.3},
    {"lpddr5-6400", 4, DramPattern::seq, AddressMapping::ro, Refresh::all_bank, 46.84, 197.7},
    {"hbm2-2000", 1, DramPattern::seq, AddressMapping::ro, Refresh::all_bank, 25.73, 95.1},
    {"hbm2-2000", 1, DramPattern::seq, AddressMapping::mop, Refresh::all_bank, 28.62, 87.2},
    {"hbm2-2000", 1, DramPattern::seq, AddressMapping::ro, Refresh::off, 27.68, 89.4},
    {"hbm2-2000", 1, DramPattern::rand, AddressMapping::ro, Refresh::all_bank, 9.65, 242.0},
    {"hbm2-2000", 8, DramPattern::seq, AddressMapping::ro, Refresh::all_bank, 206.0, 95.0},
    {"hbm3-6400", 1, DramPattern::seq, AddressMapping::ro, Refresh::all_bank, 42.48, 110.6},
    {"hbm3-6400", 1, DramPattern::seq, AddressMapping::mop, Refresh::all_bank, 45.56, 104.8},
    {"hbm3-6400", 1, DramPattern::seq, AddressMapping::ro, Refresh::off, 46.19, 102.7},
    {"ddr5-4800", 1, DramPattern::seq, AddressMapping::ro, Refresh::all_bank, 17.61, 249.9},
    {"ddr5-4800", 1, DramPattern::seq, AddressMapping::ro, Refresh::off, 19.23, 230.2},
    {"ddr5-4800", 1, DramPattern::rand, AddressMapping::ro, Refresh::all_bank, 11.74, 379.9},
    {"ddr4-3200", 1, DramPattern::seq, AddressMapping::ro, Refresh::all_bank, 22.93, 194.3},
    {"ddr4-3200", 1, DramPattern::rand, AddressMapping::ro, Refresh::all_bank, 11.13, 397.2},
};

std::uint64_t requests_of(const ReferenceRow& row, std::uint32_t burst_bytes) {
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  if (row.pattern == DramPattern::rand) return 100000;
  if (row.channels > 1) return 64 * kMiB / burst_bytes;
  if (row.refresh == Refresh::off) return 4 * kMiB / burst_bytes;
  return (row.mapping == AddressMapping::mop ? 8 : 16) * kMiB / burst_bytes;
}

std::string row_name(const testing::TestParamInfo<ReferenceRow>& info) {
  const ReferenceRow& r = info.param;
  return test_name(r.memory) + "_x" + std::to_string(r.channels) + "_" +
         spec::to_string_of(r.pattern) + "_" + spec::to_string_of(r.mapping) +
         (r.refresh == Refresh::off ? "_no_refresh" : "");
}

struct ReferenceTable : testing::TestWithParam<ReferenceRow> {
  void expect_within(DramPath path, double bandwidth_tolerance, double latency_tolerance) {
    const ReferenceRow& row = GetParam();
    const spec::MemoryStandard standard = shipped_memory(row.memory);
    sim::DramPatternSpec pattern;
    pattern.pattern = row.pattern;
    pattern.requests = requests_of(row, standard.burst_bytes());
    pattern.channels = row.channels;
    pattern.mapping = row.mapping;
    pattern.refresh = row.refresh;
    pattern.path = path;
    const sim::DramPatternResult r = run_dram_pattern(standard, pattern);
    const double bandwidth_error = r.gb_per_s / row.gb_per_s - 1;
    const double latency_error = r.mean_latency_ns / row.mean_latency_ns - 1;
    RecordProperty("bandwidth_error", std::to_string(bandwidth_error));
    RecordProperty("latency_error", std::to_string(latency_error));
    EXPECT_LT(std::abs(bandwidth_error), bandwidth_tolerance) << r.gb_per_s;
    EXPECT_LT(std::abs(latency_error), latency_tolerance) << r.mean_latency_ns;
    EXPECT_LE(r.gb_per_s, r.peak_gb_per_s);
  }
};

TEST_P(ReferenceTable, BurstPathIsWithinOnePercent) {
  // The reference counts latency from the clock after a burst entered its queue: one clock less.
  expect_within(DramPath::burst, 0.01, 0.012);
}

TEST_P(ReferenceTable, RowPathIsWithinOnePercent) { expect_within(DramPath::row, 0.01, 0.012); }

INSTANTIATE_TEST_SUITE_P(Rows, ReferenceTable, testing::ValuesIn(kTable), row_name);

}  // namespace
}  // namespace lutsim::test
