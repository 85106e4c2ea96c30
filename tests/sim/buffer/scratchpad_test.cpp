// SPDX-License-Identifier: Apache-2.0
#include "sim/buffer/scratchpad.h"

#include <tlm_utils/simple_initiator_socket.h>

#include "sim/kernel/transport.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

struct Initiator : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
  explicit Initiator(const sc_core::sc_module_name& name) : sc_module(name) {}
};

class ScratchpadTest : public test::ScTest {
 protected:
  const sc_time period_{1, SC_NS};
  Scratchpad pad_{"pad", spec::ScratchpadSpec{65536, 4, 32, 4}, period_};  // 128 B a cycle
  Initiator initiator_{"initiator"};

  ScratchpadTest() {
    initiator_.socket.bind(pad_.target);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);  // sockets work from the end of elaboration on
  }

  sc_time read(std::uint64_t bytes, std::uint64_t piece, const sc_time& earliest_end) {
    Access a;
    a.bytes = bytes;
    a.piece_bytes = piece;
    sc_time delay = earliest_end;
    transport(initiator_.socket, a, delay, "test");
    return delay;
  }
};

TEST_F(ScratchpadTest, AnIdlePortTakesAsLongAsItsBanksNeed) {
  EXPECT_EQ(read(1280, 0, sc_core::SC_ZERO_TIME), 10 * period_);
}

TEST_F(ScratchpadTest, AStreamSlowerThanThePortsIsNotDelayed) {
  EXPECT_EQ(read(1280, 0, 50 * period_), 50 * period_);
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
  read(1280, 0, sc_core::SC_ZERO_TIME);
  EXPECT_EQ(read(1280, 0, sc_core::SC_ZERO_TIME), 20 * period_);
}

TEST_F(ScratchpadTest, ShortRunsWasteTheRestOfTheirRow) {
  // 10 runs of 129 bytes need two rows of banks each.
  EXPECT_EQ(read(1290, 129, sc_core::SC_ZERO_TIME), 20 * period_);
}

}  // namespace
}  // namespace lutsim::sim
