// SPDX-License-Identifier: Apache-2.0
#pragma once
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
  }
  /// Sets the token of `id` and wakes every unit that waits for tokens.
  void finish(CommandId id) {
    entries_[id].done = true;
    ++finished_;
    changed_.notify(sc_core::SC_ZERO_TIME);
  }

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
  };
  std::vector<Entry> entries_;
  std::uint64_t finished_ = 0;
  sc_core::sc_event changed_{"completion_board_changed"};
};

}  // namespace lutsim::sim
