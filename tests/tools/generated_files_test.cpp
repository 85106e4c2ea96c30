// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/generated_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "models/config/describe.h"
#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/spec/rtl_parameters.h"
#include "tools/generate/block_catalogue.h"
#include "tools/generate/doc_tables.h"
#include "tools/generate/rtl_package.h"

/// What follows from the field lists is committed, current, and says what the lists say.
namespace lutsim::tools {
namespace {

TEST(GeneratedFiles, CommittedOnesAreCurrent) {
  const auto stale = stale_files(LUTSIM_SOURCE_DIR);
  EXPECT_TRUE(stale.empty()) << stale_message(stale);
}

TEST(GeneratedFiles, AMissingOneIsStaleAndTheMessageSaysWhatToRun) {
  const auto stale = stale_files(LUTSIM_SOURCE_DIR "/tests/tools/no_such_tree");
  ASSERT_FALSE(stale.empty());
  EXPECT_EQ(stale[0].path, "rtl/gen/lutsim_pkg.sv");
  EXPECT_EQ(stale_message({stale[0]}),
            "rtl/gen/lutsim_pkg.sv is out of date; run: cmake --build build/release --target "
            "regenerate");
}

TEST(RtlPackage, HoldsEveryParameterOfTheReferenceChip) {
  const spec::MatrixSpec matrix = config::load_arch("default").matrix;
  const std::string text = rtl_package(matrix);
  for (const spec::RtlParameter& p : spec::rtl_parameters(matrix)) {
    const std::string line = "  parameter int unsigned " + p.name +
                             " /*verilator public*/ = " + std::to_string(p.value) + ";\n";
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

TEST(RtlPackage, FollowsAChangeOfTheSpec) {
  spec::MatrixSpec matrix;
  matrix.mu = 5;
  EXPECT_NE(rtl_package(matrix).find(" Mu /*verilator public*/ = 5;"), std::string::npos);
  EXPECT_NE(rtl_package(matrix).find(" LutEntries /*verilator public*/ = 16;"), std::string::npos);
}

TEST(VerilatorArgs, AreOneOptionForEachParameter) {
  EXPECT_EQ(verilator_args(config::load_arch("odd").matrix),
            "-GMu=4 -GRacsPerLut=3 -GArrayRows=3 -GArrayCols=5 -GPlanes=1 -GAlignBits=14 "
            "-GPsumDepth=7 -GEngine=4 "
            "-GLutEntries=8 -GLanesN=9 -GLanesK=20 -GEntryBits=16 -GSumBits=19 -GSlots=1 "
            "-GFrontStages=2 -GReduceStages=1 -GScaleStages=2 -GSlotStages=0 -GActExpBits=5 "
            "-GActManBits=10 -GAccExpBits=8 -GAccManBits=23");
}

TEST(ReplaceBlocks, WritesWhatStandsBetweenTheMarkersAndNothingElse) {
  const std::string page =
      "# Page\n<!-- BEGIN GENERATED lutsim_generate vector -->\nold\n<!-- END GENERATED "
      "-->\ntail\n";
  EXPECT_EQ(replace_blocks(page, "p.md"),
            "# Page\n<!-- BEGIN GENERATED lutsim_generate vector -->\n" + block_text("vector") +
                "<!-- END GENERATED -->\ntail\n");
}

TEST(ReplaceBlocks, RefusesAnUnknownBlockAndAMissingEnd) {
  try {
    replace_blocks("<!-- BEGIN GENERATED lutsim_generate vectr -->\n", "p.md");
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_EQ(error.diagnostics().at(0).line, 1u);
    EXPECT_EQ(error.diagnostics().at(0).hint, "did you mean 'vector'?");
  }
  try {
    replace_blocks("\n<!-- BEGIN GENERATED lutsim_generate vector -->\nold\n", "p.md");
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_EQ(error.diagnostics().at(0).line, 2u);
  }
}

TEST(ParameterTable, HasARowForEveryParameterWithItsValueRangeAndRtlName) {
  const std::string table = block_text("matrix");
  EXPECT_NE(table.find("| `mu` | 4 | 1 .. 8 | activations folded into one LUT key; 1 for engines "
                       "without LUT | `Mu` |\n"),
            std::string::npos)
      << table;
  EXPECT_NE(block_text("scratchpad").find("| `capacity` | 1 MiB | 2 MiB | "), std::string::npos);
}

TEST(ParameterTable, EveryBlockOfAnArchitectureHasATable) {
  // Keys of the architecture that are blocks, against the keys that some block's table lists.
  std::string tables;
  for (const std::string& name : block_names()) {
    if (name.find("-file") == std::string::npos) tables += block_text(name);
  }
  for (const config::FieldInfo& f : config::describe_fields<spec::ArchSpec>()) {
    if (f.path == f.key) continue;
    EXPECT_NE(tables.find("| `" + f.key + "` |"), std::string::npos) << f.path;
  }
}

TEST(BlockComment, TakesTheFirstSentenceAndTheTimes) {
  const BlockComment comment = block_comment(
      "// SPDX-License-Identifier: Apache-2.0\n//\n// Adds a. And\n// more.\n//\n// Latency: 2 "
      "cycles. Throughput: 1 a\n// cycle.\nmodule a;\n");
  EXPECT_EQ(comment.purpose, "Adds a");
  EXPECT_EQ(comment.latency, "2 cycles");
  EXPECT_EQ(comment.throughput, "1 a cycle");
  EXPECT_EQ(block_comment("// b:\n//\n//   x\n// Combinational.\n").latency, "none");
}

TEST(BlockCatalogue, HasEveryBlock) {
  const std::string table = block_catalogue(LUTSIM_SOURCE_DIR);
  std::size_t blocks = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(LUTSIM_SOURCE_DIR "/rtl")) {
    const std::string path = entry.path().string();
    if (entry.path().extension() != ".sv" || path.find("/gen/") != std::string::npos) continue;
    ++blocks;
    EXPECT_NE(table.find("`" + entry.path().stem().string() + "`"), std::string::npos) << path;
  }
  EXPECT_GE(blocks, 10u);
}

}  // namespace
}  // namespace lutsim::tools
