// SPDX-License-Identifier: Apache-2.0
#include "sim/dma/dma_engine.h"

#include <gmock/gmock.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "sim/buffer/scratchpad.h"
#include "sim/kernel/strided_access.h"
#include "sim/noc/noc_link.h"
#include "tests/support/macro_commands.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using models::Event;
using sc_core::sc_time;
using test::make_command;

/// A memory that takes the same time for every access, any number at once, and logs them.
class FixedMemory : public sc_core::sc_module {
 public:
  struct Entry {
    bool write;
    std::uint64_t address, bytes;
    sc_time at;
    std::uint32_t pieces;
    std::uint64_t stride;
  };
  tlm_utils::multi_passthrough_target_socket<FixedMemory> target{"target"};
  sc_time latency;
  bool refuses = false;
  std::vector<Entry> log;
  int most_in_flight = 0;

  explicit FixedMemory(const sc_core::sc_module_name& name) : sc_module(name) {
    target.register_b_transport(this, &FixedMemory::b_transport);
  }

 private:
  void b_transport(int, tlm::tlm_generic_payload& payload, sc_time&) {
    if (refuses) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    const auto* strided = payload.get_extension<StridedAccess>();
    log.push_back({payload.is_write(), payload.get_address(), payload.get_data_length(),
                   sc_core::sc_time_stamp(), strided ? strided->pieces : 1,
                   strided ? strided->stride : 0});
    most_in_flight = std::max(most_in_flight, ++in_flight_);
    wait(latency);
    --in_flight_;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  int in_flight_ = 0;
};

/// Set-up 4 cycles, link 64 B a cycle, both buffers 128 B a cycle: 1280 B are 20 cycles of the link
/// and 10 of a buffer.
class DmaEngineTest : public test::ScTest {
 protected:
  static constexpr std::uint64_t kBytes = 1280;

  const sc_time period_{2, sc_core::SC_NS};
  const spec::ScratchpadSpec pad_spec_;
  spec::DmaSpec spec_;
  CompletionBoard board_;
  Agenda agenda_{"agenda"};
  NocLink path_{"path", 64, period_};
  FixedMemory dram_{"dram"};
  Scratchpad weights_{"weights", pad_spec_, period_};
  Scratchpad activations_{"activations", pad_spec_, period_};
  std::map<CommandId, double> ends_;  ///< cycle in which a transfer finished
  std::vector<std::unique_ptr<sc_core::sc_fifo<CommandPtr>>> queues_;

  explicit DmaEngineTest(std::uint32_t banks = 4) : pad_spec_{65536, banks, 32, 4} {
    spec_.setup_cycles = 4;
    dram_.latency = 100 * period_;
    path_.weight_initiator.bind(weights_.target);
    path_.activation_initiator.bind(activations_.target);
  }

  std::unique_ptr<DmaEngine> engine(const char* name, std::uint32_t channels,
                                    const std::vector<CommandPtr>& commands) {
    auto dma = std::make_unique<DmaEngine>(
        name, spec_, channels, period_, board_, agenda_, [this](const FinishedCommand& finished) {
          ends_[finished.command.id] = sc_core::sc_time_stamp() / period_;
        });
    dma->dram_initiator.bind(dram_.target);
    dma->weight_buffer_initiator.bind(path_.weight_target);
    dma->activation_buffer_initiator.bind(path_.activation_target);
    queues_.push_back(std::make_unique<sc_core::sc_fifo<CommandPtr>>(16));
    dma->command_in(*queues_.back());
    for (const CommandPtr& command : commands) {
      board_.issue(command->id, true);
      queues_.back()->nb_write(command);
    }
    return dma;
  }

  static DmaTransfer transfer(bool write, Buffer buffer = Buffer::weight) {
    DmaTransfer t;
    t.write = write;
    t.address = 4096;
    t.piece_bytes = t.stride = kBytes;
    t.buffer = buffer;
    return t;
  }
  static std::vector<CommandPtr> loads(CommandId count) {
    std::vector<CommandPtr> commands;
    for (CommandId id = 0; id < count; ++id) commands.push_back(make_command(id, transfer(false)));
    return commands;
  }
  static std::map<CommandId, double> all(const std::vector<double>& cycles) {
    std::map<CommandId, double> ends;
    for (std::size_t id = 0; id < cycles.size(); ++id) ends[id] = cycles[id];
    return ends;
  }
};

TEST_F(DmaEngineTest, LinkAndBufferHideBehindASlowerDram) {
  const auto dma = engine("dma", 1, loads(1));
  sc_core::sc_start(103 * period_);
  EXPECT_FALSE(board_.done(0));
  sc_core::sc_start();
  EXPECT_EQ(ends_, all({4 + 100}));
  EXPECT_TRUE(board_.done(0));
  EXPECT_EQ(dma->fronts().at(0).activity().busy, 104 * period_);
  EXPECT_EQ(path_.busy(), 20 * period_);
  EXPECT_EQ(weights_.busy(), 10 * period_);
}

TEST_F(DmaEngineTest, ALinkSlowerThanDramSetsThePace) {
  dram_.latency = 12 * period_;
  const auto dma = engine("dma", 1, loads(1));
  sc_core::sc_start();
  EXPECT_EQ(ends_, all({4 + 20})) << "the link is busy from the first byte of DRAM on";
}

class DmaToOneBankTest : public DmaEngineTest {
 protected:
  DmaToOneBankTest() : DmaEngineTest(1) {}
};

TEST_F(DmaToOneBankTest, ABufferSlowerThanDramAndLinkSetsThePace) {
  dram_.latency = 2 * period_;
  const auto dma = engine("dma", 1, loads(1));
  sc_core::sc_start();
  EXPECT_EQ(ends_, all({4 + 40})) << "32 B a cycle";
}

TEST_F(DmaEngineTest, AWriteLeavesTheChipBeforeItGoesToDram) {
  const auto dma = engine("dma", 1, {make_command(0, transfer(true, Buffer::activation))});
  sc_core::sc_start();
  EXPECT_EQ(ends_, all({4 + 20 + 100}));
  ASSERT_EQ(dram_.log.size(), 1u);
  EXPECT_TRUE(dram_.log[0].write);
  EXPECT_EQ(dram_.log[0].at, 24 * period_);
  EXPECT_EQ(activations_.read_bytes(), kBytes);
}

TEST_F(DmaEngineTest, SoManyPiecesAreInFlightAsTheSpecificationSays) {
  spec_.outstanding = 2;
  DmaTransfer strided = transfer(false);
  strided.pieces = 3;
  strided.piece_bytes = 129;
  strided.stride = 1000;
  const auto dma = engine("dma", 1, {make_command(0, strided)});
  sc_core::sc_start();
  EXPECT_EQ(ends_, all({4 + 2 * 100}));
  ASSERT_EQ(dram_.log.size(), 2u);
  EXPECT_EQ(dram_.log[0].address, 4096u);
  EXPECT_EQ(dram_.log[0].pieces, 2u);
  EXPECT_EQ(dram_.log[0].stride, 1000u);
  EXPECT_EQ(dram_.log[0].bytes, 258u);
  EXPECT_EQ(dram_.log[1].address, 6096u);
  EXPECT_EQ(dram_.log[1].pieces, 1u);
  EXPECT_EQ(dram_.log[1].bytes, 129u);
  EXPECT_EQ(dram_.log[1].at, (4 + 100) * period_);
  EXPECT_EQ(path_.busy(), 7 * period_) << "387 B on a link of 64 B";
  EXPECT_EQ(weights_.busy(), 3.25 * period_) << "the pieces lie side by side: 13 words in 4 banks";
}

TEST_F(DmaEngineTest, AsManyTransfersAreInFlightAsThereAreChannels) {
  const auto dma = engine("dma", 2, loads(5));
  sc_core::sc_start();
  EXPECT_EQ(ends_, all({104, 104, 208, 208, 312}));
  EXPECT_EQ(dram_.most_in_flight, 2);
  EXPECT_EQ(dma->fronts().size(), 2u);
}

TEST_F(DmaEngineTest, OneChannelCarriesOneTransferAtATime) {
  const auto dma = engine("dma", 1, loads(3));
  sc_core::sc_start();
  EXPECT_EQ(ends_, all({104, 208, 312}));
  EXPECT_EQ(dram_.most_in_flight, 1);
}

TEST_F(DmaEngineTest, TransfersInFlightShareTheLink) {
  dram_.latency = 12 * period_;
  const auto dma = engine("dma", 4, loads(4));
  sc_core::sc_start();
  // They ask at the same time: which one is first is not specified.
  std::vector<double> cycles;
  for (const auto& [id, end] : ends_) cycles.push_back(end);
  EXPECT_THAT(cycles, testing::UnorderedElementsAre(24, 44, 64, 84));
}

TEST_F(DmaEngineTest, ReadsAndWritesShareTheLink) {
  dram_.latency = 12 * period_;
  const auto writes = engine("dma_write", 1, {make_command(0, transfer(true))});
  const auto reads = engine("dma_read", 1, {make_command(1, transfer(false))});
  sc_core::sc_start();
  EXPECT_EQ(ends_, all({4 + 20 + 12, 4 + 20 + 20})) << "the write asked first";
}

TEST_F(DmaEngineTest, ATransferWaitsForItsTokensAndOtherChannelsGoOn) {
  dram_.latency = 200 * period_;
  const auto slow = engine("slow", 1, {make_command(0, transfer(false))});
  spec_.setup_cycles = 0;
  // Command 1 waits for command 0 of the other engine; 2 and 3 use the other channel meanwhile.
  const auto dma = engine("dma", 2,
                          {make_command(1, transfer(false), {0}), make_command(2, transfer(false)),
                           make_command(3, transfer(false))});
  sc_core::sc_start();
  EXPECT_EQ(ends_, all({204, 404, 200, 400}));
  EXPECT_EQ(dma->fronts().at(0).activity().wait_memory, 204 * period_);
}

TEST_F(DmaEngineTest, BytesAreCountedWhereTheyGo) {
  const auto dma = engine("dma", 1,
                          {make_command(0, transfer(false, Buffer::weight)),
                           make_command(1, transfer(false, Buffer::activation)),
                           make_command(2, transfer(false, Buffer::activation)),
                           make_command(3, transfer(true, Buffer::weight)),
                           make_command(4, transfer(true, Buffer::activation))});
  sc_core::sc_start();
  models::EventCounts expected;
  expected.add(Event::noc_bit, 5 * kBytes * 8);
  expected.add(Event::sram_weight_write_bit, kBytes * 8);
  expected.add(Event::sram_act_write_bit, 2 * kBytes * 8);
  expected.add(Event::sram_weight_read_bit, kBytes * 8);
  expected.add(Event::sram_act_read_bit, kBytes * 8);
  for (std::size_t i = 0; i < models::kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    EXPECT_EQ(dma->events()[event], expected[event]) << models::event_info(event).name;
  }
  EXPECT_EQ(weights_.write_bytes(), kBytes);
  EXPECT_EQ(weights_.read_bytes(), kBytes);
  EXPECT_EQ(activations_.write_bytes(), 2 * kBytes);
  EXPECT_EQ(activations_.read_bytes(), kBytes);
}

TEST_F(DmaEngineTest, ARefusedTransferStopsTheRunAndNamesTheEngine) {
  dram_.refuses = true;
  const auto dma = engine("dma", 1, loads(1));
  try {
    sc_core::sc_start();
    FAIL() << "went on";
  } catch (const sc_core::sc_report& report) {
    EXPECT_STREQ(report.get_msg_type(), "dma");
    EXPECT_STREQ(report.get_msg(),
                 "memory refused 1280 B at address 4096: TLM_ADDRESS_ERROR_RESPONSE");
  }
  EXPECT_FALSE(board_.done(0));
}

}  // namespace
}  // namespace lutsim::sim
