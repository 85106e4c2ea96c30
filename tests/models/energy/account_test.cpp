// SPDX-License-Identifier: Apache-2.0
#include "models/energy/account.h"

#include <gmock/gmock.h>

#include <set>

#include "models/config/diagnostics.h"
#include "tests/models/energy/arch_fixture.h"

namespace lutsim::test {
namespace {

using models::Event;
using models::EventCounts;
using ::testing::HasSubstr;

/// Some of everything; the counts are odd and differ from each other.
EventCounts some_of_everything() {
  EventCounts counts;
  for (std::size_t i = 0; i < models::kEventCount; ++i) {
    counts.add(static_cast<Event>(i), 1000003 * (i + 1));
  }
  return counts;
}

TEST(Account, GroupsAddUpToTheTotalToTheLastBit) {
  const auto report = models::account(small_arch(), table_28nm(), some_of_everything(), 0.37);
  double sum = 0;
  for (const models::EnergyGroup& group : report.groups) {
    EXPECT_GT(group.joules, 0) << group.name;
    sum += group.joules;
  }
  EXPECT_EQ(sum, report.total);
}

TEST(Account, GroupsAreThoseOfTheEventsAndStatic) {
  const auto report = models::account(small_arch(), table_28nm(), EventCounts(), 0);
  std::set<std::string> names;
  for (const models::EnergyGroup& group : report.groups) {
    EXPECT_TRUE(names.insert(group.name).second) << group.name << " twice";
  }
  std::set<std::string> expected{"static"};
  for (std::size_t i = 0; i < models::kEventCount; ++i) {
    expected.insert(models::event_info(static_cast<Event>(i)).group);
  }
  EXPECT_EQ(names, expected);
}

TEST(Account, EventsAndConstantsEachExplainTheWholeTotal) {
  const auto report = models::account(small_arch(), table_28nm(), some_of_everything(), 0.37);
  double from_constants = 0;
  double shares = 0;
  for (const models::ConstantUse& use : report.constants) {
    from_constants += use.amount * use.constant.value;
    shares += use.share;
  }
  EXPECT_NEAR(from_constants / report.total, 1, 1e-12);
  EXPECT_NEAR(shares, 1, 1e-12);
  double by_confidence = 0;
  for (const models::ConfidenceShare& e : report.evidence) by_confidence += e.share;
  EXPECT_NEAR(by_confidence, 1, 1e-12);
  EXPECT_EQ(report.events.size(), models::kEventCount);
}

/// Sums over groups and over events by another path than the total.
TEST(Account, ConstantsOfGroupsAndEventsAreThoseOfTheTotal) {
  const auto report = models::account(small_arch(), table_28nm(), some_of_everything(), 0.37);
  const auto joules = [](const std::vector<models::ConstantUse>& uses) {
    double sum = 0;
    for (const auto& use : uses) sum += use.amount * use.constant.value;
    return sum;
  };
  for (const auto& group : report.groups) {
    EXPECT_NEAR(joules(group.constants) / group.joules, 1, 1e-12) << group.name;
  }
  double events = 0;
  for (const auto& event : report.events) {
    EXPECT_NEAR(joules(event.constants) / event.joules, 1, 1e-12);
    events += event.joules;
  }
  const auto idle = models::account(small_arch(), table_28nm(), EventCounts(), 0.37);
  EXPECT_NEAR((events + idle.total) / report.total, 1, 1e-12);
}

/// Every event with both shipped families of tables: none is free, none is missing.
TEST(Account, AnyCountedEventWithoutItsConstantsIsRefused) {
  models::EnergyTableFile bare;
  bare.name = "bare";
  const models::EnergyTable table(bare, "bare.yaml");
  for (std::size_t i = 0; i < models::kEventCount; ++i) {
    EventCounts counts;
    counts.add(static_cast<Event>(i));
    const std::string name = models::event_info(static_cast<Event>(i)).name;
    try {
      models::account(small_arch(), table, counts, 0);
      ADD_FAILURE() << name << " cost nothing";
    } catch (const config::InputError& error) {
      EXPECT_THAT(error.what(), ::testing::AnyOf(HasSubstr("event '" + name + "' needs"),
                                                 HasSubstr("which the area of")));
    }
  }
}

TEST(Account, TwiceTheCountsAreExactlyTwiceTheDynamicEnergy) {
  const EventCounts once = some_of_everything();
  EventCounts twice = once;
  twice += once;
  const auto a = models::account(small_arch(), table_28nm(), once, 0);
  const auto b = models::account(small_arch(), table_28nm(), twice, 0);
  EXPECT_EQ(b.total, 2 * a.total);
}

TEST(Account, IdleChipDrawsStaticAndStandbyPowerOnly) {
  const auto report = models::account(small_arch(), table_28nm(), EventCounts(), 2.0);
  EXPECT_DOUBLE_EQ(report.group("dram"), 2.0 * 8 * 30e-3);
  EXPECT_GT(report.group("static"), 2.0 * 128 * 0.174e-3);
  EXPECT_EQ(report.total, report.group("dram") + report.group("static"));
  EXPECT_TRUE(report.events.empty());
}

TEST(Account, StaticEnergyGrowsWithTime) {
  const auto one = models::account(small_arch(), table_28nm(), EventCounts(), 1.0);
  const auto two = models::account(small_arch(), table_28nm(), EventCounts(), 2.0);
  EXPECT_EQ(two.total, 2 * one.total);
}

TEST(Account, JoulesOfAGroupAreCountTimesEnergy) {
  EventCounts counts;
  counts.add(Event::dram_read_bit, 1000000);
  const auto report = models::account(small_arch(), table_28nm(), counts, 0);
  EXPECT_DOUBLE_EQ(report.total, 4e-6);
  EXPECT_DOUBLE_EQ(report.group("dram"), 4e-6);
}

TEST(Account, CountedEventWithoutAnEntryIsRefusedByName) {
  spec::ArchSpec arch = small_arch();
  arch.memory.standard = "lpddr6-10667";
  EventCounts counts;
  counts.add(Event::dram_activate);
  try {
    models::account(arch, table_28nm(), counts, 0);
    FAIL() << "there is no lpddr6";
  } catch (const config::InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("has no entry 'dram.lpddr6.activate', which event "
                                        "'dram.activate' needs"));
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'dram.lpddr"));
  }
}

TEST(Account, ConstantsComeByFallingShare) {
  const auto report = models::account(small_arch(), table_28nm(), some_of_everything(), 0.37);
  for (std::size_t i = 1; i < report.constants.size(); ++i) {
    EXPECT_GE(report.constants[i - 1].share, report.constants[i].share);
  }
}

}  // namespace
}  // namespace lutsim::test
