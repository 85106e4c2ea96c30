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

/// Products on the lanes of the vector unit.
class FusedAttention : public ChainLowering {
 public:
  FusedAttention(Program& program, const Chain& chain)
      : ChainLowering(program, chain), rows_(chain.rows) {}

 private:
  std::uint64_t fitting_rows() const override { return rows_; }
  std::uint64_t scratch_bytes(const AttentionTile& tile, std::uint64_t positions) const override {
    return group_ * tile.rows * positions * kScoreBytes;
  }
  bool joins_heads(const AttentionTile&) const override { return false; }

  CommandId lower_scores(AttentionTile tile, std::uint64_t begin, std::uint64_t end,
                         const std::vector<CommandId>& waits) override {
    return each_position(chain_.score, keys_, key_state_, tile, begin, end, waits);
  }
  CommandId lower_values(AttentionTile tile, std::uint64_t begin, std::uint64_t end, CommandId,
                         const std::vector<CommandId>& waits) override {
    return each_position(chain_.value, values_, value_state_, tile, begin, end, waits);
  }

  /// Scores or values of a tile over all positions that it sees, as many at a time as fit a slot.
  CommandId each_position(OperatorId id, const CacheLayout& layout,
                          const Program::CacheState& state, AttentionTile tile, std::uint64_t begin,
                          std::uint64_t end, const std::vector<CommandId>& waits) {
    const std::uint64_t fit = std::clamp<std::uint64_t>(
        program_.activation_slots.slot_bytes() / std::max<std::uint64_t>(1, layout.bytes(1, 1)), 1,
        score_.context);
    CommandId last = 0;
    for (tile.position = begin; tile.position < end; tile.position += fit) {
      tile.positions = std::min(fit, end - tile.position);
      StagedLoads staged;
      staged.waits = waits;
      stage_cached(program_, id, layout, state, tile, staged);
      last = program_.emit(id, tile.work(), std::move(staged.waits));
      staged.release(program_, last);
    }
    return last;
  }

  const std::uint64_t rows_;
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
