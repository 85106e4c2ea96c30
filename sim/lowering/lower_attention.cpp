// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/lowering/lowering.h"

namespace lutsim::sim {

namespace {

using workloads::OperatorKind;
using workloads::TensorId;

/// The cache of one layer in DRAM: [sequence][KV head][position][head_dim], so that the positions
/// of one head are one run. Values read the latent part of the rows of a latent cache, which has
/// one head: a run for each position.
struct CacheLayout {
  std::uint64_t base, positions, kv_heads, head_bits, row_bits;

  CacheLayout(const Program& program, const workloads::Operator& op, TensorId cache)
      : base(program.region(cache)),
        positions(program.trace().tensors[cache].shape.at(0) / op.batch),
        kv_heads(op.kv_heads),
        head_bits(std::uint64_t{op.head_dim} *
                  spec::width_bits(program.trace().tensors[cache].format)),
        row_bits(program.trace().tensors[cache].shape.at(1) / op.kv_heads *
                 spec::width_bits(program.trace().tensors[cache].format)) {}

  DmaTransfer transfer(std::uint64_t sequence, std::uint64_t head_begin, std::uint64_t head_count,
                       std::uint64_t position, std::uint64_t count, bool write) const {
    const std::uint64_t bit =
        ((sequence * kv_heads + head_begin) * positions + position) * row_bits;
    DmaTransfer t;
    t.write = write;
    t.address = base + bit / 8;
    t.buffer = Buffer::activation;
    if (head_bits < row_bits) {
      t.piece_bytes = spec::ceil_div(head_bits, 8);
      t.stride = spec::ceil_div(row_bits, 8);
      t.pieces = static_cast<std::uint32_t>(count);
    } else {
      t.piece_bytes = spec::ceil_div(count * head_bits, 8);
      t.stride = spec::ceil_div(positions * head_bits, 8);
      t.pieces = static_cast<std::uint32_t>(head_count);
    }
    return t;
  }
  std::uint64_t bytes(std::uint64_t heads, std::uint64_t count) const {
    return transfer(0, 0, heads, 0, count, false).bytes();
  }
};

}  // namespace

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
      std::vector<CommandId> waits;
      std::vector<SlotRing::Lease> input_leases;
      for (const TensorId x : op.inputs) {
        const Program::Placement& input = program.placement(x);
        if (input.resident) {
          waits.insert(waits.end(), input.ready.begin(), input.ready.end());
          continue;
        }
        const std::uint64_t row_bytes = input.bytes / op.m;
        std::vector<CommandId> load_waits = input.ready;
        input_leases.push_back(program.activation_slots.take(count * row_bytes, load_waits));
        DmaTransfer load;
        load.address = input.address + (sequence * rows_per_sequence + row) * row_bytes;
        load.piece_bytes = load.stride = count * row_bytes;
        load.buffer = Buffer::activation;
        waits.push_back(program.emit(id, load, std::move(load_waits)));
      }
      const auto lease = program.activation_slots.take(layout.bytes(op.kv_heads, count), waits);
      VectorWork work;
      work.sequence = sequence;
      work.row_begin = row;
      work.row_count = count;
      const CommandId convert = program.emit(id, work, std::move(waits));
      for (const auto& input_lease : input_leases)
        program.activation_slots.release(input_lease, convert);
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
                                       std::uint64_t sequence, std::uint64_t head,
                                       std::uint64_t row, std::uint64_t rows,
                                       std::uint64_t position, std::uint64_t positions,
                                       bool write) {
    DmaTransfer t;
    t.write = write;
    t.buffer = Buffer::activation;
    if (scores) {
      const std::uint64_t first_row =
          (sequence * op.heads + head * group) * rows_per_sequence + row;
      t.address = place.address + (first_row * op.context + position - first_column) * score_bytes;
      t.piece_bytes = positions * score_bytes;
      t.stride = op.context * score_bytes;
      t.pieces = static_cast<std::uint32_t>(group * rows);
    } else {
      const std::uint64_t row_bytes = place.bytes / op.m;
      t.piece_bytes = row_bytes / op.kv_heads;
      t.address =
          place.address + (sequence * rows_per_sequence + row) * row_bytes + head * t.piece_bytes;
      t.stride = row_bytes;
      t.pieces = static_cast<std::uint32_t>(rows);
    }
    return t;
  };

  CommandId last_command = 0;
  for (std::uint32_t sequence = 0; sequence < op.batch; ++sequence) {
    for (std::uint64_t head = 0; head < op.kv_heads; head += head_tile) {
      const std::uint64_t heads = std::min(head_tile, op.kv_heads - head);
      for (std::uint64_t row = 0; row < rows_per_sequence; row += row_tile) {
        const std::uint64_t rows = std::min(row_tile, rows_per_sequence - row);
        // Causal: the last row of the tile sees the positions up to its own.
        const std::uint64_t visible = op.position + row + rows;
        for (std::uint64_t position = workloads::first_visible(op, row); position < visible;
             position += position_tile) {
          const std::uint64_t count = std::min(position_tile, visible - position);
          std::vector<CommandId> waits = state.appended;
          std::vector<SlotRing::Lease> leases;

          const std::uint64_t in_dram = state.fresh_on_chip ? op.position : visible;
          const std::uint64_t cached = position < in_dram ? std::min(count, in_dram - position) : 0;
          if (cached > 0) {
            std::vector<CommandId> load_waits =
                state.fresh_on_chip ? state.stores : state.fresh_stores;
            leases.push_back(
                program.activation_slots.take(layout.bytes(heads, cached), load_waits));
            waits.push_back(
                program.emit(id, layout.transfer(sequence, head, heads, position, cached, false),
                             std::move(load_waits)));
          }
          for (const TensorId x : inputs) {
            const Program::Placement& input = program.placement(x);
            if (input.resident) {
              waits.insert(waits.end(), input.ready.begin(), input.ready.end());
              continue;
            }
            const auto load = activation_transfer(input, !is_score, sequence, head, row, rows,
                                                  position, count, false);
            std::vector<CommandId> load_waits = input.ready;
            leases.push_back(program.activation_slots.take(load.bytes(), load_waits));
            waits.push_back(program.emit(id, load, std::move(load_waits)));
          }
          waits.insert(waits.end(), output_waits.begin(), output_waits.end());
          const bool finished = is_score || position + count == visible;
          const bool stores = finished && !output.resident;
          DmaTransfer store;
          SlotRing::Lease store_lease;
          if (stores) {
            store = activation_transfer(output, is_score, sequence, head, row, rows, position,
                                        count, true);
            store_lease = program.activation_slots.take(store.bytes(), waits);
          }
          VectorWork work;
          work.sequence = sequence;
          work.row_begin = row;
          work.row_count = rows;
          work.kv_head_begin = static_cast<std::uint32_t>(head);
          work.kv_head_count = static_cast<std::uint32_t>(heads);
          work.position_begin = position;
          work.position_count = count;
          last_command = program.emit(id, work, std::move(waits));
          for (const auto& lease : leases) program.activation_slots.release(lease, last_command);
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
  if (state.append && is_last_reader) {
    program.retire_inputs(program.trace().operators[*state.append], last_command);
    state.append.reset();
  }
}

}  // namespace lutsim::sim
