// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <vector>

#include "sim/memory/command.h"
#include "sim/memory/constraint_table.h"

namespace lutsim::sim {

/// The earliest legal slot of every command at every bank of a channel, after the commands issued
/// so far. Knows time only; which rows are open is the controller's business.
class TimingState {
 public:
  explicit TimingState(const spec::MemoryStandard& standard);

  /// First slot at or after `from` at which the command is legal, the bus of commands included. For
  /// commands to all banks, `bank` is any bank of the pseudo-channel. Not for activate_2 and
  /// clock_sync, which need only a free bus.
  Slot earliest(Command command, std::uint32_t bank, Slot from) const {
    return on_edge(command, std::max({from, ready_without_bus(command, bank), bus_free(command)}));
  }
  /// The same without the command bus.
  Slot ready_without_bus(Command command, std::uint32_t bank) const {
    const auto c = static_cast<std::size_t>(command);
    const Nodes& n = nodes_of_[bank];
    return std::max({banks_[bank][c], groups_[n.group][c], ranks_[n.rank][c],
                     pseudo_channels_[n.pseudo_channel][c]});
  }
  /// The part of ready_without_bus() that is the bank's own, and the parts that it shares.
  Slot bank_ready(Command command, std::uint32_t bank) const {
    return banks_[bank][static_cast<std::size_t>(command)];
  }
  struct Shared {
    Slot group;
    Slot rank;
    Slot pseudo_channel;
  };
  Shared shared_ready(Command command, std::uint32_t bank) const {
    const auto c = static_cast<std::size_t>(command);
    const Nodes& n = nodes_of_[bank];
    return {groups_[n.group][c], ranks_[n.rank][c], pseudo_channels_[n.pseudo_channel][c]};
  }
  /// First slot at which the bus can take a command.
  Slot bus_free(Command command) const { return bus_free_[bus_of(command)]; }

  /// Records a command. `slot` may lie in the future, but not before an earlier record of the same
  /// kind in the same bank.
  void issue(Command command, std::uint32_t bank, Slot slot);

  const ConstraintTable& table() const { return table_; }
  std::uint32_t pseudo_channel_of(std::uint32_t bank) const {
    return nodes_of_[bank].pseudo_channel;
  }
  std::uint32_t group_of(std::uint32_t bank) const { return nodes_of_[bank].group; }
  std::uint32_t rank_of(std::uint32_t bank) const { return nodes_of_[bank].rank; }

 private:
  /// Earliest slots of all commands; a cache line.
  using Ready = std::array<Slot, 8>;
  struct Nodes {
    std::uint32_t group;           ///< over the whole channel
    std::uint32_t rank;            ///< over the whole channel
    std::uint32_t pseudo_channel;  ///< over the whole channel
  };
  struct ActivateWindow {
    std::array<Slot, 4> slots{kLongAgo, kLongAgo, kLongAgo, kLongAgo};
    std::uint32_t oldest = 0;
  };
  static constexpr Slot kLongAgo = -(Slot{1} << 40);

  std::size_t bus_of(Command c) const { return split_bus_ && is_column(c) ? 1 : 0; }
  /// Where a clock has two slots, only precharges may take the second.
  Slot on_edge(Command c, Slot slot) const {
    const bool any =
        slots_per_clock_ == 1 || c == Command::precharge || c == Command::precharge_all;
    return any ? slot : slot + (slot & 1);
  }

  ConstraintTable table_;
  bool split_bus_;
  std::uint32_t slots_per_clock_;
  std::uint32_t ranks_per_pseudo_channel_;
  std::vector<Nodes> nodes_of_;
  std::vector<Ready> banks_;
  std::vector<Ready> groups_;
  std::vector<Ready> ranks_;
  std::vector<Ready> pseudo_channels_;
  std::vector<ActivateWindow> activates_;
  std::array<Slot, 2> bus_free_{0, 0};
};

}  // namespace lutsim::sim
