// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/completion_board.h"
#include "sim/kernel/unit_front.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::sim {

/// One chip whose commands have stopped.
struct StoppedChip {
  const workloads::OperatorTrace& trace;
  const CompletionBoard& board;
  std::vector<std::pair<std::string, const UnitFront*>> units;
  std::uint64_t issued = 0;
  CommandPtr blocked;  ///< the command that found its queue full; null: none
};

/// Who holds which command of which operator, and waits for whom: one line a unit.
std::string describe(const StoppedChip& chip);

}  // namespace lutsim::sim
