// SPDX-License-Identifier: Apache-2.0
#include "sim/command/command_processor.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/macro_commands.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using sc_core::sc_time;
using test::make_command;

struct Arrival {
  std::string unit;
  CommandId id;
  double cycle;
  friend bool operator==(const Arrival& a, const Arrival& b) {
    return a.unit == b.unit && a.id == b.id && a.cycle == b.cycle;
  }
  friend std::ostream& operator<<(std::ostream& out, const Arrival& a) {
    return out << a.unit << " gets " << a.id << " at " << a.cycle;
  }
};

/// A unit that takes its first command at `first` and then one every `every`, and logs when.
class Taker : public sc_core::sc_module {
 public:
  sc_core::sc_fifo_in<CommandPtr> in{"in"};
  sc_time first, every;

  Taker(const sc_core::sc_module_name& name, const sc_time& period, std::vector<Arrival>& log)
      : sc_module(name), period_(period), log_(log) {
    SC_HAS_PROCESS(Taker);
    SC_THREAD(run);
  }

 private:
  void run() {
    wait(first);
    while (true) {
      const CommandId id = in.read()->id;
      log_.push_back({basename(), id, sc_core::sc_time_stamp() / period_});
      wait(every);
    }
  }

  const sc_time period_;
  std::vector<Arrival>& log_;
};

DmaTransfer load() { return {}; }
DmaTransfer store() {
  DmaTransfer transfer;
  transfer.write = true;
  return transfer;
}

class CommandProcessorTest : public test::ScTest {
 protected:
  const sc_time period_{2, sc_core::SC_NS};
  std::vector<CommandPtr> program_;
  std::size_t fetched_ = 0;
  std::vector<Arrival> log_;
  CompletionBoard board_;
  Agenda agenda_{"agenda"};
  Taker load_{"load", period_, log_};
  Taker store_{"store", period_, log_};
  Taker matrix_{"matrix", period_, log_};
  Taker vector_{"vector", period_, log_};
  Taker send_{"send", period_, log_};
  Taker receive_{"receive", period_, log_};
  std::vector<std::unique_ptr<sc_core::sc_fifo<CommandPtr>>> queues_;
  std::unique_ptr<CommandProcessor> processor_;

  /// Appends a command to the program; its id is its place.
  template <class Work>
  void add(Work work, std::vector<CommandId> waits = {}) {
    program_.push_back(make_command(program_.size(), work, std::move(waits)));
  }

  void add_for(const std::string& unit) {
    if (unit == "load") add(load());
    if (unit == "store") add(store());
    if (unit == "matrix") add(MatrixWork{});
    if (unit == "vector") add(VectorWork{});
    if (unit == "send") add(LinkTransfer{true, 1, 64});
    if (unit == "receive") add(LinkTransfer{false, 1, 64});
  }
  Taker& taker_of(const std::string& unit) {
    for (Taker* taker : {&load_, &store_, &matrix_, &send_, &receive_}) {
      if (unit == taker->basename()) return *taker;
    }
    return vector_;
  }

  void build(std::uint32_t queue_depth, std::uint32_t issue_cycles) {
    spec::CommandSpec spec;
    spec.queue_depth = queue_depth;
    spec.issue_cycles = issue_cycles;
    processor_ = std::make_unique<CommandProcessor>(
        "processor", spec, period_, board_, agenda_, [this]() -> CommandPtr {
          return fetched_ < program_.size() ? program_[fetched_++] : nullptr;
        });
    connect(processor_->dma_read_out, load_, queue_depth);
    connect(processor_->dma_write_out, store_, queue_depth);
    connect(processor_->matrix_out, matrix_, queue_depth);
    connect(processor_->vector_out, vector_, queue_depth);
    connect(processor_->link_send_out, send_, queue_depth);
    connect(processor_->link_receive_out, receive_, queue_depth);
  }

 private:
  void connect(sc_core::sc_fifo_out<CommandPtr>& out, Taker& taker, std::uint32_t depth) {
    queues_.push_back(std::make_unique<sc_core::sc_fifo<CommandPtr>>(static_cast<int>(depth)));
    out(*queues_.back());
    taker.in(*queues_.back());
  }
};

TEST_F(CommandProcessorTest, EveryCommandTakesItsIssueCyclesAndGoesToItsUnit) {
  add(load());
  add(MatrixWork{});
  add(VectorWork{});
  add(store());
  add(load());
  build(4, 3);
  sc_core::sc_start();
  EXPECT_EQ(
      log_,
      (std::vector<Arrival>{
          {"load", 0, 3}, {"matrix", 1, 6}, {"vector", 2, 9}, {"store", 3, 12}, {"load", 4, 15}}));
  EXPECT_EQ(processor_->issued(), 5u);
  EXPECT_TRUE(processor_->finished());
}

/// One of the four units is busy until cycle 100 and then takes a command every 10.
class FullQueue : public CommandProcessorTest, public testing::WithParamInterface<const char*> {};

TEST_P(FullQueue, HoldsUpEverythingBehindIt) {
  const std::string slow = GetParam();
  const std::string quick = slow == "vector" ? "matrix" : "vector";
  Taker& taker = taker_of(slow);
  taker.first = 100 * period_;
  taker.every = 10 * period_;
  add_for(quick);
  for (int i = 0; i < 4; ++i) add_for(slow);  // two fit the queue
  add_for(quick);
  build(2, 1);

  sc_core::sc_start(50 * period_);
  EXPECT_EQ(log_, (std::vector<Arrival>{{quick, 0, 1}})) << "runs ahead of the slow unit";
  EXPECT_EQ(processor_->issued(), 3u);
  EXPECT_EQ(fetched_, 4u) << "the one that does not fit is held, no further one is fetched";
  EXPECT_FALSE(processor_->finished());

  sc_core::sc_start();
  // The slow unit's third command enters its queue when the first leaves, at 100, the fourth at
  // 110.
  EXPECT_EQ(log_, (std::vector<Arrival>{{quick, 0, 1},
                                        {slow, 1, 100},
                                        {slow, 2, 110},
                                        {quick, 5, 111},
                                        {slow, 3, 120},
                                        {slow, 4, 130}}));
  EXPECT_TRUE(processor_->finished());
}

INSTANTIATE_TEST_SUITE_P(Units, FullQueue,
                         testing::Values("load", "store", "matrix", "vector", "send", "receive"),
                         [](const auto& info) { return std::string(info.param); });

TEST_F(CommandProcessorTest, EveryUnitHasAQueueOfItsOwn) {
  matrix_.first = 100 * period_;
  add(MatrixWork{});
  add(MatrixWork{});  // both wait in the queue: nobody else is held up
  add(load());
  add(store());
  add(VectorWork{});
  build(2, 1);
  sc_core::sc_start(50 * period_);
  EXPECT_EQ(log_, (std::vector<Arrival>{{"load", 2, 3}, {"store", 3, 4}, {"vector", 4, 5}}));
  EXPECT_TRUE(processor_->finished());
}

TEST_F(CommandProcessorTest, TokensAreNotWaitedFor) {
  add(load());
  add(MatrixWork{}, {0});
  add(VectorWork{}, {0, 1});
  build(2, 1);
  sc_core::sc_start();
  EXPECT_EQ(board_.finished(), 0u);
  EXPECT_EQ(log_, (std::vector<Arrival>{{"load", 0, 1}, {"matrix", 1, 2}, {"vector", 2, 3}}));
}

TEST_F(CommandProcessorTest, LoadsAreAnnouncedAsMemory) {
  add(load());
  add(store());
  add(MatrixWork{});
  add(VectorWork{});
  build(2, 10);
  sc_core::sc_start(5 * period_);
  EXPECT_FALSE(board_.is_memory(0)) << "not issued yet";
  sc_core::sc_start();
  EXPECT_TRUE(board_.is_memory(0));
  for (CommandId id = 1; id < 4; ++id) EXPECT_FALSE(board_.is_memory(id)) << id;
}

TEST_F(CommandProcessorTest, AnEmptyProgramIsFinishedAtOnce) {
  build(2, 10);
  sc_core::sc_start();
  EXPECT_TRUE(processor_->finished());
  EXPECT_EQ(processor_->issued(), 0u);
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
}

}  // namespace
}  // namespace lutsim::sim
