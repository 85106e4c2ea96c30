// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "sim/lowering/lowering.h"

namespace lutsim::sim {

namespace {

struct Copy {
  std::uint64_t from = 0, to = 0, bytes = 0;
};

/// What of a matrix is overwritten: its scales, or all of its regions.
std::vector<Copy> copies_of(const Program& program, const workloads::Operator& op) {
  const workloads::TensorId source = op.inputs.at(0), weight = op.outputs.at(0);
  const WeightLayout& to = program.weight_layout(weight);
  const auto& stored = program.trace().tensors[source];
  if (!stored.weight.is_bcq()) {
    return {{program.region(source), to.scales_address(), workloads::stored_bytes(stored)}};
  }
  const WeightLayout& from = program.weight_layout(source);
  return {{from.planes_address(), to.planes_address(), to.planes_bytes()},
          {from.tokens_address(), to.tokens_address(), to.tokens_bytes()},
          {from.scales_address(), to.scales_address(), to.scales_bytes()}};
}

DmaTransfer run_of(std::uint64_t address, std::uint64_t bytes, bool write) {
  DmaTransfer run;
  run.write = write;
  run.address = address;
  run.piece_bytes = run.stride = bytes;
  run.buffer = Buffer::activation;
  return run;
}

}  // namespace

void lower_weight_update(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  auto& slots = program.activation_slots;
  std::vector<CommandId> stores;
  for (const Copy& copy : copies_of(program, op)) {
    for (std::uint64_t at = 0; at < copy.bytes; at += slots.slot_bytes()) {
      const std::uint64_t bytes = std::min(slots.slot_bytes(), copy.bytes - at);
      std::vector<CommandId> waits;
      const SlotRing::Lease lease = slots.take(bytes, waits);
      const CommandId load = program.emit(id, run_of(copy.from + at, bytes, false), waits);
      stores.push_back(program.emit(id, run_of(copy.to + at, bytes, true), {load}));
      slots.release(lease, stores.back());
    }
  }
  // A load waits for the store before it in its slot: the last store of each slot ends all of them.
  if (stores.size() > slots.slots()) {
    stores.erase(stores.begin(), stores.end() - static_cast<std::ptrdiff_t>(slots.slots()));
  }
  program.updated(op.outputs.at(0), std::move(stores));
}

}  // namespace lutsim::sim
