// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "models/config/diagnostics.h"
#include "tests/system/command.h"
#include "tools/coverage/coverage_report.h"

/// Counters of Verilator, waivers, and what the report makes of both.
namespace lutsim::tools {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::filesystem::path write(const std::string& name, const std::string& text) {
  const std::filesystem::path file = test::scratch_folder() / name;
  std::ofstream(file) << text;
  return file;
}

/// A line of a coverage file.
std::string counter(const std::string& page, const std::string& what, int hits) {
  return "C '\1f\2/rtl/a.sv\1l\0027\1n\0023\1page\2" + page + "\1o\2" + what + "\1h\2TOP.a' " +
         std::to_string(hits) + "\n";
}

const std::string kHeader = "# SystemC::Coverage-3\n";

TEST(CoverageData, AddsInstancesOfAModuleWhateverItsParameters) {
  CoverageData data;
  add_coverage_file(data, write("0.dat", kHeader + counter("v_toggle/a__W8", "x[3]", 2) +
                                             counter("v_toggle/a__W9", "x[3]", 3)));
  ASSERT_EQ(data.size(), 1u);
  const auto& [point, hits] = *data.begin();
  EXPECT_EQ(point.kind, CoveragePoint::Kind::toggle);
  EXPECT_EQ(point.module, "a");
  EXPECT_EQ(point.line, 7u);
  EXPECT_EQ(hits, 5u);
}

TEST(CoverageData, RefusesAnotherFile) {
  CoverageData data;
  EXPECT_THROW(add_coverage_file(data, write("a.dat", "hello\n")), std::runtime_error);
  EXPECT_THROW(add_coverage_file(data, write("b.dat", kHeader + "C 'no end\n")),
               std::runtime_error);
}

TEST(Waivers, EveryWaiverNeedsAReason) {
  EXPECT_EQ(read_waivers(write("ok.txt", "# note\n\na | bin | x || y | because\n")).at(0).what,
            "x || y");
  try {
    read_waivers(write("bad.txt", "a | bin | x |\na | lin | x | why\n"));
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_EQ(error.diagnostics().size(), 2u);
    EXPECT_EQ(error.diagnostics()[1].line, 2u);
  }
}

TEST(Waivers, TheCommittedListCanBeRead) { EXPECT_NO_THROW(read_waivers(waiver_file())); }

TEST(Waivers, AStarStandsForAnyText) {
  EXPECT_TRUE(matches("a*c", "abbc"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_FALSE(matches("a*c", "abcd"));
}

BlockCoverage coverage(const CoverageData& data, const std::vector<Waiver>& waivers) {
  return block_coverage("a", data, {{"seen", 1}, {"unseen", 0}}, {"a", "b"}, waivers);
}

TEST(BlockCoverage, CountsWhatIsNotWaivedAndNamesWhatIsMissing) {
  CoverageData data;
  add_coverage_file(
      data, write("0.dat", kHeader + counter("v_toggle/a", "x[0]", 2) +
                               counter("v_toggle/a", "x[1]", 1) + counter("v_line/a", "else", 0)));
  const BlockCoverage bare = coverage(data, {});
  EXPECT_EQ(bare.toggles.fraction(), 0.5);  // one change is half a toggle
  EXPECT_THAT(bare.toggles.unhit, ElementsAre("a.sv: x[1]"));
  EXPECT_THAT(bare.lines.unhit, ElementsAre("a.sv: else: "));
  EXPECT_THAT(bare.bins.unhit, ElementsAre("unseen"));
  EXPECT_FALSE(bare.complete());

  const BlockCoverage waived =
      coverage(data, {{"a", "line", "a.sv: else*", "why", 1}, {"*", "bin", "unseen", "why", 2}});
  EXPECT_EQ(waived.lines.waived, 1u);
  EXPECT_EQ(waived.lines.fraction(), 1.0);
  EXPECT_TRUE(waived.complete());
}

TEST(BlockCoverage, AWaiverOfSomethingThatWasHitIsStale) {
  const BlockCoverage stale =
      block_coverage("a", {}, {{"seen", 1}}, {"a"}, {{"a", "bin", "seen", "why", 3}});
  EXPECT_THAT(stale.stale_waivers, ElementsAre(HasSubstr("waivers.txt:3")));
  EXPECT_FALSE(stale.complete());
}

TEST(BlockCoverage, LeavesModulesWithAnotherCheckToThatCheck) {
  CoverageData data;
  add_coverage_file(
      data, write("0.dat", kHeader + counter("v_line/b", "if", 0) + counter("v_line/c", "if", 1)));
  EXPECT_EQ(coverage(data, {}).lines.total, 1u);
}

TEST(BlockCoverage, LeavesWhatIsWithinSuchAModuleToThatCheckToo) {
  CoverageData data;
  add_coverage_file(data, write("0.dat", kHeader + counter("v_line/inner", "if", 0) +
                                             counter("v_line/own", "if", 1)));
  CoveragePoint in_b;
  in_b.module = "b";
  in_b.file = write("b.sv", "module b (\n);\n  inner u_inner (\n").string();
  data[in_b] = 0;
  EXPECT_EQ(coverage(data, {}).lines.total, 1u);
}

}  // namespace
}  // namespace lutsim::tools
