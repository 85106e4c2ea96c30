// SPDX-License-Identifier: Apache-2.0
#include "sim/decoder/weight_decoder.h"

#include <gtest/gtest.h>

#include "sim/buffer/scratchpad.h"
#include "sim/decoder/decoder_timing.h"
#include "sim/kernel/transport.h"
#include "tests/sim/initiator.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using test::Initiator;

/// Ten decoders before a buffer of 128 B a cycle.
class WeightDecoderTest : public test::ScTest {
 protected:
  const sc_time period_{1, SC_NS};
  Scratchpad weights_{"weights", {65536, 4, 32, 4}, period_};
  WeightDecoder decoder_{"decoder", {10, {}}, period_};
  Initiator dma_{"dma"};

  WeightDecoderTest() {
    dma_.socket.bind(decoder_.target);
    decoder_.initiator.bind(weights_.target);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  double cycles(std::uint64_t blocks, std::uint64_t flips, double earliest = 0) {
    Access access;
    access.command = tlm::TLM_WRITE_COMMAND;
    access.bytes = 1280;
    access.coded.blocks = blocks;
    access.coded.flips = flips;
    sc_time delay = earliest * period_;
    transport(dma_.socket, access, delay, "test");
    return delay / period_;
  }
};

TEST_F(WeightDecoderTest, BlocksAreSharedByTheDecoders) {
  EXPECT_EQ(cycles(1000, 0), 100 + 1);
  EXPECT_EQ(decoder_.events()[models::Event::decoder_block], 1000u);
  EXPECT_EQ(weights_.write_bytes(), 1280u);
}

TEST_F(WeightDecoderTest, EveryPatchStallsADecoderForACycle) {
  EXPECT_EQ(cycles(1000, 50), 105 + 1);
  EXPECT_EQ(decoder_.events()[models::Event::decoder_patch], 50u);
}

TEST_F(WeightDecoderTest, TransactionsWaitForEachOther) {
  cycles(1000, 0);
  EXPECT_EQ(cycles(500, 0), 101 + 51);
}

TEST_F(WeightDecoderTest, AStreamSlowerThanTheDecodersIsNotDelayed) {
  EXPECT_EQ(cycles(1000, 50, 300), 300);
}

TEST_F(WeightDecoderTest, WhatIsNotCodedPasses) {
  EXPECT_EQ(cycles(0, 0), 10) << "the buffer alone";
  EXPECT_EQ(decoder_.busy(), sc_core::SC_ZERO_TIME);
}

TEST(DecoderTiming, ABankOfOneIsADecoder) {
  EXPECT_EQ(decoder_bank_cycles(100, 7, 1), decoder_cycles(100, 7));
}

}  // namespace
}  // namespace lutsim::sim
