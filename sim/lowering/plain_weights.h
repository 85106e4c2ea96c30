// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "sim/lowering/program.h"

namespace lutsim::sim {

/// Weights of a plain matmul in DRAM: feature by feature, so that a block of features is one run.
class PlainWeights {
 public:
  /// Of the second input of operator `id`; all features of all groups, if there are groups.
  PlainWeights(Program& program, workloads::OperatorId id)
      : program_(program),
        id_(id),
        address_(program.region(program.trace().operators[id].inputs.at(1))),
        column_bytes_(program.bytes_of(program.trace().operators[id].inputs.at(1),
                                       program.trace().operators[id].k)) {}

  /// Features of an operator whose weights fit a slot.
  std::uint64_t block() const {
    return std::clamp<std::uint64_t>(program_.weight_slots.slot_bytes() / column_bytes_, 1,
                                     program_.trace().operators[id_].n);
  }

  struct Loaded {
    SlotRing::Lease lease;
    CommandId command = 0;
  };
  /// Brings features on chip after `waits`.
  Loaded load(std::uint64_t n_begin, std::uint64_t n_count, std::vector<CommandId> waits) const {
    Loaded loaded;
    loaded.lease = program_.weight_slots.take(n_count * column_bytes_, waits);
    DmaTransfer load;
    load.address = address_ + n_begin * column_bytes_;
    load.piece_bytes = load.stride = n_count * column_bytes_;
    load.buffer = Buffer::weight;
    loaded.command = program_.emit(id_, load, std::move(waits));
    return loaded;
  }

 private:
  Program& program_;
  workloads::OperatorId id_;
  std::uint64_t address_, column_bytes_;
};

}  // namespace lutsim::sim
