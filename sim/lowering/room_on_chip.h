// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "workloads/trace/operator_trace.h"

namespace lutsim::sim {

/// Which activations are worth their room on chip.
///
/// A tensor that stays saves its own way to DRAM and back. But while it is there, matmuls whose
/// input is in DRAM have less room for the rows of it, and each further group of rows reads
/// all weights again, which may cost a hundred times more.
class RoomOnChip {
 public:
  /// `capacity` bytes keep activations, `staging` bytes stage tiles. `trace` must outlive this.
  RoomOnChip(const workloads::OperatorTrace& trace, std::uint64_t capacity, std::uint64_t staging);

  /// The operator that writes a tensor.
  workloads::OperatorId writer(workloads::TensorId tensor) const { return writer_[tensor]; }

  /// Rows of a spilled input that can be on chip at a time: in `free` bytes that no activation
  /// holds, or in half of the staging slots.
  std::uint64_t staged_rows(std::uint64_t row_bytes, std::uint64_t free) const;

  /// Whether a tensor of `bytes` is to stay, given that it fits the `free` bytes. A matmul that
  /// writes it counts when it reads a spilled input; one that runs while the tensor lives, when its
  /// input cannot stay beside it. That one is taken to have the whole capacity otherwise.
  bool is_worth(workloads::TensorId tensor, std::uint64_t bytes, std::uint64_t free,
                bool writer_reads_spilled) const;

 private:
  /// Bytes of weights that a matmul reads with so much room for its input.
  std::uint64_t weight_traffic(workloads::OperatorId id, std::uint64_t free) const;

  const workloads::OperatorTrace& trace_;
  std::uint64_t capacity_, staging_;
  std::vector<workloads::OperatorId> writer_, last_reader_;  ///< by tensor
  std::vector<std::uint32_t> readers_;                       ///< by tensor
  std::vector<workloads::OperatorId> matmuls_;               ///< of several rows by weights
};

}  // namespace lutsim::sim
