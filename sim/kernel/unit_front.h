// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <systemc>

#include "sim/kernel/completion_board.h"
#include "sim/kernel/macro_command.h"
#include "sim/kernel/unit_activity.h"

namespace lutsim::sim {

/// What every unit does around its work: takes the next command, waits for its tokens, accounts for the
/// time, sets the token. To be called from one SC_THREAD each.
class UnitFront {
 public:
  explicit UnitFront(CompletionBoard& board) : board_(board) {}

  /// Next command of `queue` with all its tokens set.
  CommandPtr take(sc_core::sc_fifo_in<CommandPtr>& queue) {
    const sc_core::sc_time asked = sc_core::sc_time_stamp();
    CommandPtr command = queue.read();
    activity_.idle += sc_core::sc_time_stamp() - asked;
    held_ = command;
    while (const CommandId* pending = board_.first_pending(command->waits)) {
      const bool memory = board_.is_memory(*pending);
      const sc_core::sc_time since = sc_core::sc_time_stamp();
      sc_core::wait(board_.changed());
      (memory ? activity_.wait_memory : activity_.wait_dependency) +=
          sc_core::sc_time_stamp() - since;
    }
    started_ = sc_core::sc_time_stamp();
    return command;
  }
  void finish(const MacroCommand& command) {
    activity_.busy += sc_core::sc_time_stamp() - started_;
    held_.reset();
    board_.finish(command.id);
  }

  const UnitActivity& activity() const { return activity_; }
  /// The command that the unit holds, if any: what a deadlock report names.
  const CommandPtr& held() const { return held_; }
  const sc_core::sc_time& started() const { return started_; }

 private:
  CompletionBoard& board_;
  UnitActivity activity_;
  CommandPtr held_;
  sc_core::sc_time started_;
};

}  // namespace lutsim::sim
