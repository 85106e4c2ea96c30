// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/address_map.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "tests/sim/memory/shipped_memories.h"

namespace lutsim::test {
namespace {

using sim::AddressMap;
using spec::AddressMapping;

struct Mapping : testing::TestWithParam<std::string> {};

TEST_P(Mapping, DifferentBurstsLieInDifferentPlaces) {
  spec::MemoryStandard small = shipped_memory(GetParam());
  small.rows = 8;
  for (const auto mapping : {AddressMapping::ro, AddressMapping::mop}) {
    const AddressMap map(small, mapping);
    ASSERT_EQ(map.bursts_per_channel() * small.burst_bytes(), small.channel_bytes());
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> places;
    for (std::uint64_t burst = 0; burst < map.bursts_per_channel(); ++burst) {
      const sim::Location l = map.locate(burst);
      ASSERT_LT(l.bank, small.banks_per_channel());
      ASSERT_LT(l.row, small.rows);
      ASSERT_LT(l.column, small.bursts_per_row());
      ASSERT_TRUE(places.insert({l.bank, l.row, l.column}).second) << burst;
    }
  }
}

TEST_P(Mapping, AVisitNeedsOneRowOfEachBankItTouches) {
  const spec::MemoryStandard standard = shipped_memory(GetParam());
  for (const auto mapping : {AddressMapping::ro, AddressMapping::mop}) {
    const AddressMap map(standard, mapping);
    std::map<std::uint32_t, std::uint32_t> row_of;
    for (std::uint64_t i = 0; i < map.visit_bursts(); ++i) {
      const sim::Location l = map.locate(7 * map.visit_bursts() + i);
      EXPECT_EQ(row_of.emplace(l.bank, l.row).first->second, l.row);
      EXPECT_EQ(map.visit_bursts(7 * map.visit_bursts() + i), map.visit_bursts() - i);
    }
    EXPECT_EQ(row_of.size(), mapping == AddressMapping::ro ? 1 : standard.banks_per_channel());
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, Mapping, testing::ValuesIn(shipped_memory_names()),
                         [](const auto& info) { return test_name(info.param); });

TEST(AddressMap, RoFillsARowThenTheSameBankOfTheNextUnit) {
  const spec::MemoryStandard hbm = shipped_memory("hbm3-6400");
  const AddressMap map(hbm, AddressMapping::ro);
  const std::uint32_t row = hbm.bursts_per_row();
  const std::uint32_t per_rank = hbm.bank_groups * hbm.banks;
  EXPECT_EQ(map.locate(row - 1), (sim::Location{0, 0, row - 1}));
  EXPECT_EQ(map.locate(row), (sim::Location{hbm.ranks * per_rank, 0, 0}));  // pseudo-channel 1
  EXPECT_EQ(map.locate(2 * row), (sim::Location{per_rank, 0, 0}));          // stack ID 1
  EXPECT_EQ(map.locate(4 * row), (sim::Location{hbm.banks, 0, 0}));         // bank group 1
  EXPECT_EQ(map.locate(16 * row), (sim::Location{1, 0, 0}));                // bank 1
  EXPECT_EQ(map.locate(64 * row), (sim::Location{0, 1, 0}));                // row 1
}

TEST(AddressMap, MopSpreadsNeighboursOverBankGroups) {
  const spec::MemoryStandard lpddr = shipped_memory("lpddr5-6400");
  const AddressMap map(lpddr, AddressMapping::mop);
  std::set<std::uint32_t> groups;
  for (std::uint64_t i = 0; i < 4; ++i) groups.insert(map.locate(i).bank / lpddr.banks);
  EXPECT_EQ(groups.size(), 4u);
}

}  // namespace
}  // namespace lutsim::test
