// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/code_sample.h"

#include <gtest/gtest.h>

#include "models/spec/field.h"

namespace lutsim::models {
namespace {

constexpr spec::XorCodeSpec kCode{8, 40, 1, 10};
constexpr std::uint64_t kBlocks = 4000;

TEST(CodeSample, IsWhatTheTableOfTheCodeSays) {
  // docs/units/decoder.md: 8/40/1 at S = 0.8 has E = 98.8 %, so 1.2 % of 8 unpruned bits a block.
  const CodeSample sample = sample_code(kCode, 0.8, kBlocks, 1);
  EXPECT_NEAR(sample.flips_per_block, 0.012 * 8, 0.02);
  // A token for each flip; others skip.
  EXPECT_GE(sample.tokens_per_block, sample.flips_per_block);
}

TEST(CodeSample, MorePruningNeedsFewerPatches) {
  EXPECT_GT(sample_code(kCode, 0.7, kBlocks, 1).flips_per_block,
            sample_code(kCode, 0.85, kBlocks, 1).flips_per_block);
}

TEST(CodeSample, DependsOnNothingButItsArguments) {
  EXPECT_EQ(sample_code(kCode, 0.8, kBlocks, 3).tokens_per_block,
            sample_code(kCode, 0.8, kBlocks, 3).tokens_per_block);
}

TEST(CodeSample, RefusesWhatIsNoShare) {
  EXPECT_THROW(sample_code(kCode, 1.0, kBlocks, 1), spec::SpecError);
  EXPECT_THROW(sample_code(kCode, -0.1, kBlocks, 1), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::models
