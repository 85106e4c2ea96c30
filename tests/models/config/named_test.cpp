// SPDX-License-Identifier: Apache-2.0
#include "models/config/named.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "models/config/write_yaml.h"

/// The configurations that the project ships.
namespace lutsim::config {
namespace {

TEST(ShippedArchitectures, AllAreValidAndNamedLikeTheirFile) {
  const auto names = list_archs();
  ASSERT_GE(names.size(), 2u);
  for (const std::string& name : names) EXPECT_EQ(load_arch(name).name, name);
}

TEST(ShippedArchitectures, DefaultIsTheInitialisersOfTheStructs) {
  const spec::ArchSpec arch = load_arch("default");
  EXPECT_EQ(to_value(arch.matrix), to_value(spec::MatrixSpec{}));
  EXPECT_EQ(to_value(arch.vector), to_value(spec::VectorSpec{}));
  EXPECT_EQ(to_value(arch.command), to_value(spec::CommandSpec{}));
  EXPECT_EQ(arch.clock, spec::ArchSpec{}.clock);
}

TEST(ShippedArchitectures, OddHasNoSizeOfTheArrayThatIsAPowerOfTwo) {
  const spec::MatrixSpec m = load_arch("odd").matrix;
  for (const std::uint32_t size : {m.racs_per_lut, m.array_rows, m.array_cols, m.psum_depth}) {
    EXPECT_NE(size & (size - 1), 0u) << size;
  }
}

TEST(ShippedArchitectures, ResolvedTextReadsBackToTheSame) {
  for (const std::string& name : list_archs()) {
    const spec::ArchSpec arch = load_arch(name, {"clock=1.25 GHz", "weight_buffer.capacity=99 kB"});
    const auto back = read_yaml_text<spec::ArchSpec>(write_yaml(arch), "config.resolved.yaml");
    EXPECT_EQ(to_value(back), to_value(arch)) << name;
  }
}

TEST(ShippedArchitectures, AServerCardIsFourTimesTheLpddrChip) {
  spec::ArchSpec card = load_arch("server-card");
  const spec::ArchSpec chip = load_arch("lpddr-chip");
  EXPECT_EQ(card.system.chips, 4u);
  card.name = chip.name;
  card.description = chip.description;
  card.system = chip.system;
  EXPECT_EQ(to_value(card), to_value(chip));
}

TEST(LoadArch, AnEngineBehindTheNameIsThatChipAtEqualPeak) {
  for (const std::string base : {"lpddr-chip", "edge-chip", "server-card"}) {
    const spec::ArchSpec lut = load_arch(base);
    for (const auto& engine : enum_names(spec::Engine{})) {
      const spec::ArchSpec arch = load_arch(base + "-" + engine.name, {"clock=400 MHz"});
      EXPECT_EQ(arch.name, base + "-" + engine.name);
      EXPECT_EQ(arch.matrix.engine, engine.value);
      EXPECT_EQ(arch.matrix.one_bit_lanes(), lut.matrix.one_bit_lanes()) << arch.name;
      EXPECT_DOUBLE_EQ(arch.clock, 400e6);
    }
  }
  EXPECT_THROW(load_arch("lpddr-chip-lut"), InputError);
}

TEST(FindArch, ANameThatIsNotShippedIsRefusedWithTheNearestOne) {
  try {
    find_arch("defualt");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 ("defualt: error: no architecture has this name (one of: " +
                  comma_list(list_archs()) + ")\n  hint: did you mean 'default'?\n1 error")
                     .c_str());
  }
}

TEST(FindArch, APathStandsForItself) {
  const auto path = find_arch("default");
  EXPECT_EQ(find_arch(path.string()), path);
  EXPECT_THROW(find_arch("./no/such.yaml"), InputError);
}

TEST(DataRoot, TheEnvironmentComesBeforeTheSourceTree) {
  setenv("LUTSIM_SHARE", "/somewhere", 1);
  EXPECT_EQ(data_root(), "/somewhere");
  setenv("LUTSIM_SHARE", "", 1);
  EXPECT_NE(data_root(), "");
  unsetenv("LUTSIM_SHARE");
  EXPECT_EQ(data_root(), LUTSIM_SOURCE_DIR);
}

}  // namespace
}  // namespace lutsim::config
