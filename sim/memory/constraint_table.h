// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <vector>

#include "models/spec/memory_standard.h"
#include "sim/memory/command.h"

namespace lutsim::sim {

/// Which banks a constraint reaches, seen from the bank of the preceding command.
enum class Scope : std::uint8_t { bank, bank_group, rank, other_rank, pseudo_channel };

/// `next` may be issued no sooner than `slots` after `previous` in the scope.
struct Constraint {
  Command previous;
  Command next;
  Scope scope;
  Slot slots;
};

/// The timings of a standard as minimum distances between the first slots of two commands.
///
/// JEDEC counts from the end of a command, so a command of n slots shifts what follows it by n - 1
/// slots and what precedes it by as much the other way.
class ConstraintTable {
 public:
  /// Throws SpecError when the standard contradicts itself.
  explicit ConstraintTable(const spec::MemoryStandard& standard);

  /// Constraints that begin with a command.
  const std::vector<Constraint>& after(Command previous) const {
    return after_[static_cast<std::size_t>(previous)];
  }
  /// Distance of the first from the fifth activate of a pseudo-channel.
  Slot four_activates() const { return four_activates_; }
  /// Slots of the command bus that a command takes.
  Slot length(Command c) const { return length_[static_cast<std::size_t>(c)]; }
  /// Slots from a read or write command to the end of its data.
  Slot data_end(Command column) const {
    return column == Command::read ? read_data_end_ : write_data_end_;
  }
  /// Slots that a burst holds the data pins.
  Slot burst() const { return burst_; }

 private:
  void add(Command previous, Command next, Scope scope, std::uint32_t clocks);

  Slot slots_per_clock_;
  std::array<Slot, kCommandCount> length_{};
  std::array<std::vector<Constraint>, kCommandCount> after_;
  Slot four_activates_;
  Slot read_data_end_;
  Slot write_data_end_;
  Slot burst_;
};

}  // namespace lutsim::sim
