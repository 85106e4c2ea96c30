// SPDX-License-Identifier: Apache-2.0
#include "sim/noc/noc_link.h"

#include <gtest/gtest.h>

#include "sim/buffer/scratchpad.h"
#include "sim/kernel/transport.h"
#include "tests/sim/initiator.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using test::Initiator;

/// Two units on one link of 64 B a cycle; each scratchpad moves 128 B a cycle.
class NocLinkTest : public test::ScTest {
 protected:
  const sc_time period_{1, SC_NS};
  Scratchpad weights_{"weights", {65536, 4, 32, 4}, period_};
  Scratchpad activations_{"activations", {65536, 4, 32, 4}, period_};
  NocLink link_{"link", 64, period_};
  Initiator a_{"a"}, b_{"b"};

  NocLinkTest() {
    a_.socket.bind(link_.weight_target);
    b_.socket.bind(link_.activation_target);
    link_.weight_initiator.bind(weights_.target);
    link_.activation_initiator.bind(activations_.target);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  double cycles(Initiator& unit, std::uint64_t bytes, double earliest = 0) {
    Access access;
    access.bytes = bytes;
    sc_time delay = earliest * period_;
    transport(unit.socket, access, delay, "test");
    return delay / period_;
  }
};

TEST_F(NocLinkTest, ANarrowLinkIsWhatATransactionTakes) {
  EXPECT_EQ(cycles(a_, 1280), 20);
  EXPECT_EQ(weights_.read_bytes(), 1280u);
  EXPECT_EQ(weights_.busy(), 10 * period_);
}

TEST_F(NocLinkTest, UnitsShareTheLinkWhateverTheyReach) {
  EXPECT_EQ(cycles(a_, 1280), 20);
  EXPECT_EQ(cycles(b_, 1280), 40) << "after the other";
  EXPECT_EQ(activations_.read_bytes(), 1280u);
  EXPECT_EQ(link_.busy(), 40 * period_);
}

TEST_F(NocLinkTest, AStreamSlowerThanTheLinkIsNotDelayed) { EXPECT_EQ(cycles(a_, 1280, 50), 50); }

}  // namespace
}  // namespace lutsim::sim
