// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/config/diagnostics.h"
#include "tools/verify/block_check.h"

/// The library behind `lutsim verify`.
namespace lutsim::tools {
namespace {

using testing::HasSubstr;

TEST(VerifyBlocks, ABlockThatComparedNothingDidNotPass) {
  BlockResult result;
  EXPECT_FALSE(result.passed());
  result.vectors = 1;
  EXPECT_TRUE(result.passed());
  result.cycle_mismatches = 1;
  EXPECT_FALSE(result.passed());
}

TEST(VerifyBlocks, ABinThatWasNotHitIsNamed) {
  BlockResult result;
  result.bins = {{"met", 2}, {"not met", 0}};
  EXPECT_EQ(result.unhit_bins(), std::vector<std::string>{"not met"});
}

TEST(Comparison, StopsAtTheFirstMismatchWhenAskedTo) {
  BlockResult result;
  Comparison comparison(result, true);
  comparison.equal(true, [] { return "first"; });
  EXPECT_THROW(comparison.equal(false, [] { return "second"; }), StoppedAtMismatch);
  EXPECT_EQ(result.vectors, 2u);
  EXPECT_EQ(result.first_mismatch, "second");
}

TEST(VerifyBlocks, RefusesToCheckNothing) {
  EXPECT_THROW(verify_blocks({}, 0, 1), config::InputError);
}

TEST(VerifyBlocks, NamesTheNearestBlock) {
  try {
    verify_blocks({"fp_ader"}, 1, 1);
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'fp_adder'?"));
  }
}

TEST(VerifyBlocks, ComparesAtLeastWhatWasAskedForAndSaysHowToRepeatIt) {
  const auto results = verify_blocks({"fp_adder"}, 123, 5);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_GE(results[0].vectors, 123u);
  EXPECT_EQ(results[0].reproduce_command, "lutsim verify fp_adder --vectors 123 --seed 5");
}

TEST(VerifyBlocks, TheUnitsNameStandsForAllItsConfigurations) {
  std::size_t units = 0;
  for (const std::string& name : block_names()) units += name.rfind("matrix_unit:", 0) == 0;
  EXPECT_GE(units, 1u);
  EXPECT_EQ(select_blocks({"matrix_unit"}).size(), units);
}

}  // namespace
}  // namespace lutsim::tools
