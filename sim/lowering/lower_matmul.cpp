// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/engine/engine.h"
#include "sim/lowering/lowering.h"

namespace lutsim::sim {

namespace {

/// Rows of the activations of a matmul, on chip: either they live there, or a load brings them.
struct StagedRows {
  std::vector<CommandId> ready;
  SlotRing::Lease lease;
  bool staged = false;
};

StagedRows stage_rows(Program& program, workloads::OperatorId id, workloads::TensorId tensor,
                      std::uint64_t row_begin, std::uint64_t row_count, std::uint64_t row_bytes) {
  const Program::Placement& place = program.placement(tensor);
  StagedRows rows;
  if (place.resident) {
    rows.ready = place.ready;
    return rows;
  }
  std::vector<CommandId> waits = place.ready;
  rows.staged = true;
  rows.lease = program.activation_slots.take(row_count * row_bytes, waits);
  DmaTransfer load;
  load.address = place.address + row_begin * row_bytes;
  load.piece_bytes = load.stride = row_count * row_bytes;
  load.buffer = Buffer::activation;
  rows.ready = {program.emit(id, load, std::move(waits))};
  return rows;
}

/// Stores a block of output features of some rows when the output does not stay on chip.
void store_block(Program& program, workloads::OperatorId id, workloads::TensorId tensor,
                 CommandId writer, std::uint64_t row_begin, std::uint64_t row_count,
                 std::uint64_t n_begin, std::uint64_t n_count, std::uint64_t n) {
  Program::Placement& place = program.placement(tensor);
  if (place.resident) return;
  DmaTransfer store;
  store.write = true;
  store.stride = program.bytes_of(tensor, n);
  store.address = place.address + row_begin * store.stride + program.bytes_of(tensor, n_begin);
  store.piece_bytes = program.bytes_of(tensor, n_count);
  store.pieces = static_cast<std::uint32_t>(row_count);
  store.buffer = Buffer::activation;
  place.ready.push_back(program.emit(id, store, {writer}));
}

}  // namespace

void lower_bcq_matmul(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const auto& matrix = program.arch().matrix;
  const workloads::TensorId x = op.inputs.at(0), w = op.inputs.at(1), y = op.outputs.at(0);
  const auto& format = program.trace().tensors[w].weight;
  models::require_weights(matrix, format.weight_bits, format.has_offset,
                          program.trace().tensors[w].name);
  const WeightLayout& layout = program.weight_layout(w);

  std::vector<CommandId> output_waits;
  Program::Placement& output = program.place_output(y, output_waits);
  const bool lut_broadcast = op.m == 1 && spec::is_lut(matrix.engine);

  const std::uint64_t x_row_bytes = program.bytes_of(x, op.k);
  std::uint64_t row_tile = std::min<std::uint64_t>(op.m, matrix.psum_depth);
  if (!program.placement(x).resident) {
    // Two row tiles are staged at a time: one is read while the next one arrives.
    const std::uint64_t fit = program.activation_slots.capacity() / 2 / x_row_bytes;
    row_tile = std::max<std::uint64_t>(1, std::min(row_tile, fit));
  }

  CommandId last_command = 0;
  for (std::uint64_t row = 0; row < op.m; row += row_tile) {
    const std::uint64_t rows = std::min(row_tile, op.m - row);
    const StagedRows input = stage_rows(program, id, x, row, rows, x_row_bytes);
    for (const auto& part : layout.parts()) {
      // GEMV: the whole part shares the LUTs of a segment. GEMM: one block of the array at a time.
      const std::uint32_t tile_n = lut_broadcast ? part.n_count : matrix.lanes_n();
      for (std::uint32_t n = part.n_begin; n < part.n_begin + part.n_count; n += tile_n) {
        const std::uint32_t n_count = std::min(tile_n, part.n_begin + part.n_count - n);
        const auto chunks = layout.chunks(n_count);
        for (std::size_t c = 0; c < chunks.size(); ++c) {
          std::vector<CommandId> slot_waits;
          std::vector<CommandId> waits = input.ready;
          const auto transfers = layout.tile_transfers(n, n_count, chunks[c]);
          std::uint64_t tile_bytes = 0;
          for (const auto& transfer : transfers) tile_bytes += transfer.bytes();
          const auto lease = program.weight_slots.take(tile_bytes, slot_waits);
          for (const auto& transfer : transfers) {
            waits.push_back(program.emit(id, transfer, slot_waits));
          }
          MatrixWork work;
          work.lut_broadcast = lut_broadcast;
          work.m_begin = row;
          work.m_count = rows;
          work.n_begin = n;
          work.n_count = n_count;
          work.segment_begin = chunks[c].segment_begin;
          work.segment_count = chunks[c].segment_count;
          work.k = static_cast<std::uint32_t>(op.k);
          work.group_size = format.group_size;
          work.planes = format.weight_bits;
          work.has_offset = format.has_offset;
          work.first = c == 0;
          work.last = c + 1 == chunks.size();
          if (work.last) {
            waits.insert(waits.end(), output_waits.begin(), output_waits.end());
          }
          last_command = program.emit(id, work, std::move(waits));
          program.weight_slots.release(lease, last_command);
        }
        store_block(program, id, y, last_command, row, rows, n, n_count, op.n);
      }
    }
    if (input.staged) program.activation_slots.release(input.lease, last_command);
  }
  // The matrix unit works in order: its last command finishes last.
  if (output.resident) output.ready = {last_command};
  program.retire_inputs(op, last_command);
}

void lower_plain_matmul(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const workloads::TensorId x = op.inputs.at(0), w = op.inputs.at(1), y = op.outputs.at(0);
  const std::uint64_t column_bytes = program.bytes_of(w, op.k);

  std::vector<CommandId> output_waits;
  Program::Placement& output = program.place_output(y, output_waits);
  const std::uint64_t tile_n =
      std::max<std::uint64_t>(1, program.weight_slots.slot_bytes() / column_bytes);

  const std::uint64_t x_row_bytes = program.bytes_of(x, op.k);
  const std::uint64_t fit =
      std::max<std::uint64_t>(1, program.activation_slots.capacity() / 2 / x_row_bytes);
  const std::uint64_t row_tile = program.placement(x).resident ? op.m : std::min(op.m, fit);

  CommandId last_command = 0;
  for (std::uint64_t row = 0; row < op.m; row += row_tile) {
    const std::uint64_t rows = std::min(row_tile, op.m - row);
    const StagedRows input = stage_rows(program, id, x, row, rows, x_row_bytes);
    for (std::uint64_t n = 0; n < op.n; n += tile_n) {
      const std::uint64_t n_count = std::min(tile_n, op.n - n);
      std::vector<CommandId> slot_waits;
      std::vector<CommandId> waits = input.ready;
      const auto lease = program.weight_slots.take(n_count * column_bytes, slot_waits);
      DmaTransfer load;  // stored feature by feature, so a block of features is one run
      load.address = program.region(w) + n * column_bytes;
      load.piece_bytes = load.stride = n_count * column_bytes;
      load.buffer = Buffer::weight;
      waits.push_back(program.emit(id, load, std::move(slot_waits)));
      VectorWork work;
      work.row_begin = row;
      work.row_count = rows;
      work.n_begin = static_cast<std::uint32_t>(n);
      work.n_count = static_cast<std::uint32_t>(n_count);
      waits.insert(waits.end(), output_waits.begin(), output_waits.end());
      last_command = program.emit(id, work, std::move(waits));
      program.weight_slots.release(lease, last_command);
      store_block(program, id, y, last_command, row, rows, n, n_count, op.n);
    }
    if (input.staged) program.activation_slots.release(input.lease, last_command);
  }
  if (output.resident) output.ready = {last_command};
  program.retire_inputs(op, last_command);
}

}  // namespace lutsim::sim
