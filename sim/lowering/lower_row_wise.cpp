// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/lowering/lowering.h"

namespace lutsim::sim {

namespace {

using workloads::OperatorKind;
using workloads::TensorId;

/// Independent rows of an operator: a softmax has one per head and token, the others one per token.
std::uint64_t row_count_of(const workloads::Operator& op) {
  const bool is_by_head = op.kind == OperatorKind::softmax || op.kind == OperatorKind::alibi;
  return is_by_head ? op.m * op.heads : op.m;
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

/// Rows of an operator that one set of weights serves.
struct RowRange {
  std::uint64_t begin = 0, count = 0;
  std::uint32_t group = 0;
};

/// All rows, or those of each group.
std::vector<RowRange> row_ranges(const workloads::Operator& op, std::uint64_t rows) {
  if (op.groups.empty()) return {{0, rows, 0}};
  std::vector<RowRange> ranges;
  std::uint64_t begin = 0;
  for (const workloads::GroupRows& run : op.groups) {
    for (std::uint32_t i = 0; i < run.count; ++i) {
      ranges.push_back({begin, run.rows, run.first + i});
      begin += run.rows;
    }
  }
  return ranges;
}

/// Loads that rows of an operator need: weights of a norm, biases and sinks come once for all rows
/// that share them, learned positions with their rows.
struct Loads {
  std::vector<CommandId> waits;
  std::vector<SlotRing::Lease> leases;

  void add(Program& program, workloads::OperatorId id, const DmaTransfer& transfer,
           std::vector<CommandId> load_waits) {
    leases.push_back(program.activation_slots.take(transfer.bytes(), load_waits));
    waits.push_back(program.emit(id, transfer, std::move(load_waits)));
  }
  void release(Program& program, CommandId user) const {
    for (const auto& lease : leases) program.activation_slots.release(lease, user);
  }
};

bool is_weight(const Program& program, TensorId tensor) {
  return program.trace().tensors[tensor].role == workloads::TensorRole::weight;
}

Loads load_shared_weights(Program& program, workloads::OperatorId id, const RowRange& range) {
  const auto& op = program.trace().operators[id];
  Loads loads;
  if (op.kind == OperatorKind::position_add) return loads;
  for (const TensorId input : op.inputs) {
    if (!is_weight(program, input)) continue;
    const std::uint64_t bytes = op.groups.empty()
                                    ? workloads::stored_bytes(program.trace().tensors[input])
                                    : program.bytes_of(input, op.n);
    loads.add(program, id, rows_transfer(program.region(input), range.group, 1, bytes, false), {});
  }
  return loads;
}

/// Rows of the learned table from the position of `row` on.
void load_positions(Program& program, workloads::OperatorId id, std::uint64_t row,
                    std::uint64_t count, Loads& loads) {
  const auto& op = program.trace().operators[id];
  const TensorId table = op.inputs.at(1);
  const std::uint64_t table_rows = program.trace().tensors[table].shape.at(0);
  const std::uint64_t first = std::min(op.position + row % op.rows(), table_rows - count);
  loads.add(
      program, id,
      rows_transfer(program.region(table), first, count, program.bytes_of(table, op.n), false), {});
}

/// Bytes of the largest row that passes through a staging slot; 0: everything is on chip.
std::uint64_t largest_staged_row(Program& program, const workloads::Operator& op,
                                 std::uint64_t rows) {
  std::uint64_t largest = 0;
  for (const TensorId input : op.inputs) {
    if (program.is_activation(input) && !program.placement(input).resident)
      largest = std::max(largest, program.placement(input).bytes / rows);
  }
  const TensorId y = op.outputs.at(0);
  if (program.is_activation(y) && !program.placement(y).resident)
    largest = std::max(largest, program.placement(y).bytes / rows);
  if (op.kind == OperatorKind::position_add)
    largest = std::max(largest, program.bytes_of(op.inputs.at(1), op.n));
  return largest;
}

/// Rows [row, row + count): loads of what is spilled, the command, a store if the output is.
CommandId lower_rows(Program& program, workloads::OperatorId id, std::uint64_t row,
                     std::uint64_t count, std::uint64_t rows, std::vector<CommandId> waits) {
  const auto& op = program.trace().operators[id];
  const TensorId y = op.outputs.at(0);
  Loads loads;
  for (const TensorId input : op.inputs) {
    if (!program.is_activation(input)) continue;
    const auto& place = program.placement(input);
    if (place.resident) {
      waits.insert(waits.end(), place.ready.begin(), place.ready.end());
      continue;
    }
    loads.add(program, id, rows_transfer(place.address, row, count, place.bytes / rows, false),
              place.ready);
  }
  if (op.kind == OperatorKind::position_add) load_positions(program, id, row, count, loads);
  waits.insert(waits.end(), loads.waits.begin(), loads.waits.end());
  const bool stores = program.is_activation(y) && !program.placement(y).resident;
  SlotRing::Lease store_lease;
  if (stores) {
    store_lease = program.activation_slots.take(count * (program.placement(y).bytes / rows), waits);
  }
  VectorWork work;
  work.row_begin = row;
  work.row_count = count;
  const CommandId command = program.emit(id, work, std::move(waits));
  loads.release(program, command);
  if (stores) {
    auto& place = program.placement(y);
    place.ready.push_back(program.emit(
        id, rows_transfer(place.address, row, count, place.bytes / rows, true), {command}));
    program.activation_slots.release(store_lease, place.ready.back());
  }
  return command;
}

}  // namespace

void lower_row_wise(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const std::uint64_t rows = row_count_of(op);
  const TensorId y = op.outputs.at(0);

  std::vector<CommandId> output_waits;
  const bool has_output = program.is_activation(y);
  if (has_output) program.place_output(y, output_waits);

  const std::uint64_t staged = largest_staged_row(program, op, rows);
  CommandId last_command = 0;
  for (const RowRange& range : row_ranges(op, rows)) {
    const Loads weights = load_shared_weights(program, id, range);
    std::uint64_t tile = rows_per_command(program, range.count, staged);
    if (op.kind == OperatorKind::position_add)
      tile = std::min(tile, program.trace().tensors[op.inputs.at(1)].shape.at(0));
    const std::uint64_t end = range.begin + range.count;
    for (std::uint64_t row = range.begin; row < end; row += tile) {
      std::vector<CommandId> waits = output_waits;
      waits.insert(waits.end(), weights.waits.begin(), weights.waits.end());
      last_command =
          lower_rows(program, id, row, std::min(tile, end - row), rows, std::move(waits));
    }
    weights.release(program, last_command);
  }
  // A sampled token is read by the next embedding.
  if (!has_output || program.placement(y).resident) program.placement(y).ready = {last_command};
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
