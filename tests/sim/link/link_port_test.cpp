// SPDX-License-Identifier: Apache-2.0
#include "sim/link/link_port.h"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "sim/buffer/scratchpad.h"
#include "tests/support/macro_commands.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using sc_core::sc_time;
using test::make_command;

/// Two chips with one link each way: 10 GB/s, 500 ns, and a buffer that is faster than both.
class LinkPortTest : public test::ScTest {
 protected:
  struct Chip {
    CompletionBoard board;
    sc_core::sc_fifo<CommandPtr> send_queue{16}, receive_queue{16};
    std::map<CommandId, double> ends;  ///< ns
    std::unique_ptr<LinkSender> sender;
    std::unique_ptr<LinkReceiver> receiver;
    CommandId next = 0;

    CommandId add(bool send, std::uint64_t bytes, std::vector<CommandId> waits = {}) {
      LinkTransfer message;
      message.send = send;
      message.bytes = bytes;
      const CommandId id = next++;
      board.issue(id, false);
      (send ? send_queue : receive_queue).nb_write(make_command(id, message, std::move(waits)));
      return id;
    }
  };

  const sc_time period_{1, sc_core::SC_NS};
  spec::SystemSpec spec_;
  Agenda agenda_{"agenda"};
  Scratchpad buffer_{"buffer", {1 << 20, 16, 64, 4}, period_};
  sc_core::sc_fifo<LinkMessage> there_{kLinkMessages}, back_{kLinkMessages};
  Chip a_, b_;

  LinkPortTest() {
    spec_.chips = 2;
    spec_.link_bandwidth = 10e9;
    spec_.link_latency = 500e-9;
    connect(a_, "a", there_, back_);
    connect(b_, "b", back_, there_);
  }

  void connect(Chip& chip, const std::string& name, sc_core::sc_fifo<LinkMessage>& out,
               sc_core::sc_fifo<LinkMessage>& in) {
    const auto log = [&chip](const FinishedCommand& finished) {
      chip.ends[finished.command.id] = sc_core::sc_time_stamp().to_seconds() * 1e9;
    };
    chip.sender =
        std::make_unique<LinkSender>((name + "_sender").c_str(), spec_, chip.board, agenda_, log);
    chip.receiver = std::make_unique<LinkReceiver>((name + "_receiver").c_str(), spec_, chip.board,
                                                   agenda_, log);
    chip.sender->command_in(chip.send_queue);
    chip.receiver->command_in(chip.receive_queue);
    chip.sender->message_out[0](out);
    chip.receiver->message_in[0](in);
    chip.sender->activation_buffer_initiator.bind(buffer_.target);
    chip.receiver->activation_buffer_initiator.bind(buffer_.target);
  }
};

TEST_F(LinkPortTest, AMessageTakesItsBytesOverTheBandwidthAndTheLatency) {
  a_.add(true, 4000);
  b_.add(false, 4000);
  sc_core::sc_start();
  EXPECT_DOUBLE_EQ(a_.ends.at(0), 400);
  EXPECT_DOUBLE_EQ(b_.ends.at(0), 400 + 500);
  EXPECT_EQ(a_.sender->events()[models::Event::link_bit], 8u * 4000);
  EXPECT_EQ(b_.receiver->events()[models::Event::sram_act_write_bit], 8u * 4000);
}

TEST_F(LinkPortTest, MessagesFollowEachOtherWithoutALatencyBetweenThem) {
  for (int i = 0; i < 3; ++i) {
    a_.add(true, 1000);
    b_.add(false, 1000);
  }
  sc_core::sc_start();
  EXPECT_DOUBLE_EQ(b_.ends.at(0), 600);
  EXPECT_DOUBLE_EQ(b_.ends.at(1), 700);
  EXPECT_DOUBLE_EQ(b_.ends.at(2), 800);
}

TEST_F(LinkPortTest, BothDirectionsWorkAtOnce) {
  a_.add(true, 1000);
  b_.add(true, 1000);
  a_.add(false, 1000);
  b_.add(false, 1000);
  sc_core::sc_start();
  EXPECT_DOUBLE_EQ(a_.ends.at(1), 600);
  EXPECT_DOUBLE_EQ(b_.ends.at(1), 600);
}

TEST_F(LinkPortTest, AMessageWaitsForTheRoomThatItsCommandNames) {
  const CommandId before = b_.add(false, 1000);
  b_.add(false, 1000, {before});
  a_.add(true, 1000);
  sc_core::sc_start();
  EXPECT_DOUBLE_EQ(b_.ends.at(0), 600);
  EXPECT_EQ(b_.ends.count(1), 0u) << "nobody sends a second one";
  EXPECT_NE(b_.receiver->front().held(), nullptr);
}

TEST_F(LinkPortTest, AMessageOfAnotherLengthIsReported) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
  a_.add(true, 1000);
  b_.add(false, 999);
  EXPECT_THROW(sc_core::sc_start(), sc_core::sc_report);
}

}  // namespace
}  // namespace lutsim::sim
