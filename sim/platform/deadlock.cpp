// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/deadlock.h"

#include <fmt/core.h>

#include <variant>

namespace lutsim::sim {

namespace {

const char* unit_of(const MacroCommand& command) {
  if (const auto* transfer = std::get_if<DmaTransfer>(&command.work)) {
    return transfer->write ? "dma_write" : "dma_read";
  }
  if (const auto* message = std::get_if<LinkTransfer>(&command.work)) {
    return message->send ? "link_send" : "link_receive";
  }
  return std::holds_alternative<MatrixWork>(command.work) ? "matrix" : "vector";
}

std::string named(const StoppedChip& chip, const MacroCommand& command) {
  return fmt::format("command {} ({})", command.id, chip.trace.operators[command.op].name);
}

/// Where a command is that has not finished.
std::string whereabouts(const StoppedChip& chip, CommandId id) {
  for (const auto& [unit, front] : chip.units) {
    if (front->held() && front->held()->id == id) {
      return fmt::format("{}, which {} holds", named(chip, *front->held()), unit);
    }
  }
  if (chip.blocked && chip.blocked->id == id) {
    return named(chip, *chip.blocked) + ", for which there is no room in its queue";
  }
  return fmt::format("command {}, which {}", id,
                     chip.board.issued(id) ? "is in a queue" : "has not been issued");
}

}  // namespace

std::string describe(const StoppedChip& chip) {
  std::string text =
      fmt::format("{} of {} issued commands have finished", chip.board.finished(), chip.issued);
  for (const auto& [unit, front] : chip.units) {
    if (!front->held()) continue;
    text += fmt::format("\n  {} holds {}", unit, named(chip, *front->held()));
    if (const CommandId* pending = chip.board.first_pending(front->held()->waits)) {
      text += " and waits for " + whereabouts(chip, *pending);
    } else {
      text += " and executes it";
    }
  }
  if (chip.blocked) {
    text += fmt::format("\n  the command processor waits for room in the queue of {} for {}",
                        unit_of(*chip.blocked), named(chip, *chip.blocked));
  }
  return text;
}

}  // namespace lutsim::sim
