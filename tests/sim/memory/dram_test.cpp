// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram.h"

#include <tlm_utils/simple_initiator_socket.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "sim/kernel/strided_access.h"
#include "sim/memory/dram_bench.h"
#include "tests/sim/memory/shipped_memories.h"
#include "tests/support/sc_test.h"

namespace lutsim::test {
namespace {

using sc_core::sc_time;

/// An initiator with one thread that runs what a test gives it.
class Initiator : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
  std::function<void(Initiator&)> script;

  explicit Initiator(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    SC_HAS_PROCESS(Initiator);
    SC_THREAD(run);
  }
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, unsigned bytes,
                                  unsigned char* data = nullptr,
                                  sim::StridedAccess* strided = nullptr) {
    tlm::tlm_generic_payload payload;
    payload.set_extension(strided);
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data);
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    sc_time delay;
    socket->b_transport(payload, delay);
    wait(delay);
    payload.clear_extension(strided);
    return payload.get_response_status();
  }
  tlm::tlm_response_status read(std::uint64_t address, unsigned bytes) {
    return access(tlm::TLM_READ_COMMAND, address, bytes);
  }
  tlm::tlm_response_status write(std::uint64_t address, unsigned bytes) {
    return access(tlm::TLM_WRITE_COMMAND, address, bytes);
  }
  void pause(double us) { wait(sc_time(us, sc_core::SC_US)); }

 private:
  void run() {
    if (script) script(*this);
  }
};

class DramTest : public ScTest {
 protected:
  sim::Agenda agenda_{"agenda"};
  const spec::MemoryStandard standard_ = shipped_memory("lpddr5-6400");

  spec::MemorySpec memory(std::uint32_t channels) const {
    spec::MemorySpec m;
    m.standard = standard_.name;
    m.channels = channels;
    return m;
  }
};

TEST_F(DramTest, AStreamTakesExactlyTheTimeOfTheBench) {
  constexpr unsigned kBytes = 1 << 20;
  sim::Dram dram("dram", memory(2), standard_, agenda_, sim::DramPath::row);
  Initiator initiator("initiator");
  initiator.socket.bind(dram.target);
  sc_time end;
  initiator.script = [&](Initiator& i) {
    EXPECT_EQ(i.read(0, kBytes), tlm::TLM_OK_RESPONSE);
    end = sc_core::sc_time_stamp();
  };
  sc_core::sc_start();
  sim::DramPatternSpec pattern;
  pattern.requests = kBytes / standard_.burst_bytes();
  pattern.channels = 2;
  pattern.path = sim::DramPath::burst;
  EXPECT_NEAR(end.to_seconds(), run_dram_pattern(standard_, pattern).time_s, 1.5e-12);
  EXPECT_EQ(dram.statistics().read_bytes, kBytes);
}

TEST_F(DramTest, RunsOfAStridedAccessAreInFlightTogether) {
  sim::Dram dram("dram", memory(1), standard_, agenda_);
  Initiator initiator("initiator");
  initiator.socket.bind(dram.target);
  initiator.script = [&](Initiator& i) {
    std::vector<unsigned char> data(8 * 64);
    std::iota(data.begin(), data.end(), static_cast<unsigned char>(1));
    sim::StridedAccess runs;
    runs.pieces = 8;
    runs.stride = 4096;
    EXPECT_EQ(i.access(tlm::TLM_WRITE_COMMAND, 64, 512, data.data(), &runs), tlm::TLM_OK_RESPONSE);
    i.pause(1);

    const sc_time begin = sc_core::sc_time_stamp();
    std::vector<unsigned char> back(512);
    EXPECT_EQ(i.access(tlm::TLM_READ_COMMAND, 64, 512, back.data(), &runs), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(back, data);
    const sc_time together = sc_core::sc_time_stamp() - begin;
    for (std::uint64_t run = 0; run < 8; ++run) i.read((1 << 20) + 64 + run * 4096, 64);
    EXPECT_LT(together, 0.5 * (sc_core::sc_time_stamp() - begin - together));

    std::vector<unsigned char> third(64);  // the others lie a stride apart
    i.access(tlm::TLM_READ_COMMAND, 64 + 2 * 4096, 64, third.data());
    EXPECT_TRUE(std::equal(third.begin(), third.end(), data.begin() + 2 * 64));
    runs.stride = 63;
    EXPECT_EQ(i.access(tlm::TLM_READ_COMMAND, 64, 512, nullptr, &runs),
              tlm::TLM_BURST_ERROR_RESPONSE);
    runs.stride = dram.capacity_bytes() / 7;
    EXPECT_EQ(i.access(tlm::TLM_READ_COMMAND, 64, 512, nullptr, &runs),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
  };
  sc_core::sc_start();
}

TEST_F(DramTest, ConcurrentInitiatorsShareTheBandwidth) {
  constexpr unsigned kBytes = 1 << 20;
  sim::Dram dram("dram", memory(2), standard_, agenda_);
  std::vector<std::unique_ptr<Initiator>> initiators;
  std::vector<double> ends(4);
  for (std::size_t n = 0; n < ends.size(); ++n) {
    initiators.push_back(std::make_unique<Initiator>(("initiator" + std::to_string(n)).c_str()));
    initiators.back()->socket.bind(dram.target);
    initiators.back()->script = [&, n](Initiator& i) {
      // A row of each channel further on each: other bank groups, as allocators arrange it.
      i.read(n * ((16 << 20) + 2 * standard_.page_bytes()), kBytes);
      ends[n] = sc_core::sc_time_stamp().to_seconds();
    };
  }
  sc_core::sc_start();
  const double alone = kBytes / dram.peak_bytes_per_second();
  for (const double end : ends) {
    EXPECT_GT(end, 3.5 * alone);  // all end together: they take turns
    EXPECT_LT(end, 5.0 * alone);
  }
  EXPECT_EQ(dram.statistics().read_bytes, 4u * kBytes);
}

TEST_F(DramTest, AStreamThatArrivesLaterDelaysTheFirst) {
  constexpr unsigned kBytes = 1 << 20;
  sim::Dram dram("dram", memory(1), standard_, agenda_);
  Initiator first("first");
  Initiator second("second");
  first.socket.bind(dram.target);
  second.socket.bind(dram.target);
  double first_end = 0;
  double second_end = 0;
  first.script = [&](Initiator& i) {
    i.read(0, kBytes);
    first_end = sc_core::sc_time_stamp().to_seconds();
  };
  second.script = [&](Initiator& i) {
    i.pause(20);
    i.write(64 << 20, kBytes / 4);
    second_end = sc_core::sc_time_stamp().to_seconds();
  };
  sc_core::sc_start();
  EXPECT_GE(first_end, 1.25 * kBytes / dram.peak_bytes_per_second());
  EXPECT_LT(second_end, first_end);
  EXPECT_GT(second_end, 20e-6 + 2 * (kBytes / 4) / dram.peak_bytes_per_second());
}

TEST_F(DramTest, AWriteIsPostedAndStillReachesEveryChannel) {
  constexpr unsigned kBytes = 256;  // two bursts in each channel, all of them fit the write queues
  sim::Dram dram("dram", memory(4), standard_, agenda_);
  Initiator initiator("initiator");
  initiator.socket.bind(dram.target);
  initiator.script = [&](Initiator& i) {
    EXPECT_EQ(i.write(0, kBytes), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_time(1.25, sc_core::SC_NS)) << "one slot";
  };
  sc_core::sc_start();
  for (std::uint32_t c = 0; c < 4; ++c) EXPECT_EQ(dram.statistics(c).write_bytes, kBytes / 4);
  EXPECT_GT(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
}

TEST_F(DramTest, WrongTransactionsAreRefusedInNoTime) {
  sim::Dram dram("dram", memory(1), standard_, agenda_);
  Initiator initiator("initiator");
  initiator.socket.bind(dram.target);
  initiator.script = [&](Initiator& i) {
    EXPECT_EQ(i.read(dram.capacity_bytes(), 32), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(i.read(dram.capacity_bytes() - 32, 64), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(i.write(~std::uint64_t{0}, 64), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(i.read(0, 0), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(i.access(tlm::TLM_IGNORE_COMMAND, 0, 32), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
    EXPECT_EQ(i.read(dram.capacity_bytes() - 32, 32), tlm::TLM_OK_RESPONSE);
    EXPECT_GT(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
  };
  sc_core::sc_start();
  EXPECT_EQ(dram.statistics().read_bytes, 32u);
}

TEST_F(DramTest, BytesComeBackAsTheyWereWritten) {
  sim::Dram dram("dram", memory(2), standard_, agenda_);
  Initiator initiator("initiator");
  initiator.socket.bind(dram.target);
  initiator.script = [&](Initiator& i) {
    std::vector<unsigned char> out(10000);
    std::iota(out.begin(), out.end(), static_cast<unsigned char>(3));
    std::vector<unsigned char> in(10002, 0xee);
    i.access(tlm::TLM_WRITE_COMMAND, 4001, 10000, out.data());
    i.access(tlm::TLM_READ_COMMAND, 4000, 10002, in.data());
    EXPECT_EQ(in.front(), 0);
    EXPECT_EQ(in.back(), 0);
    EXPECT_TRUE(std::equal(out.begin(), out.end(), in.begin() + 1));
  };
  sc_core::sc_start();
}

TEST_F(DramTest, EventsAreBitsOverThePinsAndRefreshesOfTheElapsedTime) {
  sim::Dram dram("dram", memory(2), standard_, agenda_);
  Initiator initiator("initiator");
  initiator.socket.bind(dram.target);
  initiator.script = [&](Initiator& i) {
    i.read(0, 100);  // four bursts of 32 B
    i.write(4096, 32);
    i.pause(1000);  // 256 refreshes of each channel
  };
  sc_core::sc_start();
  using models::Event;
  const auto events = dram.events(sc_core::sc_time_stamp());
  EXPECT_EQ(events[Event::dram_read_bit], 4u * 32 * 8);
  EXPECT_EQ(events[Event::dram_write_bit], 32u * 8);
  EXPECT_EQ(events[Event::dram_phy_bit], 5u * 32 * 8);
  EXPECT_EQ(events[Event::dram_refresh], 2u * 256);
  EXPECT_EQ(events[Event::dram_activate], 3u);  // two channels read, one of them written
}

TEST_F(DramTest, AccessAfterALongPauseCostsAnIdleAccess) {
  sim::Dram dram("dram", memory(1), standard_, agenda_);
  Initiator initiator("initiator");
  initiator.socket.bind(dram.target);
  initiator.script = [&](Initiator& i) {
    i.pause(5000.9);
    const sc_time start = sc_core::sc_time_stamp();
    i.read(0, 32);
    const double clocks = (sc_core::sc_time_stamp() - start).to_seconds() / standard_.tck;
    EXPECT_GE(clocks, standard_.rcd_rd + standard_.cl + standard_.bl);
    EXPECT_LE(clocks, standard_.rcd_rd + standard_.cl + standard_.bl + 3);
  };
  sc_core::sc_start();
}

}  // namespace
}  // namespace lutsim::test
