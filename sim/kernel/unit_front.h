// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <systemc>
#include <utility>

#include "sim/kernel/agenda.h"
#include "sim/kernel/completion_board.h"
#include "sim/kernel/macro_command.h"
#include "sim/kernel/unit_activity.h"

namespace lutsim::sim {

/// A command that has just finished, and what its work began after.
struct FinishedCommand {
  const MacroCommand& command;
  sc_core::sc_time began;
  /// The command whose end let this one begin: the last of those that it waited for; else, if it
  /// had to be issued first, the one that held up the command processor; else the one before it in
  /// its unit. None: it began with the run.
  std::optional<CommandId> cause;
  sc_core::sc_time waited_memory;      ///< its unit held it and waited for DRAM reads
  sc_core::sc_time waited_dependency;  ///< ... for other commands
};

/// What every unit does around its work: takes the next command, waits for its tokens, accounts for
/// the time, sets the token. To be called from one SC_THREAD each.
class UnitFront {
 public:
  /// Called when a command has finished.
  using Observer = std::function<void(const FinishedCommand&)>;

  UnitFront(CompletionBoard& board, Agenda& agenda, Observer observer)
      : board_(board), timer_(agenda), observer_(std::move(observer)) {}

  /// Next command of `queue` with all its tokens set.
  CommandPtr take(sc_core::sc_fifo_in<CommandPtr>& queue) {
    const sc_core::sc_time asked = sc_core::sc_time_stamp();
    held_ = queue.read();
    activity_.idle += sc_core::sc_time_stamp() - asked;
    if (sc_core::sc_time_stamp() > asked) cause_ = board_.held_up_by(held_->id);
    waited_memory_ = waited_dependency_ = sc_core::SC_ZERO_TIME;
    while (const CommandId* pending = board_.first_pending(held_->waits)) {
      const bool memory = board_.is_memory(*pending);
      cause_ = *pending;
      const sc_core::sc_time since = sc_core::sc_time_stamp();
      sc_core::wait(board_.changed());
      (memory ? waited_memory_ : waited_dependency_) += sc_core::sc_time_stamp() - since;
    }
    activity_.wait_memory += waited_memory_;
    activity_.wait_dependency += waited_dependency_;
    began_ = sc_core::sc_time_stamp();
    return held_;
  }
  /// Lets time pass.
  void wait(const sc_core::sc_time& delay) { timer_.wait(delay); }
  void finish() {
    activity_.busy += sc_core::sc_time_stamp() - began_;
    const CommandPtr command = std::move(held_);
    held_.reset();
    observer_({*command, began_, cause_, waited_memory_, waited_dependency_});
    cause_ = command->id;
    board_.finish(command->id);
  }

  const UnitActivity& activity() const { return activity_; }
  /// The command that the unit holds, null if none: what a deadlock report names.
  const CommandPtr& held() const { return held_; }

 private:
  CompletionBoard& board_;
  Agenda::Timer timer_;
  Observer observer_;
  UnitActivity activity_;
  CommandPtr held_;
  sc_core::sc_time began_, waited_memory_, waited_dependency_;
  std::optional<CommandId> cause_;
};

}  // namespace lutsim::sim
