// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/lowering/program.h"

namespace lutsim::sim {

/// Where the output features of some rows of a matmul go: they stay on chip, or pass slots on their
/// way to DRAM.
class OutputBlock {
 public:
  /// `waits` gets what the command that writes the block must wait for.
  OutputBlock(Program& program, workloads::OperatorId id, std::uint64_t n_begin,
              std::uint64_t n_count, std::uint64_t row_begin, std::uint64_t row_count,
              std::vector<CommandId>& waits);

  /// Emits the stores, if there are any.
  void written_by(CommandId writer);

 private:
  Program& program_;
  workloads::OperatorId id_;
  Program::Placement& place_;
  std::vector<DmaTransfer> stores_;
  SlotRing::Lease lease_;
};

/// Rows of an output block of `row_bytes` a row that a quarter of the staging slots holds, so that
/// one block is written while others are stored; any number if the output stays on chip.
std::uint64_t rows_of_output_block(const Program& program, const Program::Placement& output,
                                   std::uint64_t row_bytes);

}  // namespace lutsim::sim
