// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/deadlock.h"

#include <gmock/gmock.h>

#include <deque>

#include "tests/support/macro_commands.h"
#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using test::make_command;
using testing::HasSubstr;
using testing::Not;

/// Takes commands and never finishes one.
class Holder : public sc_core::sc_module {
 public:
  sc_core::sc_fifo<CommandPtr> queue{16};
  sc_core::sc_fifo_in<CommandPtr> in{"in"};
  UnitFront front;

  Holder(const sc_core::sc_module_name& name, CompletionBoard& board, Agenda& agenda)
      : sc_module(name), front(board, agenda, [](const FinishedCommand&) {}) {
    in(queue);
    SC_HAS_PROCESS(Holder);
    SC_THREAD(run);
  }

 private:
  void run() {
    front.take(in);
    wait(sc_core::sc_event());
  }
};

class DeadlockTest : public test::ScTest {
 protected:
  workloads::OperatorTrace trace_;
  CompletionBoard board_;
  Agenda agenda_{"agenda"};
  Holder matrix_{"matrix", board_, agenda_}, load_{"load", board_, agenda_};
  std::deque<CommandPtr> issued_;

  DeadlockTest() {
    for (const char* name : {"layers.0.attention.q", "layers.0.ffn.up"}) {
      workloads::Operator op;
      op.name = name;
      trace_.operators.push_back(op);
    }
  }
  CommandPtr issue(Holder& unit, CommandId id, workloads::OperatorId op,
                   std::vector<CommandId> waits) {
    const auto command = std::make_shared<MacroCommand>(*make_command(id, MatrixWork{}, waits));
    command->op = op;
    board_.issue(id, false);
    unit.queue.nb_write(command);
    return command;
  }
  std::string report(CommandPtr blocked = {}) {
    sc_core::sc_start();
    return describe({trace_,
                     board_,
                     {{"matrix", &matrix_.front}, {"dma_read", &load_.front}},
                     2,
                     std::move(blocked)});
  }
};

TEST_F(DeadlockTest, NamesBothSidesOfACircle) {
  issue(matrix_, 0, 0, {1});
  issue(load_, 1, 1, {0});
  const std::string text = report();
  EXPECT_THAT(text, HasSubstr("0 of 2 issued commands have finished"));
  EXPECT_THAT(text, HasSubstr("matrix holds command 0 (layers.0.attention.q) and waits for command "
                              "1 (layers.0.ffn.up), which dma_read holds"));
  EXPECT_THAT(text, HasSubstr("dma_read holds command 1 (layers.0.ffn.up) and waits for command 0 "
                              "(layers.0.attention.q), which matrix holds"));
}

TEST_F(DeadlockTest, SaysWhereTheAwaitedCommandIs) {
  issue(matrix_, 0, 0, {7});
  const auto blocked = issue(load_, 1, 1, {});
  const std::string text = report(blocked);
  EXPECT_THAT(text, HasSubstr("waits for command 7, which has not been issued"));
  EXPECT_THAT(text, HasSubstr("dma_read holds command 1 (layers.0.ffn.up) and executes it"));
  EXPECT_THAT(text, HasSubstr("the command processor waits for room in the queue of matrix for "
                              "command 1 (layers.0.ffn.up)"));
}

TEST_F(DeadlockTest, AUnitWithoutACommandIsNotNamed) {
  issue(matrix_, 0, 0, {1});
  EXPECT_THAT(report(), Not(HasSubstr("dma_read")));
}

}  // namespace
}  // namespace lutsim::sim
