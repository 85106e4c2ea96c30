// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/output_block.h"

#include <algorithm>

namespace lutsim::sim {

OutputBlock::OutputBlock(Program& program, workloads::OperatorId id, std::uint64_t n_begin,
                         std::uint64_t n_count, std::uint64_t row_begin, std::uint64_t row_count,
                         std::vector<CommandId>& waits)
    : program_(program),
      id_(id),
      place_(program.placement(program.trace().operators[id].outputs.at(0))) {
  if (place_.resident) return;
  const workloads::TensorId y = program.trace().operators[id].outputs.at(0);
  stores_ = Program::spilled_columns(place_, row_begin, row_count, program.bytes_of(y, n_begin),
                                     program.bytes_of(y, n_count), true);
  std::uint64_t bytes = 0;
  for (const DmaTransfer& store : stores_) bytes += store.bytes();
  lease_ = program.activation_slots.take(bytes, waits);
}

void OutputBlock::written_by(CommandId writer) {
  if (stores_.empty()) return;
  std::vector<CommandId> stored;
  for (const DmaTransfer& store : stores_) stored.push_back(program_.emit(id_, store, {writer}));
  place_.ready.insert(place_.ready.end(), stored.begin(), stored.end());
  program_.activation_slots.release(lease_, stored);
}

std::uint64_t rows_of_output_block(const Program& program, const Program::Placement& output,
                                   std::uint64_t row_bytes) {
  if (output.resident) return output.rows;
  const std::uint64_t room =
      std::max(program.activation_slots.slot_bytes(), program.activation_slots.capacity() / 4);
  return std::max<std::uint64_t>(1, room / row_bytes);
}

}  // namespace lutsim::sim
