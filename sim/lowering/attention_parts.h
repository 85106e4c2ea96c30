// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/vector/kv_storage.h"
#include "sim/lowering/program.h"
#include "sim/lowering/staged_loads.h"

/// What whole and fused attention share.
namespace lutsim::sim {

/// The cache of one layer in DRAM: [sequence][KV head][position][row of the head], so that the
/// positions of one head are one run. Values read the latent part of the rows of a latent cache,
/// which has one head: a run for each position.
struct CacheLayout {
  std::uint64_t base, positions, kv_heads;
  std::uint64_t row_bytes;   ///< of one position of one head
  std::uint64_t read_bytes;  ///< of them, those that the operator moves

  CacheLayout(const Program& program, const workloads::Operator& op, workloads::TensorId cache)
      : base(program.region(cache)),
        positions(program.trace().tensors[cache].shape.at(0) / op.batch),
        kv_heads(op.kv_heads),
        row_bytes(models::kv_row_bytes(program.trace().tensors[cache].format,
                                       program.trace().tensors[cache].shape.at(1) / op.kv_heads)),
        read_bytes(models::kv_row_bytes(program.trace().tensors[cache].format, op.head_dim)) {}

  DmaTransfer transfer(std::uint64_t sequence, std::uint64_t head_begin, std::uint64_t head_count,
                       std::uint64_t position, std::uint64_t count, bool write) const {
    DmaTransfer t;
    t.write = write;
    t.address = base + ((sequence * kv_heads + head_begin) * positions + position) * row_bytes;
    t.buffer = Buffer::activation;
    if (read_bytes < row_bytes) {
      t.piece_bytes = read_bytes;
      t.stride = row_bytes;
      t.pieces = static_cast<std::uint32_t>(count);
    } else {
      t.piece_bytes = count * row_bytes;
      t.stride = positions * row_bytes;
      t.pieces = static_cast<std::uint32_t>(head_count);
    }
    return t;
  }
  std::uint64_t bytes(std::uint64_t heads, std::uint64_t count) const {
    return transfer(0, 0, heads, 0, count, false).bytes();
  }
};

/// Part of an attention operator: KV heads, rows and positions of one sequence.
struct AttentionTile {
  std::uint32_t sequence = 0;
  std::uint64_t head = 0, heads = 1;
  std::uint64_t row = 0, rows = 0;
  std::uint64_t position = 0, positions = 0;

  VectorWork work() const {
    VectorWork work;
    work.sequence = sequence;
    work.row_begin = row;
    work.row_count = rows;
    work.kv_head_begin = static_cast<std::uint32_t>(head);
    work.kv_head_count = static_cast<std::uint32_t>(heads);
    work.position_begin = position;
    work.position_count = positions;
    return work;
  }
};

/// Brings the positions of the tile on chip that are not there; those of the current step are.
inline void stage_cached(Program& program, workloads::OperatorId id, const CacheLayout& layout,
                         const Program::CacheState& state, const AttentionTile& tile,
                         StagedLoads& staged) {
  staged.waits.insert(staged.waits.end(), state.appended.begin(), state.appended.end());
  const auto& op = program.trace().operators[id];
  const std::uint64_t in_dram = state.fresh_on_chip ? op.position : op.position + op.m / op.batch;
  if (tile.position >= in_dram) return;
  const std::uint64_t cached = std::min(tile.positions, in_dram - tile.position);
  staged.load(program, id,
              layout.transfer(tile.sequence, tile.head, tile.heads, tile.position, cached, false),
              state.fresh_on_chip ? state.stores : state.fresh_stores);
}

/// Rows of a query or of a result of one group of heads, as they pass DRAM.
inline DmaTransfer head_rows(const Program& program, workloads::OperatorId id,
                             const Program::Placement& place, const AttentionTile& tile,
                             bool write) {
  const auto& op = program.trace().operators[id];
  const std::uint64_t first = tile.sequence * (op.m / op.batch) + tile.row;
  if (op.kv_heads == 1) return Program::spilled_share(place, op.m, first, tile.rows, write);
  const std::uint64_t head_bytes = place.row_bytes / op.kv_heads;
  return Program::spilled_rows(place, first, tile.rows, tile.head * head_bytes, head_bytes, write);
}

/// The rows that were appended in this step are not read on chip any more.
inline void retire_appended(Program& program, Program::CacheState& state, CommandId last) {
  if (!state.append) return;
  program.retire_inputs(program.trace().operators[*state.append], last);
  state.append.reset();
}

}  // namespace lutsim::sim
