// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/system/command.h"
#include "tools/process/process.h"

/// `lutsim verify` as a user calls it.
namespace lutsim::test {
namespace {

using testing::HasSubstr;

TEST(Verify, ABlockIsEqualAndEveryKeyIsThere) {
  const CommandResult result = lutsim("verify lut_pe --vectors 10 --json");
  ASSERT_EQ(result.status, 0) << result.err;
  const auto block = result.json()["blocks"][0];
  EXPECT_EQ(block["name"], "lut_pe");
  EXPECT_GE(block["vectors"], 10);
  EXPECT_EQ(block["mismatches"], 0);
  EXPECT_EQ(block["cycle_mismatches"], 0);
  EXPECT_EQ(block["bins"], block["bins_hit"]);
  EXPECT_GT(block["vectors_per_s"], 0);
  // Not measured is not zero.
  EXPECT_TRUE(block["line_coverage"].is_null() && block["toggle_coverage"].is_null());
  EXPECT_TRUE(block["mutants"].is_null() && block["survivors"].is_null());
}

TEST(Verify, TheSameSeedGivesTheSameVectors) {
  const auto bins = [](const std::string& seed) {
    return lutsim("verify pre_aligner --json --seed " + seed).json()["blocks"][0]["vectors"];
  };
  EXPECT_EQ(bins("3"), bins("3"));
}

TEST(Verify, EveryInstrumentedBlockIsCoveredOrItsGapsAreWaived) {
  const auto folder = scratch_folder();
  const CommandResult result = lutsim("verify --coverage --json --coverage-dir " + folder.string());
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  int instrumented = 0;
  const auto blocks = result.json()["blocks"];
  for (const auto& block : blocks) {
    if (block["line_coverage"].is_null()) continue;
    ++instrumented;
    EXPECT_EQ(block["line_coverage"], 1.0) << block["name"];
    // Engines without LUT have a port of keys that nothing reads.
    const bool unread_ports = block["name"] == "matrix_unit:odd-fp" ||
                              block["name"] == "matrix_unit:odd-figna" ||
                              block["name"] == "matrix_unit:odd-ifpu";
    EXPECT_GT(block["toggle_coverage"], unread_ports ? 0.75 : 0.95) << block["name"];
    EXPECT_EQ(block["bins"], block["bins_hit"]) << block["name"];
  }
  EXPECT_GE(instrumented, 7);
  EXPECT_THAT(read_text(folder / "lut_pe" / "lut_pe.sv"), HasSubstr("module lut_pe"));
}

TEST(Verify, BugsInABlockAreNoticed) {
  if (!tools::is_installed("yosys")) GTEST_SKIP() << "yosys is not installed";
  const CommandResult result = lutsim("verify lut_pe --mutate 20 --json");
  ASSERT_EQ(result.status, 0) << result.out << result.err;
  const auto block = result.json()["blocks"][0];
  EXPECT_EQ(block["mutants"], 20);
  EXPECT_EQ(block["survivors"], 0);
  EXPECT_GE(block["killed"], 15);
  EXPECT_EQ(block["killed"].get<int>() + block["equivalent"].get<int>(), 20);
}

TEST(Verify, RefusesABlockThatThereIsNotAndNoVectors) {
  const CommandResult unknown = lutsim("verify lut_p");
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean 'lut_pe'?"));
  EXPECT_EQ(lutsim("verify --vectors 0").status, 2);
  EXPECT_EQ(lutsim("verify lut_pe --mutate 0").status, 2);
}

}  // namespace
}  // namespace lutsim::test
