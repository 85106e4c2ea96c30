// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/lowering/lowering.h"

namespace lutsim::sim {

namespace {

using workloads::OperatorKind;
using workloads::TensorId;

/// True when an element of the result depends on the elements at its place alone, or on those of
/// its head.
bool is_element_wise(OperatorKind kind) {
  return kind == OperatorKind::rope || kind == OperatorKind::silu_multiply ||
         kind == OperatorKind::add;
}

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

/// How an operator is cut into commands.
struct Grid {
  std::uint64_t rows, tile_rows;
  std::uint64_t columns, tile_columns;
};

/// All at once if nothing passes DRAM. Else an element-wise operator goes block of columns by block
/// of columns, in which its operands lie in DRAM; the others need whole rows.
Grid grid_of(Program& program, const workloads::Operator& op, std::vector<TensorId> spilled,
             bool stores) {
  if (stores) spilled.push_back(op.outputs.at(0));
  Grid grid{};
  grid.rows = row_count_of(op);
  grid.columns = program.trace().tensors[op.inputs.at(0)].shape.back();
  grid.tile_columns = grid.columns;
  std::uint64_t staged_row = 0;
  for (const TensorId tensor : spilled) {
    const auto& place = program.placement(tensor);
    staged_row =
        std::max(staged_row, is_element_wise(op.kind) ? place.block_bytes : place.row_bytes);
    if (is_element_wise(op.kind)) {
      grid.tile_columns = grid.columns * place.block_bytes / place.row_bytes;
    }
  }
  grid.tile_rows = rows_per_command(program, grid.rows, staged_row);
  return grid;
}

}  // namespace

void lower_row_wise(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const TensorId y = op.outputs.at(0);

  std::vector<CommandId> output_waits;
  const bool has_output = program.is_activation(y);
  if (has_output) program.place_output(y, output_waits);
  const bool stores = has_output && !program.placement(y).resident;

  // Norm weights come once for the whole operator.
  std::vector<CommandId> common_waits = output_waits;
  std::vector<SlotRing::Lease> common_leases;
  std::vector<TensorId> spilled;
  for (const TensorId input : op.inputs) {
    if (program.is_activation(input)) {
      const auto& place = program.placement(input);
      if (place.resident) {
        common_waits.insert(common_waits.end(), place.ready.begin(), place.ready.end());
      } else {
        spilled.push_back(input);
      }
    } else if (program.trace().tensors[input].role == workloads::TensorRole::weight) {
      std::vector<CommandId> waits;
      DmaTransfer load;
      load.address = program.region(input);
      load.piece_bytes = load.stride = workloads::stored_bytes(program.trace().tensors[input]);
      load.buffer = Buffer::activation;
      common_leases.push_back(program.activation_slots.take(load.bytes(), waits));
      common_waits.push_back(program.emit(id, load, std::move(waits)));
    }
  }

  const Grid grid = grid_of(program, op, spilled, stores);
  CommandId last_command = 0;
  for (std::uint64_t n = 0; n < grid.columns; n += grid.tile_columns) {
    for (std::uint64_t row = 0; row < grid.rows; row += grid.tile_rows) {
      VectorWork work;
      work.row_begin = row;
      work.row_count = std::min(grid.tile_rows, grid.rows - row);
      work.n_begin = static_cast<std::uint32_t>(n);
      work.n_count = static_cast<std::uint32_t>(grid.tile_columns);
      const auto transfer_of = [&](TensorId tensor, bool write) {
        const auto& place = program.placement(tensor);
        const std::uint64_t element_bytes = place.row_bytes / grid.columns;
        return grid.tile_columns == grid.columns
                   ? Program::spilled_rows(place, row, work.row_count, write)
                   : Program::spilled_rows(place, row, work.row_count, n * element_bytes,
                                           grid.tile_columns * element_bytes, write);
      };
      std::vector<CommandId> waits = common_waits;
      std::vector<SlotRing::Lease> leases;
      for (const TensorId input : spilled) {
        const DmaTransfer load = transfer_of(input, false);
        std::vector<CommandId> load_waits = program.placement(input).ready;
        leases.push_back(program.activation_slots.take(load.bytes(), load_waits));
        waits.push_back(program.emit(id, load, std::move(load_waits)));
      }
      DmaTransfer store;
      SlotRing::Lease store_lease;
      if (stores) {
        store = transfer_of(y, true);
        store_lease = program.activation_slots.take(store.bytes(), waits);
      }
      last_command = program.emit(id, work, std::move(waits));
      for (const auto& lease : leases) program.activation_slots.release(lease, last_command);
      if (stores) {
        auto& ready = program.placement(y).ready;
        ready.push_back(program.emit(id, store, {last_command}));
        program.activation_slots.release(store_lease, ready.back());
      }
    }
  }
  for (const auto& lease : common_leases) program.activation_slots.release(lease, last_command);
  // A sampled token is read by the next embedding.
  if (!stores) program.placement(y).ready = {last_command};
  program.retire_inputs(op, last_command);
}

void lower_embedding(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const TensorId tokens = op.inputs.at(0), table = op.inputs.at(1), y = op.outputs.at(0);
  const std::uint64_t row_bytes = program.bytes_of(table, op.n);

  std::vector<CommandId> output_waits = program.placement(tokens).ready;
  Program::Placement& output = program.place_output(y, output_waits);
  const std::uint64_t output_row_bytes = output.row_bytes;
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
      output.ready.push_back(
          program.emit(id, Program::spilled_rows(output, row, count, true), {last_command}));
      program.activation_slots.release(store_lease, output.ready.back());
    }
  }
  if (output.resident) output.ready = {last_command};
}

}  // namespace lutsim::sim
