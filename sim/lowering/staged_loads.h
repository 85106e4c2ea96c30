// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <utility>
#include <vector>

#include "sim/lowering/program.h"

namespace lutsim::sim {

/// Loads into slots of the activation buffer that a command waits for.
struct StagedLoads {
  std::vector<CommandId> waits;
  std::vector<SlotRing::Lease> leases;

  void load(Program& program, workloads::OperatorId id, const DmaTransfer& transfer,
            std::vector<CommandId> load_waits) {
    leases.push_back(program.activation_slots.take(transfer.bytes(), load_waits));
    waits.push_back(program.emit(id, transfer, std::move(load_waits)));
  }
  /// The slots are free after the command of `last_user`.
  void release(Program& program, CommandId last_user) const {
    for (const auto& lease : leases) program.activation_slots.release(lease, last_user);
  }
};

}  // namespace lutsim::sim
