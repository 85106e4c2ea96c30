// SPDX-License-Identifier: Apache-2.0
#include "models/energy/event_energy.h"

#include <gmock/gmock.h>

#include <map>

#include "models/config/diagnostics.h"
#include "models/energy/area.h"
#include "tests/models/energy/arch_fixture.h"

namespace lutsim::test {
namespace {

using models::Event;
using models::event_joules;

TEST(EventEnergy, EveryEventHasAnEnergyAboveZeroInEveryShippedLogicTable) {
  for (const char* name : {"literature-28nm", "literature-7nm", "rtl-28nm", "rtl-7nm"}) {
    const models::EnergyTable table = models::read_energy_table(table_path(name));
    for (const char* memory : {"lpddr5-6400", "lpddr5x-8533", "hbm2-2000", "hbm2e-3200",
                               "hbm3-6400", "ddr4-3200", "ddr5-4800", "lpddr4-3200"}) {
      spec::ArchSpec arch = small_arch();
      arch.memory.standard = memory;
      for (std::size_t i = 0; i < models::kEventCount; ++i) {
        const Event event = static_cast<Event>(i);
        EXPECT_GT(event_joules(event, arch, table), 0) << models::event_info(event).name;
      }
    }
  }
}

TEST(EventEnergy, RacReadIsMuxStagesAndOneAdditionOfSumWidth) {
  const spec::ArchSpec arch = small_arch();  // mu 4, entries of 18 bits, sums of 22 bits
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_lut_read, arch, table_28nm()),
                   4 * 18 * 0.33e-15 + 22 * 1.6e-15);
}

TEST(EventEnergy, LutGenerationIsFourteenAdditionsOfEntryWidth) {
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_lut_generate, small_arch(), table_28nm()),
                   14 * 18 * 1.6e-15);
}

TEST(EventEnergy, LanesOfTheOtherEnginesAreTheirAddersAndMultipliers) {
  spec::ArchSpec arch = small_arch();
  const models::EnergyTable table = table_28nm();
  const spec::MatrixSpec lut = arch.matrix;
  arch.matrix = spec::with_engine(lut, spec::Engine::ifpu);
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_add_sub, arch, table),
                   arch.matrix.align_bits * 0.33e-15 + arch.matrix.sum_bits() * 1.6e-15);
  arch.matrix = spec::with_engine(lut, spec::Engine::figna);
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_integer_mac, arch, table),
                   arch.matrix.align_bits * 5.0 * 1.6e-15 + arch.matrix.sum_bits() * 1.6e-15);
  arch.matrix = spec::with_engine(lut, spec::Engine::fp);
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_fp_mac, arch, table),
                   0.56e-12 + 0.46e-12 + 32 * 5.3e-15);
  arch.matrix = spec::with_engine(lut, spec::Engine::lut_f);
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_lut_read, arch, table),
                   4 * 32 * 0.33e-15 + 0.46e-12 + 32 * 5.3e-15);
}

TEST(EventEnergy, LutWriteGrowsWithTheRacsThatReadIt) {
  spec::ArchSpec arch = small_arch();
  const double at_32 = event_joules(Event::matrix_lut_write, arch, table_28nm());
  arch.matrix.racs_per_lut = 64;
  const double at_64 = event_joules(Event::matrix_lut_write, arch, table_28nm());
  EXPECT_NEAR(at_64 - at_32, 8 * 18 * 32 * 0.3e-15, 1e-20);
}

TEST(EventEnergy, ScratchpadBitGrowsWithTheSquareRootOfItsBank) {
  const spec::ArchSpec arch = small_arch();
  const models::EnergyTable table = table_28nm();
  EXPECT_DOUBLE_EQ(event_joules(Event::sram_weight_read_bit, arch, table), 35e-15);
  EXPECT_DOUBLE_EQ(event_joules(Event::sram_act_read_bit, arch, table), 2 * 35e-15);
}

TEST(EventEnergy, DramConstantsFollowTheMemoryFamily) {
  spec::ArchSpec arch = small_arch();
  const models::EnergyTable table = table_28nm();
  EXPECT_DOUBLE_EQ(event_joules(Event::dram_activate, arch, table), 1818e-12);
  arch.memory.standard = "hbm2-2000";
  EXPECT_DOUBLE_EQ(event_joules(Event::dram_activate, arch, table), 909e-12);
}

/// docs/energy.md: a stream reads every bit of a row once and is refreshed every 3.906 us.
TEST(EventEnergy, StreamedLpddr5BitLiesWithinThePublishedFourToTwentyPicojoules) {
  const models::EnergyTable table = table_28nm();
  const double row_bits = 2048 * 8;
  const double refresh_bits = 12.8e9 * 8 * 3.906e-6;
  const auto sum = [&](double models::Constant::*member) {
    const auto get = [&](const char* name) { return table.at(name, "test").*member; };
    return get("dram.lpddr5.activate") / row_bits + get("dram.lpddr5.read_bit") +
           get("dram.lpddr5.phy_bit") + get("dram.lpddr5.refresh") / refresh_bits;
  };
  EXPECT_NEAR(sum(&models::Constant::value), 7e-12, 0.3e-12);
  EXPECT_NEAR(sum(&models::Constant::low), 4e-12, 0.3e-12);
  EXPECT_NEAR(sum(&models::Constant::high), 20e-12, 1.5e-12);
}

TEST(EventEnergy, EntryNamedAfterAnEventReplacesItsFormula) {
  models::EnergyTableFile file;
  file.name = "measured";
  file.entries.push_back(
      {"matrix.lut_read", 5e-14, 4e-14, 6e-14, models::Confidence::measured, "synthesis"});
  const models::EnergyTable table(file, "measured.yaml");
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_lut_read, small_arch(), table), 5e-14);
  EXPECT_THROW(event_joules(Event::matrix_align, small_arch(), table), config::InputError);
}

TEST(EventEnergy, ConstantForOneEventStandsInItsFormulaAlone) {
  models::EnergyTableFile file;
  file.name = "measured";
  const auto add = [&](const char* name, double joules) {
    file.entries.push_back({name, joules, joules, joules, models::Confidence::scaled, "synthesis"});
  };
  add("int_add_bit", 1e-15);
  add("mux_bit", 1e-16);
  add("int_add_bit@matrix.lut_read", 3e-15);
  EXPECT_TRUE(models::problems(file).empty());
  const models::EnergyTable table(file, "measured.yaml");
  const spec::ArchSpec arch = small_arch();
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_lut_read, arch, table), 4 * 18 * 1e-16 + 22 * 3e-15);
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_lut_generate, arch, table), 14 * 18 * 1e-15);
}

TEST(EventEnergy, WeightsOfEnginesWithoutLutComeOverABus) {
  spec::ArchSpec arch = small_arch();
  const models::EnergyTable table = table_28nm();
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_key_write, arch, table), 4 * 5.3e-15);
  arch.matrix = spec::with_engine(arch.matrix, spec::Engine::figna);
  EXPECT_DOUBLE_EQ(event_joules(Event::matrix_key_write, arch, table),
                   5 * 5.3e-15 + 5 * 64 / 2.0 * 0.3e-15);
}

TEST(ChipArea, PartsAddUpToTheTotalAndStayInTheirRange) {
  const models::AreaReport area = models::chip_area(small_arch(), table_28nm());
  double sum = 0;
  for (const models::AreaPart& part : area.parts) {
    EXPECT_GT(part.area.low, 0) << part.name;
    EXPECT_LE(part.area.low, part.area.value) << part.name;
    EXPECT_LE(part.area.value, part.area.high) << part.name;
    sum += part.area.value;
  }
  EXPECT_EQ(sum, area.total.value);
  EXPECT_LT(area.logic.value, area.total.value);
}

TEST(ChipArea, TwiceTheRowsDoubleTheRacsAndLeaveTheLutGeneratorsAlone) {
  const auto parts_of = [](const spec::ArchSpec& arch) {
    std::map<std::string, double> parts;
    for (const auto& p : models::chip_area(arch, table_28nm()).parts) parts[p.name] = p.area.value;
    return parts;
  };
  spec::ArchSpec arch = small_arch();
  const auto before = parts_of(arch);
  arch.matrix.array_rows *= 2;
  const auto after = parts_of(arch);
  EXPECT_DOUBLE_EQ(after.at("matrix.rac"), 2 * before.at("matrix.rac"));
  EXPECT_DOUBLE_EQ(after.at("matrix.lut_generator"), before.at("matrix.lut_generator"));
}

}  // namespace
}  // namespace lutsim::test
