// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "sim/kernel/macro_command.h"

namespace lutsim::test {

/// A macro-command by itself, as the lowering would emit it.
inline sim::CommandPtr make_command(sim::CommandId id, decltype(sim::MacroCommand::work) work,
                                    std::vector<sim::CommandId> waits = {}) {
  sim::MacroCommand command;
  command.id = id;
  command.waits = std::move(waits);
  command.work = work;
  return std::make_shared<const sim::MacroCommand>(std::move(command));
}

}  // namespace lutsim::test
