// SPDX-License-Identifier: Apache-2.0
#include "models/energy/energy_table.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "models/config/write_yaml.h"
#include "tests/models/energy/arch_fixture.h"

namespace lutsim::test {
namespace {

using ::testing::HasSubstr;

/// A table with one row in `section`.
std::string one_row(const std::string& section, const std::string& name,
                    const std::string& values) {
  return "schema: lutsim.energy/1\nname: t\n" + section + ":\n  - name: " + name + "\n    " +
         values + "\n    confidence: guessed\n    source: test\n";
}

std::string refusal(const std::string& text) {
  try {
    config::read_yaml_text<models::EnergyTableFile>(text, "bad.yaml");
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "accepted";
}

constexpr char kPicojoules[] = "value: 1 pJ\n    low: 1 pJ\n    high: 1 pJ";

TEST(EnergyTable, EveryShippedTableIsValidAndNamesASourceForEveryConstant) {
  int tables = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(LUTSIM_SOURCE_DIR) +
                                                               "/models/hardware/energy")) {
    const models::EnergyTable table = models::read_energy_table(entry.path().string());
    EXPECT_EQ(table.name(), entry.path().stem().string());
    for (const auto& [name, constant] : table.constants()) {
      EXPECT_GT(constant.source.size(), 5u) << name;
      EXPECT_STRNE(models::constant_per(name), "") << name;
    }
    ++tables;
  }
  EXPECT_GE(tables, 3);
}

TEST(EnergyTable, ValuesAreHeldInSiBaseUnits) {
  const models::EnergyTable table = table_28nm();
  EXPECT_DOUBLE_EQ(table.at("fp32_add", "test").value, 0.46e-12);
  EXPECT_DOUBLE_EQ(table.at("static.sram_kib", "test").value, 0.174e-3);
  EXPECT_DOUBLE_EQ(table.at("area.sram_bit", "test").value, 0.3e-12);
}

TEST(EnergyTable, IncludedTableAddsItsConstants) {
  EXPECT_EQ(table_28nm().at("dram.hbm2.activate", "test").confidence,
            models::Confidence::published);
}

TEST(EnergyTable, WrittenTableReadsBackTheSame) {
  const auto file = config::read_yaml<models::EnergyTableFile>(table_path("literature-7nm"));
  const auto again =
      config::read_yaml_text<models::EnergyTableFile>(config::write_yaml(file), "again.yaml");
  EXPECT_EQ(models::EnergyTable(file, "a").constants(),
            models::EnergyTable(again, "b").constants());
}

TEST(EnergyTable, ConstantForOneEventNeedsAnEnergyAndAnEvent) {
  EXPECT_EQ(refusal(one_row("entries", "mux_bit@matrix.lut_read", kPicojoules)), "accepted");
  EXPECT_THAT(refusal(one_row("entries", "mux_bit@matrix.read", kPicojoules)),
              HasSubstr("is neither a constant nor an event"));
  EXPECT_THAT(refusal(one_row("entries", "area.mux_bit@matrix.lut_read", kPicojoules)),
              HasSubstr("is neither a constant nor an event"));
  EXPECT_STREQ(models::constant_per("mux_bit@matrix.lut_read"), models::constant_per("mux_bit"));
}

TEST(EnergyTable, NameThatIsNeitherConstantNorEventIsRefusedWithTheNearestOne) {
  const std::string message = refusal(one_row("entries", "matrix.lut_raed", kPicojoules));
  EXPECT_THAT(message, HasSubstr("'matrix.lut_raed' is neither a constant nor an event"));
  EXPECT_THAT(message, HasSubstr("did you mean 'matrix.lut_read'?"));
}

TEST(EnergyTable, BadFileIsRefusedWithEveryErrorAtItsLine) {
  const std::string text =
      "schema: lutsim.energy/1\n"
      "name: t\n"
      "entries:\n"
      "  - name: fp32_add\n"
      "    value: 3 pJ\n"
      "    low: 1 pJ\n"
      "    high: 2 pJ\n"
      "    confidence: guessed\n"
      "    source: test\n"
      "  - name: area.sram_bit\n"
      "    value: 1 pJ\n"
      "    low: 1 pJ\n"
      "    high: 1 pJ\n"
      "    confidence: guessed\n"
      "    source: test\n";
  EXPECT_EQ(refusal(text),
            "bad.yaml:4:5: error: entries.0 'fp32_add' must have 0 < low <= value <= high\n"
            "  4 |   - name: fp32_add\n"
            "    |     ^\n"
            "bad.yaml:10:5: error: entries.1 'area.sram_bit' belongs in areas\n"
            "  10 |   - name: area.sram_bit\n"
            "     |     ^\n"
            "2 errors");
}

TEST(EnergyTable, LowOfZeroIsRefused) {
  EXPECT_THAT(refusal(one_row("entries", "fp32_add", "value: 1 pJ\n    low: 0 pJ\n    high: 1 pJ")),
              HasSubstr("0 < low <= value <= high"));
}

TEST(EnergyTable, CauseThatIsSharedIsReadAndRefusedForAreas) {
  EXPECT_EQ(refusal(one_row("entries", "fp32_add",
                            "value: 1 pJ\n    low: 1 pJ\n    high: 1 pJ\n    shares: cause")),
            "accepted");
  EXPECT_THAT(refusal(one_row("areas", "area.fp32_add",
                              "value: 1 um2\n    low: 1 um2\n    high: 1 um2\n    shares: cause")),
              HasSubstr("shares 'cause', but ranges of areas are bounds"));
}

TEST(EnergyTable, ConstantGivenTwiceIsRefused) {
  const std::string row =
      "  - {name: fp32_add, value: 1 pJ, low: 1 pJ, high: 1 pJ, "
      "confidence: guessed, source: test}\n";
  EXPECT_THAT(refusal("schema: lutsim.energy/1\nname: t\nentries:\n" + row + row),
              HasSubstr("'fp32_add' is given twice"));
}

TEST(EnergyTable, MemoryFamilyWithoutAllItsConstantsIsRefused) {
  const std::string message = refusal(one_row("entries", "dram.lpddr9.read_bit", kPicojoules));
  EXPECT_THAT(message, HasSubstr("entries lacks 'dram.lpddr9.activate'"));
  EXPECT_THAT(message, HasSubstr("static_power lacks 'static.dram.lpddr9'"));
  EXPECT_THAT(message, HasSubstr("areas lacks 'area.dram.lpddr9'"));
}

TEST(EnergyTable, EnergyInWattsIsRefused) {
  EXPECT_THAT(refusal(one_row("entries", "fp32_add", "value: 1 mW\n    low: 1 pJ\n    high: 1 pJ")),
              HasSubstr("unknown unit 'mW'"));
}

TEST(EnergyTable, MissingConstantIsNamedTogetherWithWhatNeedsIt) {
  const models::EnergyTable table = table_28nm();
  try {
    table.at("fp32_ad", "event 'vector.add'");
    FAIL() << "the constant does not exist";
  } catch (const config::InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("energy table 'literature-28nm' has no entry 'fp32_ad', "
                                        "which event 'vector.add' needs"));
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'fp32_add'?"));
  }
}

TEST(EnergyTable, ConstantInBothTablesOfAnIncludeIsRefused) {
  const std::filesystem::path dir = std::filesystem::path(::testing::TempDir()) / "energy_include";
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "inner.yaml") << one_row("entries", "fp32_add", kPicojoules);
  std::ofstream(dir / "outer.yaml") << "include: inner\n"
                                    << one_row("entries", "fp32_add", kPicojoules);
  try {
    models::read_energy_table((dir / "outer.yaml").string());
    FAIL() << "fp32_add stands in both";
  } catch (const config::InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'fp32_add' is also given by the included table"));
  }
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace lutsim::test
