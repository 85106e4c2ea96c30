// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/attention_chain.h"

#include <algorithm>
#include <utility>

namespace lutsim::sim {

std::optional<AttentionChain> attention_chain(const Program& program, workloads::OperatorId id) {
  using workloads::OperatorKind;
  const auto& operators = program.trace().operators;
  if (operators[id].inputs.size() != 2) return std::nullopt;
  AttentionChain chain;
  chain.score = id;
  workloads::TensorId scores = operators[id].outputs.at(0);
  for (++id; id < operators.size(); ++id) {
    const auto& op = operators[id];
    if (op.inputs.at(0) != scores) return std::nullopt;
    if (op.kind == OperatorKind::attention_value) {
      chain.value = id;
      return chain;
    }
    const bool is_row_wise = op.kind == OperatorKind::alibi || op.kind == OperatorKind::softmax;
    if (!is_row_wise || op.inputs.size() != 1) return std::nullopt;
    chain.row_wise.push_back(id);
    scores = op.outputs.at(0);
  }
  return std::nullopt;
}

std::uint64_t score_room(const Program& program) {
  return program.activation_slots.slots() / 2 * program.activation_slots.slot_bytes();
}

ChainLowering::ChainLowering(Program& program, const AttentionChain& chain)
    : program_(program),
      chain_(chain),
      score_(program.trace().operators[chain.score]),
      value_(program.trace().operators[chain.value]),
      group_(score_.heads / score_.kv_heads),
      keys_(program, score_, score_.inputs.at(1)),
      values_(program, value_, value_.inputs.at(1)),
      key_state_(program.cache(score_.inputs.at(1), score_.step)),
      value_state_(program.cache(value_.inputs.at(1), value_.step)),
      query_(program.placement(score_.inputs.at(0))),
      output_(program.place_output(value_.outputs.at(0), output_waits_)) {}

void ChainLowering::lower() {
  AttentionTile tile;
  const std::uint64_t rows = score_.rows();
  const std::uint64_t row_tile = rows_at_once();
  for (tile.sequence = 0; tile.sequence < score_.batch; ++tile.sequence) {
    for (tile.head = 0; tile.head < score_.kv_heads; ++tile.head) {
      for (tile.row = 0; tile.row < rows; tile.row += row_tile) {
        tile.rows = std::min(row_tile, rows - tile.row);
        lower_rows(tile);
      }
    }
  }
  if (output_.resident) output_.ready = {last_};
  program_.retire_inputs(score_, last_score_);
  retire_appended(program_, key_state_, last_score_);
  retire_appended(program_, value_state_, last_);
}

/// Queries and results of the rows fit a slot as well, if they pass DRAM.
std::uint64_t ChainLowering::rows_at_once() const {
  std::uint64_t rows = fitting_rows();
  for (const Program::Placement* place : {&query_, &std::as_const(output_)}) {
    if (place->resident) continue;
    const std::uint64_t bytes = place->bytes / score_.m / score_.kv_heads;
    rows =
        std::min(rows, std::max<std::uint64_t>(1, program_.activation_slots.slot_bytes() / bytes));
  }
  return rows;
}

void ChainLowering::lower_rows(AttentionTile tile) {
  auto& slots = program_.activation_slots;
  const std::uint64_t begin = workloads::first_visible(score_, tile.row);
  // Causal: the last row of the tile sees the positions up to its own.
  const std::uint64_t end = score_.position + tile.row + tile.rows;
  std::vector<CommandId> score_waits = output_waits_;
  const auto scratch = slots.take(scratch_bytes(tile, end - begin), score_waits);
  StagedLoads query;
  if (query_.resident) {
    query.waits = query_.ready;
  } else {
    query.load(program_, chain_.score, head_rows(program_, chain_.score, query_, tile, false),
               query_.ready);
  }
  score_waits.insert(score_waits.end(), query.waits.begin(), query.waits.end());
  last_ = last_score_ = lower_scores(tile, begin, end, score_waits);
  query.release(program_, last_);
  for (const OperatorId id : chain_.row_wise) last_ = lower_row_wise(id, tile, last_);

  std::vector<CommandId> value_waits{last_};
  DmaTransfer store;
  SlotRing::Lease store_lease;
  if (!output_.resident) {
    store = head_rows(program_, chain_.value, output_, tile, true);
    store_lease = slots.take(store.bytes(), value_waits);
  }
  last_ = lower_values(tile, begin, end, last_, value_waits);
  slots.release(scratch, last_);
  if (!output_.resident) {
    output_.ready.push_back(program_.emit(chain_.value, store, {last_}));
    slots.release(store_lease, output_.ready.back());
  }
}

/// The rows of each head lie together, and those of all heads of the group if the tile has all
/// rows of the sequence.
CommandId ChainLowering::lower_row_wise(OperatorId id, const AttentionTile& tile,
                                        CommandId before) {
  const bool together = joins_heads(tile);
  CommandId last = before;
  for (std::uint64_t member = 0; member < (together ? 1 : group_); ++member) {
    VectorWork work;
    work.row_begin = (std::uint64_t{tile.sequence} * score_.heads + tile.head * group_ + member) *
                         score_.rows() +
                     tile.row;
    work.row_count = together ? group_ * tile.rows : tile.rows;
    last = program_.emit(id, work, {before});
  }
  return last;
}

}  // namespace lutsim::sim
