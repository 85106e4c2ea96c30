// SPDX-License-Identifier: Apache-2.0
#include "sim/vector/sequencer_timing.h"

#include <gtest/gtest.h>

namespace lutsim::sim {
namespace {

TEST(SequencerTiming, TheTreeTakesItsLevelsOneAfterTheOther) {
  EXPECT_EQ(tree_cycles(1), 32u + 16 + 8 + 4 + 2 + 1);
  EXPECT_EQ(tree_cycles(8), 4u + 2 + 1 + 1 + 1 + 1);
  EXPECT_EQ(tree_cycles(64), 6u);
}

TEST(SequencerTiming, ASoftmaxIsThreePassesATreeAndAReciprocal) {
  // 100 elements on 8 lanes are 13 beats: command, in, 9 stages deep, tree, reciprocal, 2 deep.
  EXPECT_EQ(softmax_cycles(8, 100), 1u + 13 + (13 + 9) + 10 + 8 + (13 + 2));
}

TEST(SequencerTiming, ALayerNormAddsAPassATreeAndAMean) {
  EXPECT_EQ(norm_cycles(8, 100, false), 1u + (13 + 1) + (10 + 1) + 1 + 8 + (13 + 4));
  EXPECT_EQ(norm_cycles(8, 100, true), norm_cycles(8, 100, false) + (13 + 3) + (10 + 1));
}

TEST(SequencerTiming, AQuantizedGroupIsTwoPassesAndAReciprocal) {
  EXPECT_EQ(kv_quantizer_cycles(8, 128), 1u + 16 + 2 + 8 + (16 + 4));
}

}  // namespace
}  // namespace lutsim::sim
