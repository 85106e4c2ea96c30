// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/unit_front.h"

#include <functional>
#include <vector>

#include "tests/support/macro_commands.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using sc_core::sc_time;
using test::make_command;

struct Finished {
  CommandId id;
  double began, ended;
  std::optional<CommandId> cause;
};

/// A unit whose every command takes 10 ns.
class Worker : public sc_core::sc_module {
 public:
  sc_core::sc_fifo_in<CommandPtr> in{"in"};
  UnitFront front;

  Worker(const sc_core::sc_module_name& name, CompletionBoard& board, Agenda& agenda,
         UnitFront::Observer observer)
      : sc_module(name), front(board, agenda, std::move(observer)) {
    SC_HAS_PROCESS(Worker);
    SC_THREAD(run);
  }

 private:
  void run() {
    while (true) {
      front.take(in);
      front.wait(sc_time(10, sc_core::SC_NS));
      front.finish();
    }
  }
};

/// What happens outside of the unit: actions at times, in order.
class Script : public sc_core::sc_module {
 public:
  struct Step {
    double ns;
    std::function<void()> action;
  };
  std::vector<Step> steps;

  explicit Script(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Script);
    SC_THREAD(run);
  }

 private:
  void run() {
    for (const Step& step : steps) {
      wait(sc_time(step.ns, sc_core::SC_NS) - sc_core::sc_time_stamp());
      step.action();
    }
  }
};

class UnitFrontTest : public test::ScTest {
 protected:
  const sc_time ns_{1, sc_core::SC_NS};
  CompletionBoard board_;
  Agenda agenda_{"agenda"};
  std::vector<Finished> log_;
  sc_core::sc_fifo<CommandPtr> queue_{"queue", 4};
  Script script_{"script"};
  Worker worker_{
      "worker", board_, agenda_, [this](const FinishedCommand& finished) {
        const CommandId id = finished.command.id;
        EXPECT_FALSE(board_.done(id)) << "observed before its token is set";
        log_.push_back({id, finished.began / ns_, sc_core::sc_time_stamp() / ns_, finished.cause});
      }};

  UnitFrontTest() { worker_.in(queue_); }

  void give(CommandId id, std::vector<CommandId> waits) {
    board_.issue(id, false);
    queue_.write(make_command(id, VectorWork{}, std::move(waits)));
  }
  /// Waits that take part in the accounting: 0 is a DRAM read, 1 is not.
  void issue_waits() {
    board_.issue(0, true);
    board_.issue(1, false);
  }
};

TEST_F(UnitFrontTest, CommandsRunOneAfterTheOtherAndSetTheirTokens) {
  script_.steps = {{5, [&] { give(0, {}), give(1, {0}); }}};
  sc_core::sc_start(sc_time(20, sc_core::SC_NS));
  EXPECT_TRUE(board_.done(0));
  EXPECT_FALSE(board_.done(1));
  ASSERT_TRUE(worker_.front.held());
  EXPECT_EQ(worker_.front.held()->id, 1u);
  sc_core::sc_start();
  ASSERT_EQ(log_.size(), 2u);
  EXPECT_EQ(log_[0].began, 5);
  EXPECT_EQ(log_[0].ended, 15);
  EXPECT_EQ(log_[1].began, 15);
  EXPECT_EQ(log_[1].ended, 25);
  EXPECT_TRUE(board_.done(1));
  EXPECT_EQ(board_.finished(), 2u);
  EXPECT_FALSE(worker_.front.held());
}

TEST_F(UnitFrontTest, ACommandBeginsWhenItsLastTokenIsSet) {
  issue_waits();
  script_.steps = {{0,
                    [&] {
                      give(2, {0, 1});
                    }},
                   {7, [&] { board_.finish(1); }},
                   {30, [&] { board_.finish(0); }}};
  sc_core::sc_start();
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_EQ(log_[0].began, 30);
  EXPECT_EQ(log_[0].ended, 40);
}

TEST_F(UnitFrontTest, TheOldestCommandHoldsUpTheOthers) {
  issue_waits();
  script_.steps = {{0, [&] { give(2, {0}), give(3, {}); }}, {30, [&] { board_.finish(0); }}};
  sc_core::sc_start();
  ASSERT_EQ(log_.size(), 2u);
  EXPECT_EQ(log_[0].id, 2u);
  EXPECT_EQ(log_[1].id, 3u);
  EXPECT_EQ(log_[1].began, 40);
}

TEST_F(UnitFrontTest, ACommandBeginsForACause) {
  issue_waits();
  script_.steps = {{0,
                    [&] {
                      give(2, {}), give(3, {}), give(4, {0, 1});
                    }},  // 2 until 10, 3 until 20
                   {30, [&] { board_.finish(0); }},
                   {40, [&] { board_.finish(1); }},  // 4 from 40 until 50
                   {60, [&] { give(5, {}); }},       // was never held up
                   {80, [&] {
                      give(6, {});
                      board_.was_held_up(6);  // by 5, which finished last
                    }}};
  sc_core::sc_start();
  ASSERT_EQ(log_.size(), 5u);
  EXPECT_EQ(log_[0].cause, std::nullopt) << "it began with the run";
  EXPECT_EQ(log_[1].cause, 2u) << "the unit was busy with it";
  EXPECT_EQ(log_[2].cause, 1u) << "the last token to come";
  EXPECT_EQ(log_[3].cause, std::nullopt) << "issued late, and nothing held up the processor";
  EXPECT_EQ(log_[4].cause, 5u);
}

TEST_F(UnitFrontTest, TimeIsBookedByWhatTheUnitWaitsFor) {
  issue_waits();
  script_.steps = {{4,
                    [&] {
                      give(2, {0, 1});
                    }},                              // idle until 4
                   {20, [&] { board_.finish(0); }},  // waits for memory until 20
                   {50, [&] { board_.finish(1); }},  // for another unit until 50, busy until 60
                   {100, [&] { give(3, {}); }}};     // idle until 100, busy until 110
  sc_core::sc_start();
  const UnitActivity& activity = worker_.front.activity();
  EXPECT_EQ(activity.busy, 20 * ns_);
  EXPECT_EQ(activity.wait_memory, 16 * ns_);
  EXPECT_EQ(activity.wait_dependency, 30 * ns_);
  EXPECT_EQ(activity.idle, 44 * ns_);
}

}  // namespace
}  // namespace lutsim::sim
