// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "sim/lowering/attention_chain.h"
#include "sim/lowering/attention_parts.h"
#include "sim/lowering/lowering.h"

namespace lutsim::sim {

namespace {

using workloads::OperatorId;
using workloads::TensorId;

constexpr std::uint64_t kScoreBytes = sizeof(float);

/// A chain, and how many rows have their scores on chip at a time.
struct Chain : AttentionChain {
  std::uint64_t rows = 1;
};

/// The chain from a score operator on, if there is one and a row of its scores fits.
std::optional<Chain> chain_from(const Program& program, OperatorId id) {
  const auto found = attention_chain(program, id);
  if (!found) return std::nullopt;
  Chain chain{*found, 1};
  const auto& score = program.trace().operators[chain.score];
  const auto& value = program.trace().operators[chain.value];
  const std::uint64_t group = score.heads / score.kv_heads;
  const std::uint64_t row_bytes = group * score.context * kScoreBytes;
  chain.rows = std::min(score_room(program) / row_bytes, score.m / score.batch);
  // One row of a query, of a result and of the cache beside the scores.
  const auto slots_of_row = [&](TensorId tensor) {
    const auto& shape = program.trace().tensors[tensor].shape;
    return spec::ceil_div(program.bytes_of(tensor, shape.back() / score.kv_heads),
                          program.activation_slots.slot_bytes());
  };
  const std::uint64_t others = slots_of_row(score.inputs.at(0)) + slots_of_row(score.inputs.at(1)) +
                               slots_of_row(value.outputs.at(0));
  const std::uint64_t slots = program.activation_slots.slots();
  if (chain.rows == 0 || slots / 2 + others > slots) return std::nullopt;
  return chain;
}

/// Emits a chain for one group of heads after the other, some rows at a time.
class FusedAttention {
 public:
  FusedAttention(Program& program, const Chain& chain)
      : program_(program),
        chain_(chain),
        score_(program.trace().operators[chain.score]),
        value_(program.trace().operators[chain.value]),
        keys_(program, score_, score_.inputs.at(1)),
        values_(program, value_, value_.inputs.at(1)),
        key_state_(program.cache(score_.inputs.at(1), score_.step)),
        value_state_(program.cache(value_.inputs.at(1), value_.step)),
        query_(program.placement(score_.inputs.at(0))),
        output_(program.place_output(value_.outputs.at(0), output_waits_)) {}

  void lower() {
    AttentionTile tile;
    const std::uint64_t rows = score_.m / score_.batch;
    for (tile.sequence = 0; tile.sequence < score_.batch; ++tile.sequence) {
      for (tile.head = 0; tile.head < score_.kv_heads; ++tile.head) {
        for (tile.row = 0; tile.row < rows; tile.row += row_tile()) {
          tile.rows = std::min(row_tile(), rows - tile.row);
          lower_rows(tile);
        }
      }
    }
    if (output_.resident) output_.ready = {last_};
    program_.retire_inputs(score_, last_score_);
    retire_appended(program_, key_state_, last_score_);
    retire_appended(program_, value_state_, last_);
  }

 private:
  /// Rows that go together: their queries and results fit a slot as well.
  std::uint64_t row_tile() const {
    std::uint64_t rows = chain_.rows;
    for (const Program::Placement* place : {&query_, &std::as_const(output_)}) {
      if (place->resident) continue;
      const std::uint64_t bytes = place->bytes / score_.m / score_.kv_heads;
      rows = std::min(rows,
                      std::max<std::uint64_t>(1, program_.activation_slots.slot_bytes() / bytes));
    }
    return rows;
  }

  void lower_rows(AttentionTile tile) {
    auto& slots = program_.activation_slots;
    const std::uint64_t group = score_.heads / score_.kv_heads;
    const std::uint64_t begin = workloads::first_visible(score_, tile.row);
    // Causal: the last row of the tile sees the positions up to its own.
    const std::uint64_t visible = score_.position + tile.row + tile.rows;
    std::vector<CommandId> score_waits = output_waits_;
    const auto scores =
        slots.take(group * tile.rows * (visible - begin) * kScoreBytes, score_waits);
    StagedLoads query;
    if (query_.resident) {
      query.waits = query_.ready;
    } else {
      query.load(program_, chain_.score, head_rows(program_, chain_.score, query_, tile, false),
                 query_.ready);
    }
    score_waits.insert(score_waits.end(), query.waits.begin(), query.waits.end());
    last_ = each_position(chain_.score, keys_, key_state_, tile, begin, visible, score_waits);
    last_score_ = last_;
    query.release(program_, last_);
    for (const OperatorId id : chain_.row_wise) last_ = lower_row_wise(id, tile, last_);

    std::vector<CommandId> value_waits{last_};
    DmaTransfer store;
    SlotRing::Lease store_lease;
    if (!output_.resident) {
      store = head_rows(program_, chain_.value, output_, tile, true);
      store_lease = slots.take(store.bytes(), value_waits);
    }
    last_ = each_position(chain_.value, values_, value_state_, tile, begin, visible, value_waits);
    slots.release(scores, last_);
    if (!output_.resident) {
      output_.ready.push_back(program_.emit(chain_.value, store, {last_}));
      slots.release(store_lease, output_.ready.back());
    }
  }

  /// Scores or values of a tile over all positions that it sees, as many at a time as fit a slot.
  CommandId each_position(OperatorId id, const CacheLayout& layout,
                          const Program::CacheState& state, AttentionTile tile, std::uint64_t begin,
                          std::uint64_t visible, const std::vector<CommandId>& waits) {
    const std::uint64_t fit = std::clamp<std::uint64_t>(
        program_.activation_slots.slot_bytes() / std::max<std::uint64_t>(1, layout.bytes(1, 1)), 1,
        score_.context);
    CommandId last = 0;
    for (tile.position = begin; tile.position < visible; tile.position += fit) {
      tile.positions = std::min(fit, visible - tile.position);
      StagedLoads staged;
      staged.waits = waits;
      stage_cached(program_, id, layout, state, tile, staged);
      last = program_.emit(id, tile.work(), std::move(staged.waits));
      staged.release(program_, last);
    }
    return last;
  }

  /// The rows of each head of the group lie together.
  CommandId lower_row_wise(OperatorId id, const AttentionTile& tile, CommandId before) {
    const std::uint64_t group = score_.heads / score_.kv_heads;
    const std::uint64_t rows = score_.m / score_.batch;
    CommandId last = before;
    for (std::uint64_t member = 0; member < group; ++member) {
      VectorWork work;
      work.row_begin =
          (std::uint64_t{tile.sequence} * score_.heads + tile.head * group + member) * rows +
          tile.row;
      work.row_count = tile.rows;
      last = program_.emit(id, work, {before});
    }
    return last;
  }

  Program& program_;
  const Chain& chain_;
  const workloads::Operator& score_;
  const workloads::Operator& value_;
  const CacheLayout keys_, values_;
  Program::CacheState& key_state_;
  Program::CacheState& value_state_;
  const Program::Placement& query_;
  std::vector<CommandId> output_waits_;
  Program::Placement& output_;
  CommandId last_ = 0, last_score_ = 0;
};

}  // namespace

std::optional<OperatorId> lower_fused_attention(Program& program, OperatorId id) {
  const auto& scores = program.trace().tensors[program.trace().operators[id].outputs.at(0)];
  if (workloads::stored_bytes(scores) <= program.residency.available()) return std::nullopt;
  const auto chain = chain_from(program, id);
  if (!chain) return std::nullopt;
  FusedAttention(program, *chain).lower();
  return chain->value;
}

}  // namespace lutsim::sim
