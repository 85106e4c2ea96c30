// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/lowering/attention_parts.h"
#include "sim/lowering/lowering.h"

namespace lutsim::sim {

using workloads::OperatorKind;
using workloads::TensorId;

void lower_kv_append(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const TensorId cache = op.outputs.at(0);
  const CacheLayout layout(program, op, cache);
  Program::CacheState& state = program.cache(cache, op.step);
  const std::uint64_t rows_per_sequence = op.m / op.batch;
  // A latent cache gets the latent and the rotated key, each from a tensor of its own.
  std::uint64_t longest_row = 1;
  state.fresh_on_chip = true;
  for (const TensorId x : op.inputs) {
    state.fresh_on_chip = state.fresh_on_chip && program.placement(x).resident;
    longest_row = std::max(longest_row, workloads::stored_bytes(program.trace().tensors[x]) / op.m);
  }
  const std::uint64_t tile = std::clamp<std::uint64_t>(
      program.activation_slots.slot_bytes() / longest_row, 1, rows_per_sequence);

  for (std::uint32_t sequence = 0; sequence < op.batch; ++sequence) {
    for (std::uint64_t row = 0; row < rows_per_sequence; row += tile) {
      const std::uint64_t count = std::min(tile, rows_per_sequence - row);
      StagedLoads inputs;
      for (const TensorId x : op.inputs) {
        const Program::Placement& input = program.placement(x);
        if (input.resident) {
          inputs.waits.insert(inputs.waits.end(), input.ready.begin(), input.ready.end());
          continue;
        }
        inputs.load(program, id,
                    Program::spilled_rows(input, sequence * rows_per_sequence + row, count, false),
                    input.ready);
      }
      std::vector<CommandId> waits = std::move(inputs.waits);
      const auto lease = program.activation_slots.take(layout.bytes(op.kv_heads, count), waits);
      VectorWork work;
      work.sequence = sequence;
      work.row_begin = row;
      work.row_count = count;
      const CommandId convert = program.emit(id, work, std::move(waits));
      inputs.release(program, convert);
      const CommandId store = program.emit(
          id, layout.transfer(sequence, 0, op.kv_heads, op.position + row, count, true), {convert});
      program.activation_slots.release(lease, store);
      state.appended.push_back(convert);
      state.fresh_stores.push_back(store);
    }
  }
  // The attention of this step still reads the rows on chip: it retires them.
  state.append = id;
}

void lower_attention(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const bool is_score = op.kind == OperatorKind::attention_score;
  const TensorId cache = op.inputs.back(), y = op.outputs.at(0);
  const std::vector<TensorId> inputs(op.inputs.begin(), op.inputs.end() - 1);
  const CacheLayout layout(program, op, cache);
  Program::CacheState& state = program.cache(cache, op.step);

  std::vector<CommandId> output_waits;
  Program::Placement& output = program.place_output(y, output_waits);
  const bool staged =
      !output.resident || std::any_of(inputs.begin(), inputs.end(),
                                      [&](TensorId x) { return !program.placement(x).resident; });
  // Scores have a column for each cached position from this one on.
  const std::uint64_t first_column = workloads::first_visible(op, 0);
  const std::uint64_t rows_per_sequence = op.m / op.batch;
  const std::uint64_t group = op.heads / op.kv_heads;
  const std::uint64_t slot = program.activation_slots.slot_bytes();

  // One command: some KV heads, some rows, some positions, so that every staged piece fits a slot.
  const std::uint64_t position_tile = std::clamp<std::uint64_t>(
      slot / std::max<std::uint64_t>(1, layout.bytes(1, 1)), 1, op.context);
  const std::uint64_t head_tile =
      position_tile < op.context || staged
          ? 1
          : std::clamp<std::uint64_t>(slot / layout.bytes(1, op.context), 1, op.kv_heads);
  const std::uint64_t score_bytes = sizeof(float);
  std::uint64_t row_tile = rows_per_sequence;
  if (staged) {
    row_tile = std::clamp<std::uint64_t>(slot / (group * position_tile * score_bytes), 1, row_tile);
    for (const TensorId x : inputs) {
      if (!is_score || program.placement(x).resident) continue;
      const std::uint64_t query_bytes = program.placement(x).bytes / op.m / op.kv_heads;
      row_tile = std::clamp<std::uint64_t>(slot / query_bytes, 1, row_tile);
    }
  }

  // A staged x or y travels as the runs of one head group: [rows][group * head_dim] of a query or a
  // result, [group][rows][positions] of scores.
  const auto activation_transfer = [&](const Program::Placement& place, bool scores,
                                       const AttentionTile& tile, bool write) {
    if (!scores) return head_rows(program, id, place, tile, write);
    DmaTransfer t;
    t.write = write;
    t.buffer = Buffer::activation;
    const std::uint64_t first_row =
        (std::uint64_t{tile.sequence} * op.heads + tile.head * group) * rows_per_sequence +
        tile.row;
    t.address =
        place.address + (first_row * op.context + tile.position - first_column) * score_bytes;
    t.piece_bytes = tile.positions * score_bytes;
    t.stride = op.context * score_bytes;
    t.pieces = static_cast<std::uint32_t>(group * tile.rows);
    return t;
  };

  CommandId last_command = 0;
  AttentionTile tile;
  for (tile.sequence = 0; tile.sequence < op.batch; ++tile.sequence) {
    for (tile.head = 0; tile.head < op.kv_heads; tile.head += head_tile) {
      tile.heads = std::min(head_tile, op.kv_heads - tile.head);
      for (tile.row = 0; tile.row < rows_per_sequence; tile.row += row_tile) {
        tile.rows = std::min(row_tile, rows_per_sequence - tile.row);
        // Causal: the last row of the tile sees the positions up to its own.
        const std::uint64_t visible = op.position + tile.row + tile.rows;
        for (tile.position = workloads::first_visible(op, tile.row); tile.position < visible;
             tile.position += position_tile) {
          tile.positions = std::min(position_tile, visible - tile.position);
          StagedLoads staged;
          stage_cached(program, id, layout, state, tile, staged);
          for (const TensorId x : inputs) {
            const Program::Placement& input = program.placement(x);
            if (input.resident) {
              staged.waits.insert(staged.waits.end(), input.ready.begin(), input.ready.end());
            } else {
              staged.load(program, id, activation_transfer(input, !is_score, tile, false),
                          input.ready);
            }
          }
          std::vector<CommandId> waits = std::move(staged.waits);
          waits.insert(waits.end(), output_waits.begin(), output_waits.end());
          const bool finished = is_score || tile.position + tile.positions == visible;
          const bool stores = finished && !output.resident;
          DmaTransfer store;
          SlotRing::Lease store_lease;
          if (stores) {
            store = activation_transfer(output, is_score, tile, true);
            store_lease = program.activation_slots.take(store.bytes(), waits);
          }
          last_command = program.emit(id, tile.work(), std::move(waits));
          staged.release(program, last_command);
          if (stores) {
            output.ready.push_back(program.emit(id, store, {last_command}));
            program.activation_slots.release(store_lease, output.ready.back());
          }
        }
      }
    }
  }
  if (output.resident) output.ready = {last_command};
  program.retire_inputs(op, last_command);
  // Scores of a latent cache leave its fresh rows to the values, which read them too.
  const bool is_last_reader = !is_score || inputs.size() == 1;
  if (is_last_reader) retire_appended(program, state, last_command);
}

}  // namespace lutsim::sim
