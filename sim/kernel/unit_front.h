// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <systemc>
#include <utility>

#include "sim/kernel/completion_board.h"
#include "sim/kernel/macro_command.h"
#include "sim/kernel/unit_activity.h"

namespace lutsim::sim {

/// What every unit does around its work: takes the next command, waits for its tokens, accounts for
/// the time, sets the token. To be called from one SC_THREAD each.
class UnitFront {
 public:
  /// Called when a command has finished, with the time at which its work began.
  using Observer = std::function<void(const MacroCommand&, const sc_core::sc_time& began)>;

  UnitFront(CompletionBoard& board, Observer observer)
      : board_(board), observer_(std::move(observer)) {}

  /// Next command of `queue` with all its tokens set.
  CommandPtr take(sc_core::sc_fifo_in<CommandPtr>& queue) {
    const sc_core::sc_time asked = sc_core::sc_time_stamp();
    held_ = queue.read();
    activity_.idle += sc_core::sc_time_stamp() - asked;
    while (const CommandId* pending = board_.first_pending(held_->waits)) {
      const bool memory = board_.is_memory(*pending);
      const sc_core::sc_time since = sc_core::sc_time_stamp();
      sc_core::wait(board_.changed());
      (memory ? activity_.wait_memory : activity_.wait_dependency) +=
          sc_core::sc_time_stamp() - since;
    }
    began_ = sc_core::sc_time_stamp();
    return held_;
  }
  void finish() {
    activity_.busy += sc_core::sc_time_stamp() - began_;
    const CommandPtr command = std::move(held_);
    held_.reset();
    observer_(*command, began_);
    board_.finish(command->id);
  }

  const UnitActivity& activity() const { return activity_; }
  /// The command that the unit holds, null if none: what a deadlock report names.
  const CommandPtr& held() const { return held_; }

 private:
  CompletionBoard& board_;
  Observer observer_;
  UnitActivity activity_;
  CommandPtr held_;
  sc_core::sc_time began_;
};

}  // namespace lutsim::sim
