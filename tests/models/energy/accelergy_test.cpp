// SPDX-License-Identifier: Apache-2.0
#include "models/energy/accelergy.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "models/config/write_yaml.h"
#include "models/energy/account.h"
#include "models/energy/area.h"
#include "models/energy/event_energy.h"
#include "tests/models/energy/arch_fixture.h"

namespace lutsim::test {
namespace {

using ::testing::HasSubstr;

models::EnergyTableFile table_file(const std::string& name) {
  return config::read_yaml<models::EnergyTableFile>(table_path(name));
}

models::EnergyTableFile imported(const std::string& ert, const std::string& art = "",
                                 const models::EnergyTableFile& base = {}) {
  return models::from_accelergy(config::Source("ert.yaml", ert), config::Source("art.yaml", art),
                                base, {"mine", "a test"});
}

std::string refusal(const std::string& ert, const std::string& art = "") {
  try {
    imported(ert, art);
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// As a user reads it again: through the file.
models::EnergyTable reread(const models::EnergyTableFile& file) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "accelergy_import.yaml";
  std::ofstream(path) << config::write_yaml(file);
  models::EnergyTable table = models::read_energy_table(path.string());
  std::filesystem::remove(path);
  return table;
}

std::string one_action(const std::string& component, const std::string& action) {
  return "ERT:\n  version: 0.4\n  tables:\n    - name: " + component +
         "\n      actions:\n        - " + action + "\n";
}

TEST(Accelergy, RoundTripKeepsEveryEventAndTheAreas) {
  for (const char* name : {"literature-28nm", "rtl-28nm"}) {
    const auto arch = small_arch();
    const auto before = models::read_energy_table(table_path(name));
    const auto after = reread(
        imported(models::to_ert(arch, before), models::to_art(arch, before), table_file(name)));
    for (std::size_t i = 0; i < models::kEventCount; ++i) {
      const auto event = static_cast<models::Event>(i);
      const double was = models::event_joules(event, arch, before);
      EXPECT_TRUE(after.contains(models::event_info(event).name)) << models::event_info(event).name;
      EXPECT_NEAR(models::event_joules(event, arch, after) / was, 1, 1e-12)
          << models::event_info(event).name;
    }
    const auto area = models::chip_area(arch, before), again = models::chip_area(arch, after);
    EXPECT_NEAR(again.total.value / area.total.value, 1, 1e-12);
    EXPECT_NEAR(again.logic.value / area.logic.value, 1, 1e-12);
    EXPECT_LT(again.parts.size(), area.parts.size());
  }
}

/// A name of a component and an action means one event.
TEST(Accelergy, ComponentsAndActionsAreUnique) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < models::kEventCount; ++i) {
    const auto info = models::event_info(static_cast<models::Event>(i));
    const std::string name = info.name;
    EXPECT_TRUE(seen.insert(info.group + name.substr(name.find('.'))).second) << name;
  }
}

TEST(Accelergy, LeakIsThePowerOfOneChipInACycle) {
  spec::ArchSpec arch = small_arch();
  const auto leak = [](const std::string& ert, const std::string& component) {
    const auto at = ert.find("leak", ert.find("chip." + component));
    return std::stod(ert.substr(ert.find("energy: ", at) + 8));
  };
  const std::string ert = models::to_ert(arch, table_28nm());
  // 8 channels of 30 mW at 500 MHz.
  EXPECT_NEAR(leak(ert, "dram"), 8 * 30e-3 / 500e6 * 1e12, 1e-9);
  arch.system.chips = 4;
  EXPECT_NEAR(leak(models::to_ert(arch, table_28nm()), "dram"), leak(ert, "dram"), 1e-9);
}

/// The form that others write: ranges of components, paths, several arguments.
TEST(Accelergy, TakesTheLastPartOfAPathAndTheGreatestOverArguments) {
  const auto table = imported(
      "ERT:\n  version: 0.3\n  tables:\n    - name: system.chip.dram[0..3]\n      actions:\n"
      "        - {name: read_bit, arguments: {data_delta: 0}, energy: 2}\n"
      "        - {name: read_bit, arguments: {data_delta: 1}, energy: 5}\n"
      "        - {name: read_bit, arguments: {data_delta: 2}, energy: 3e0}\n"
      "        - {name: leak, arguments: {}, energy: 0}\n");
  ASSERT_EQ(table.entries.size(), 1u);
  EXPECT_EQ(table.entries[0].name, "dram.read_bit");
  EXPECT_DOUBLE_EQ(table.entries[0].value, 5e-12);
  EXPECT_DOUBLE_EQ(table.entries[0].low, 2.5e-12);
  EXPECT_DOUBLE_EQ(table.entries[0].high, 10e-12);
  EXPECT_EQ(table.entries[0].confidence, models::Confidence::guessed);
  EXPECT_EQ(table.entries[0].shares, "mine");
  EXPECT_THAT(table.entries[0].source, HasSubstr("ert.yaml, a test; it has no range"));
}

TEST(Accelergy, WhatIsMissingIsTheUsualError) {
  const auto table = models::EnergyTable(
      imported(one_action("chip.dram", "{name: read_bit, arguments: {}, energy: 2}")), "mine.yaml");
  models::EventCounts counts;
  counts.add(models::Event::dram_phy_bit);
  try {
    models::account(small_arch(), table, counts, 0);
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("has no entry 'dram.lpddr5.phy_bit'"));
  }
}

TEST(Accelergy, BadTablesAreRefusedWithEveryErrorAtItsLine) {
  const std::string message = refusal(
      "ERT:\n  version: 0.5\n  tables:\n    - name: chip.matrix\n      actions:\n"
      "        - {name: lut_raed, energy: 2}\n"
      "        - {name: lut_read, energy: 0}\n"
      "        - {name: lut_write, energy: 2 pJ}\n"
      "        - {name: align}\n"
      "    - {name: chip.vector}\n",
      "ART:\n  version: 0.4\n  tables:\n    - {name: chip.gpu, area: 3}\n");
  EXPECT_THAT(message, HasSubstr("ert.yaml:2:12: error: version '0.5'"));
  EXPECT_THAT(message, HasSubstr("action 'matrix.lut_raed' is no event"));
  EXPECT_THAT(message, HasSubstr("did you mean 'matrix.lut_read'?"));
  EXPECT_THAT(message, HasSubstr("'energy' is '0', expected a number above 0"));
  EXPECT_THAT(message, HasSubstr("'energy' is '2 pJ'"));
  EXPECT_THAT(message, HasSubstr("missing key 'energy'"));
  EXPECT_THAT(message, HasSubstr("missing key 'actions'"));
  EXPECT_THAT(message, HasSubstr("component 'gpu' is no unit of the chip"));
  EXPECT_THAT(refusal("ART: {}\n"), HasSubstr("missing key 'ERT'"));
  EXPECT_THAT(refusal("a: [\n"), HasSubstr("error"));
}

/// Every unit of the chip can be given as a whole, in every engine.
TEST(Accelergy, EveryUnitHasAnAreaConstant) {
  for (const char* name : {"default", "figlut-fp", "figlut-figna", "figlut-lut-f"}) {
    const auto arch = config::read_yaml<spec::ArchSpec>(std::string(LUTSIM_SOURCE_DIR) +
                                                        "/models/hardware/" + name + ".yaml");
    for (const auto& part : models::chip_area(arch, table_28nm()).parts) {
      EXPECT_STREQ(models::constant_per("area." + models::area_unit(part.name)), "chip")
          << part.name;
    }
  }
}

}  // namespace
}  // namespace lutsim::test
