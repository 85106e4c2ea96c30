// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <systemc>
#include <vector>

#include "sim/kernel/macro_command.h"

namespace lutsim::sim {

/// Dependency tokens: one per macro-command, set once when the command has finished.
class CompletionBoard {
 public:
  /// Announces a command at issue. Waiting for a `memory` command is waiting for DRAM.
  void issue(CommandId id, bool memory) {
    if (id >= entries_.size()) entries_.resize(id + 1, Entry{});
    entries_[id].memory = memory;
    entries_[id].held_up_by = holder_;
  }
  /// The queue of a command that was announced had been full until now: it, and all after it, could
  /// be issued because the command that finished last had made room.
  void was_held_up(CommandId id) {
    if (finished_ > 0) holder_ = last_finished_;
    entries_[id].held_up_by = holder_;
  }
  /// The command whose end let this one be issued, if the command processor was ever held up.
  std::optional<CommandId> held_up_by(CommandId id) const { return entries_[id].held_up_by; }
  /// Sets the token of `id` and wakes every unit that waits for tokens.
  void finish(CommandId id) {
    entries_[id].done = true;
    last_finished_ = id;
    ++finished_;
    changed_.notify(sc_core::SC_ZERO_TIME);
  }

  bool issued(CommandId id) const { return id < entries_.size(); }
  bool done(CommandId id) const { return id < entries_.size() && entries_[id].done; }
  bool is_memory(CommandId id) const { return id < entries_.size() && entries_[id].memory; }

  /// First of `waits` that has not finished, or nullptr.
  const CommandId* first_pending(const std::vector<CommandId>& waits) const {
    for (const CommandId& id : waits) {
      if (!done(id)) return &id;
    }
    return nullptr;
  }

  std::uint64_t finished() const { return finished_; }
  const sc_core::sc_event& changed() const { return changed_; }

 private:
  struct Entry {
    bool done = false;
    bool memory = false;
    std::optional<CommandId> held_up_by;
  };
  std::vector<Entry> entries_;
  std::uint64_t finished_ = 0;
  CommandId last_finished_ = 0;
  std::optional<CommandId> holder_;
  sc_core::sc_event changed_;
};

}  // namespace lutsim::sim
