// SPDX-License-Identifier: Apache-2.0
#include "sim/buffer/scratchpad.h"

#include "sim/kernel/transport.h"
#include "tests/sim/initiator.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using test::Initiator;

class ScratchpadTest : public test::ScTest {
 protected:
  const sc_time period_{1, SC_NS};
  Scratchpad pad_{"pad", spec::ScratchpadSpec{65536, 4, 32, 4}, period_};  // 128 B a cycle
  Initiator initiator_{"initiator"};

  ScratchpadTest() {
    initiator_.socket.bind(pad_.target);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);  // sockets work from the end of elaboration on
  }

  sc_time read(std::uint64_t bytes, const sc_time& earliest_end, std::uint64_t address = 0) {
    Access a;
    a.bytes = bytes;
    a.address = address;
    sc_time delay = earliest_end;
    transport(initiator_.socket, a, delay, "test");
    return delay;
  }
  /// Cycles of `pieces` runs.
  double read_runs(std::uint64_t piece, std::uint64_t stride, std::uint32_t pieces,
                   std::uint64_t repeats = 1) {
    Access a;
    a.bytes = piece * pieces * repeats;
    a.piece_bytes = piece;
    a.strided.stride = stride;
    a.strided.pieces = pieces;
    sc_time delay;
    transport(initiator_.socket, a, delay, "test");
    return delay / period_;
  }
};

TEST_F(ScratchpadTest, AnIdlePortTakesAsLongAsItsBanksNeed) {
  EXPECT_EQ(read(1280, sc_core::SC_ZERO_TIME), 10 * period_);
}

TEST_F(ScratchpadTest, AStreamSlowerThanThePortsIsNotDelayed) {
  EXPECT_EQ(read(1280, 50 * period_), 50 * period_);
}

TEST_F(ScratchpadTest, AStreamUsesThePortsFromItsBeginningOn) {
  sc_core::sc_start(100 * period_);
  Access stream;
  stream.bytes = 1280;
  for (const sc_time& begin : {sc_core::SC_ZERO_TIME, 85 * period_, 95 * period_}) {
    stream.begin = begin;
    sc_time delay;
    transport(initiator_.socket, stream, delay, "test");
    // Ports busy 0 .. 10 and 85 .. 95: nothing is left for after the call. Then 95 .. 105.
    EXPECT_EQ(delay, begin == 95 * period_ ? 5 * period_ : sc_core::SC_ZERO_TIME) << begin;
  }
}

TEST_F(ScratchpadTest, TwoAccessesShareThePorts) {
  read(1280, sc_core::SC_ZERO_TIME);
  EXPECT_EQ(read(1280, sc_core::SC_ZERO_TIME), 20 * period_);
}

TEST_F(ScratchpadTest, AccessesToDifferentBanksDoNotDisturbEachOther) {
  // Banks 0 and 1, then 2 and 3, one word each; then bank 1 again.
  EXPECT_EQ(read(64, sc_core::SC_ZERO_TIME, 0), period_);
  EXPECT_EQ(read(64, sc_core::SC_ZERO_TIME, 64), period_);
  EXPECT_EQ(read(32, sc_core::SC_ZERO_TIME, 32), 2 * period_);
}

TEST_F(ScratchpadTest, RunsThatBeginInTheSameBankConflict) {
  // 10 words, all of them in bank 0; with a stride of 160 B in banks 0, 1, 2, 3, 0 ...
  EXPECT_EQ(read_runs(32, 256, 10), 10);
  sc_core::sc_start(100 * period_);
  EXPECT_EQ(read_runs(32, 160, 10), 3);
}

TEST_F(ScratchpadTest, ARepeatedPatternTakesItsBanksAgain) {
  EXPECT_EQ(read_runs(32, 256, 10, 3), 30);
}

TEST(BankWords, ARunTouchesEveryWordThatItHasAByteOf) {
  const spec::ScratchpadSpec spec{65536, 4, 32, 4};
  using Words = std::vector<std::uint64_t>;
  EXPECT_EQ(bank_words(spec, {0, 128, 0, 1, 1}), (Words{1, 1, 1, 1}));
  EXPECT_EQ(bank_words(spec, {31, 2, 0, 1, 1}), (Words{1, 1, 0, 0}));
  EXPECT_EQ(bank_words(spec, {96, 33, 0, 1, 1}), (Words{1, 0, 0, 1}));
  EXPECT_EQ(bank_words(spec, {0, 129, 128, 10, 1}), (Words{20, 10, 10, 10})) << "5 words each";
  EXPECT_EQ(bank_words(spec, {0, 0, 0, 1, 1}), (Words{0, 0, 0, 0}));
}

TEST(BankWords, AreThoseOfCountingByteByByte) {
  const spec::ScratchpadSpec spec{65536, 5, 16, 4};
  for (const BankPattern& pattern : {BankPattern{3, 47, 50, 7, 2}, BankPattern{16, 16, 80, 9, 1},
                                     BankPattern{1, 200, 240, 3, 4}}) {
    std::vector<std::uint64_t> expected(spec.banks, 0);
    for (std::uint64_t piece = 0; piece < pattern.pieces; ++piece) {
      const std::uint64_t begin = pattern.address + piece * pattern.stride;
      for (std::uint64_t byte = begin; byte < begin + pattern.piece_bytes; ++byte) {
        const bool is_first_of_word = byte == begin || byte % spec.bank_width == 0;
        if (is_first_of_word) expected[byte / spec.bank_width % spec.banks] += pattern.repeats;
      }
    }
    EXPECT_EQ(bank_words(spec, pattern), expected);
  }
}

}  // namespace
}  // namespace lutsim::sim
