// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <limits>

namespace lutsim::sim {

/// Time of the timing core: slots of the command bus since the start
/// (spec::MemoryStandard::slot_ps picoseconds each).
using Slot = std::int64_t;
constexpr Slot kNever = std::numeric_limits<Slot>::max();

/// Commands of a DRAM channel. precharge_all and refresh_all address a pseudo-channel, the others a
/// bank. activate_2 is the second half of a split activate, clock_sync starts the data clock of
/// LPDDR5 before an access; neither has constraints of its own besides the bus.
enum class Command : std::uint8_t {
  activate,
  precharge,
  precharge_all,
  read,
  write,
  refresh_all,
  refresh_bank,
  activate_2,
  clock_sync,
  count_
};
constexpr std::size_t kCommandCount = static_cast<std::size_t>(Command::count_);
/// Commands that timing constraints speak of: all before activate_2.
constexpr std::size_t kConstrainedCommands = static_cast<std::size_t>(Command::activate_2);

constexpr bool is_column(Command c) { return c == Command::read || c == Command::write; }
constexpr Command access_command(bool write) { return write ? Command::write : Command::read; }

/// One command as it went over the bus of a channel.
struct IssuedCommand {
  Slot slot;
  Command command;
  std::uint32_t bank;  ///< flat bank of the channel; of commands to all banks, one of them
  std::uint32_t row;   ///< of activate, read and write, else 0
};

}  // namespace lutsim::sim
