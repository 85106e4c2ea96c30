// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/lowering/lowering.h"
#include "sim/lowering/staged_loads.h"

namespace lutsim::sim {

namespace {

using workloads::OperatorKind;
using workloads::TensorId;

/// True when rows may be cut into columns: an element of the result depends on the elements at its
/// place alone, or on those of its head; or it is the best of the row, which is found part by part.
bool is_column_wise(OperatorKind kind) {
  return kind == OperatorKind::rope || kind == OperatorKind::add || kind == OperatorKind::sample ||
         models::is_activation_function(kind);
}

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

/// Rows of a weight tensor, which lies row by row.
DmaTransfer weight_rows(std::uint64_t base, std::uint64_t row_begin, std::uint64_t row_count,
                        std::uint64_t row_bytes) {
  DmaTransfer transfer;
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

bool is_weight(const Program& program, TensorId tensor) {
  return program.trace().tensors[tensor].role == workloads::TensorRole::weight;
}

/// Weights of a norm, biases and sinks: once for all rows that share them.
StagedLoads load_shared_weights(Program& program, workloads::OperatorId id, const RowRange& range) {
  const auto& op = program.trace().operators[id];
  StagedLoads loads;
  if (op.kind == OperatorKind::position_add) return loads;
  for (const TensorId input : op.inputs) {
    if (!is_weight(program, input)) continue;
    const std::uint64_t bytes = op.groups.empty()
                                    ? workloads::stored_bytes(program.trace().tensors[input])
                                    : program.bytes_of(input, op.n);
    loads.load(program, id, weight_rows(program.region(input), range.group, 1, bytes), {});
  }
  return loads;
}

/// Rows of the learned table from the position of `row` on.
void load_positions(Program& program, workloads::OperatorId id, std::uint64_t row,
                    std::uint64_t count, StagedLoads& loads) {
  const auto& op = program.trace().operators[id];
  const TensorId table = op.inputs.at(1);
  const std::uint64_t table_rows = program.trace().tensors[table].shape.at(0);
  const std::uint64_t first = std::min(op.position + row % op.rows(), table_rows - count);
  loads.load(program, id,
             weight_rows(program.region(table), first, count, program.bytes_of(table, op.n)), {});
}

/// Which rows and columns one command takes.
struct Tile {
  std::uint64_t row = 0, rows = 0;
  std::uint64_t column = 0, columns = 0;
};

/// How an operator is cut into commands: the largest tile.
struct Grid {
  std::uint64_t columns = 0;  ///< of all rows
  Tile tile;
};

/// Columns of a spilled tensor that a column-wise operator takes at a time: a block, in which they
/// lie in DRAM, or a part of it that fits a slot. Whole heads of a rope.
std::uint64_t tile_columns(const Program& program, const workloads::Operator& op,
                           const Program::Placement& place, std::uint64_t element_bytes) {
  const std::uint64_t block = place.block_bytes / element_bytes;
  const std::uint64_t together = op.kind == OperatorKind::rope ? op.head_dim : 1;
  std::uint64_t columns =
      program.activation_slots.slot_bytes() / element_bytes / together * together;
  columns = std::clamp<std::uint64_t>(columns, together, block);
  // Several blocks: no tile may reach over the end of one.
  while (place.block_bytes < place.row_bytes && block % columns != 0) columns -= together;
  return columns;
}

/// Everything at once if nothing passes DRAM. Else a column-wise operator is cut both ways; the
/// others need whole rows.
Grid grid_of(Program& program, const workloads::Operator& op, std::uint64_t rows) {
  Grid grid;
  grid.columns = program.trace().tensors[op.inputs.at(0)].shape.back();
  grid.tile.columns = grid.columns;
  std::vector<TensorId> operands = op.inputs;
  if (op.kind != OperatorKind::sample) operands.push_back(op.outputs.at(0));
  // The rope of latent attention takes its columns out of a wider tensor: whole rows of both.
  const bool by_columns = is_column_wise(op.kind) &&
                          std::all_of(operands.begin(), operands.end(), [&](TensorId tensor) {
                            return !program.is_activation(tensor) ||
                                   program.trace().tensors[tensor].shape.back() == grid.columns;
                          });
  std::uint64_t staged_row = 0;
  for (const TensorId tensor : operands) {
    if (!program.is_activation(tensor) || program.placement(tensor).resident) continue;
    const auto& place = program.placement(tensor);
    if (!by_columns) {
      staged_row = std::max(staged_row, place.bytes / rows);
      continue;
    }
    const std::uint64_t element_bytes = place.row_bytes / grid.columns;
    grid.tile.columns =
        std::min(grid.tile.columns, tile_columns(program, op, place, element_bytes));
    staged_row = std::max(staged_row, element_bytes * grid.tile.columns);
  }
  if (op.kind == OperatorKind::position_add) {
    staged_row = std::max(staged_row, program.bytes_of(op.inputs.at(1), op.n));
  }
  grid.tile.rows = rows_per_command(program, rows, staged_row);
  return grid;
}

/// The tile's part of a spilled tensor.
DmaTransfer tile_transfer(const Program::Placement& place, const Tile& tile, const Grid& grid,
                          std::uint64_t rows, bool write) {
  if (tile.columns != grid.columns) {
    const std::uint64_t element_bytes = place.row_bytes / grid.columns;
    return Program::spilled_rows(place, tile.row, tile.rows, tile.column * element_bytes,
                                 tile.columns * element_bytes, write);
  }
  return Program::spilled_share(place, rows, tile.row, tile.rows, write);
}

/// Loads of what is spilled, the command, a store if the output is.
CommandId lower_tile(Program& program, workloads::OperatorId id, const Tile& tile, const Grid& grid,
                     std::uint64_t rows, std::vector<CommandId> waits) {
  const auto& op = program.trace().operators[id];
  const TensorId y = op.outputs.at(0);
  StagedLoads loads;
  for (const TensorId input : op.inputs) {
    if (!program.is_activation(input)) continue;
    const auto& place = program.placement(input);
    if (place.resident) {
      waits.insert(waits.end(), place.ready.begin(), place.ready.end());
      continue;
    }
    loads.load(program, id, tile_transfer(place, tile, grid, rows, false), place.ready);
  }
  if (op.kind == OperatorKind::position_add) {
    load_positions(program, id, tile.row, tile.rows, loads);
  }
  waits.insert(waits.end(), loads.waits.begin(), loads.waits.end());
  // What a sample chooses is known after its last columns.
  const bool is_sample = op.kind == OperatorKind::sample;
  const bool is_final = !is_sample || tile.column + tile.columns == grid.columns;
  const bool stores = program.is_activation(y) && !program.placement(y).resident && is_final;
  DmaTransfer store;
  SlotRing::Lease store_lease;
  if (stores) {
    store = is_sample ? Program::spilled_rows(program.placement(y), tile.row, tile.rows, true)
                      : tile_transfer(program.placement(y), tile, grid, rows, true);
    store_lease = program.activation_slots.take(store.bytes(), waits);
  }
  VectorWork work;
  work.row_begin = tile.row;
  work.row_count = tile.rows;
  work.n_begin = static_cast<std::uint32_t>(tile.column);
  work.n_count = static_cast<std::uint32_t>(tile.columns);
  const CommandId command = program.emit(id, work, std::move(waits));
  loads.release(program, command);
  if (stores) {
    auto& place = program.placement(y);
    place.ready.push_back(program.emit(id, store, {command}));
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

  const Grid grid = grid_of(program, op, rows);
  CommandId last_command = 0;
  for (const RowRange& range : row_ranges(op, rows)) {
    const StagedLoads weights = load_shared_weights(program, id, range);
    std::uint64_t tile_rows = std::min(grid.tile.rows, range.count);
    if (op.kind == OperatorKind::position_add) {
      tile_rows = std::min(tile_rows, program.trace().tensors[op.inputs.at(1)].shape.at(0));
    }
    const std::uint64_t end = range.begin + range.count;
    for (std::uint64_t column = 0; column < grid.columns; column += grid.tile.columns) {
      for (std::uint64_t row = range.begin; row < end; row += tile_rows) {
        std::vector<CommandId> waits = output_waits;
        waits.insert(waits.end(), weights.waits.begin(), weights.waits.end());
        const Tile tile{row, std::min(tile_rows, end - row), column,
                        std::min(grid.tile.columns, grid.columns - column)};
        last_command = lower_tile(program, id, tile, grid, rows, std::move(waits));
      }
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
