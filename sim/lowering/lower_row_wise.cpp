// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/lowering/lowering.h"

namespace lutsim::sim {

namespace {

using workloads::OperatorKind;
using workloads::TensorId;

/// Independent rows of an operator: a softmax has one per head and token, the others one per token.
std::uint64_t row_count_of(const workloads::Operator& op) {
  return op.kind == OperatorKind::softmax ? op.m * op.heads : op.m;
}

/// Rows that one command takes: all of them when everything is on chip, else what fits a staging
/// slot.
std::uint64_t rows_per_command(const Program& program, std::uint64_t rows,
                               std::uint64_t largest_staged_row) {
  if (largest_staged_row == 0) return rows;
  return std::clamp<std::uint64_t>(program.activation_slots.slot_bytes() / largest_staged_row, 1,
                                   rows);
}

DmaTransfer rows_transfer(std::uint64_t base, std::uint64_t row_begin, std::uint64_t row_count,
                          std::uint64_t row_bytes, bool write) {
  DmaTransfer transfer;
  transfer.write = write;
  transfer.address = base + row_begin * row_bytes;
  transfer.piece_bytes = transfer.stride = row_count * row_bytes;
  transfer.buffer = Buffer::activation;
  return transfer;
}

}  // namespace

void lower_row_wise(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const std::uint64_t rows = row_count_of(op);
  const TensorId y = op.outputs.at(0);

  std::vector<CommandId> output_waits;
  const bool has_output = program.is_activation(y);
  if (has_output) program.place_output(y, output_waits);

  // Norm weights come once for the whole operator.
  std::vector<CommandId> common_waits = output_waits;
  std::vector<SlotRing::Lease> common_leases;
  std::uint64_t largest_staged_row = 0;
  for (const TensorId input : op.inputs) {
    if (program.is_activation(input)) {
      const auto& place = program.placement(input);
      if (!place.resident) largest_staged_row = std::max(largest_staged_row, place.bytes / rows);
    } else if (program.trace().tensors[input].role == workloads::TensorRole::weight) {
      std::vector<CommandId> waits;
      const std::uint64_t bytes = workloads::stored_bytes(program.trace().tensors[input]);
      common_leases.push_back(program.activation_slots.take(bytes, waits));
      common_waits.push_back(program.emit(
          id, rows_transfer(program.region(input), 0, 1, bytes, false), std::move(waits)));
    }
  }
  if (has_output && !program.placement(y).resident) {
    largest_staged_row = std::max(largest_staged_row, program.placement(y).bytes / rows);
  }

  const std::uint64_t tile = rows_per_command(program, rows, largest_staged_row);
  CommandId last_command = 0;
  for (std::uint64_t row = 0; row < rows; row += tile) {
    const std::uint64_t count = std::min(tile, rows - row);
    std::vector<CommandId> waits = common_waits;
    std::vector<SlotRing::Lease> leases;
    for (const TensorId input : op.inputs) {
      if (!program.is_activation(input)) continue;
      const auto& place = program.placement(input);
      if (place.resident) {
        waits.insert(waits.end(), place.ready.begin(), place.ready.end());
        continue;
      }
      std::vector<CommandId> load_waits = place.ready;
      leases.push_back(program.activation_slots.take(count * (place.bytes / rows), load_waits));
      waits.push_back(
          program.emit(id, rows_transfer(place.address, row, count, place.bytes / rows, false),
                       std::move(load_waits)));
    }
    const bool stores = has_output && !program.placement(y).resident;
    SlotRing::Lease store_lease;
    if (stores) {
      store_lease =
          program.activation_slots.take(count * (program.placement(y).bytes / rows), waits);
    }
    VectorWork work;
    work.row_begin = row;
    work.row_count = count;
    last_command = program.emit(id, work, std::move(waits));
    for (const auto& lease : leases) program.activation_slots.release(lease, last_command);
    if (stores) {
      auto& place = program.placement(y);
      place.ready.push_back(program.emit(
          id, rows_transfer(place.address, row, count, place.bytes / rows, true), {last_command}));
      program.activation_slots.release(store_lease, place.ready.back());
    }
  }
  for (const auto& lease : common_leases) program.activation_slots.release(lease, last_command);
  if (has_output && program.placement(y).resident) program.placement(y).ready = {last_command};
  // A sampled token is read by the next embedding.
  if (!has_output) program.placement(y).ready = {last_command};
  program.retire_inputs(op, last_command);
}

void lower_embedding(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const TensorId tokens = op.inputs.at(0), table = op.inputs.at(1), y = op.outputs.at(0);
  const std::uint64_t row_bytes = program.bytes_of(table, op.n);

  std::vector<CommandId> output_waits = program.placement(tokens).ready;
  Program::Placement& output = program.place_output(y, output_waits);
  const std::uint64_t output_row_bytes = output.bytes / op.m;
  const std::uint64_t tile =
      rows_per_command(program, op.m, output.resident ? row_bytes : output_row_bytes);
  CommandId last_command = 0;
  for (std::uint64_t row = 0; row < op.m; row += tile) {
    const std::uint64_t count = std::min(tile, op.m - row);
    // Which rows depends on the tokens; every row is a run of its own somewhere in the table.
    DmaTransfer gather;
    gather.address = program.region(table);
    gather.piece_bytes = gather.stride = row_bytes;
    gather.pieces = static_cast<std::uint32_t>(count);
    gather.buffer = Buffer::activation;
    std::vector<CommandId> load_waits = program.placement(tokens).ready;
    const auto lease = program.activation_slots.take(gather.bytes(), load_waits);
    std::vector<CommandId> waits = output_waits;
    waits.push_back(program.emit(id, gather, std::move(load_waits)));
    SlotRing::Lease store_lease;
    if (!output.resident)
      store_lease = program.activation_slots.take(count * output_row_bytes, waits);
    VectorWork work;
    work.row_begin = row;
    work.row_count = count;
    last_command = program.emit(id, work, std::move(waits));
    program.activation_slots.release(lease, last_command);
    if (!output.resident) {
      output.ready.push_back(program.emit(
          id, rows_transfer(output.address, row, count, output_row_bytes, true), {last_command}));
      program.activation_slots.release(store_lease, output.ready.back());
    }
  }
  if (output.resident) output.ready = {last_command};
}

}  // namespace lutsim::sim
