// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "sim/lowering/attention_parts.h"
#include "sim/lowering/program.h"

namespace lutsim::sim {

/// Scores, what is done to their rows, values: operators that follow each other.
struct AttentionChain {
  workloads::OperatorId score = 0;
  std::vector<workloads::OperatorId> row_wise;  ///< alibi, softmax
  workloads::OperatorId value = 0;
};

/// The chain that begins with a score operator, if all of it can be worked through some rows at a
/// time: not with a latent cache, which is read twice by its rows, nor with attention sinks.
std::optional<AttentionChain> attention_chain(const Program& program, workloads::OperatorId id);

/// Bytes of the staging slots that hold the scores of a chain: half of them; queries, results and
/// what is read from a cache take the others.
std::uint64_t score_room(const Program& program);

constexpr std::uint64_t kScoreBytes = sizeof(float);

/// Emits a chain for one KV head after the other and some rows at a time, so that scores never
/// leave the chip. Which unit multiplies, a subclass says.
class ChainLowering {
 public:
  ChainLowering(Program& program, const AttentionChain& chain);
  virtual ~ChainLowering() = default;
  void lower();

 protected:
  using OperatorId = workloads::OperatorId;

  /// Rows whose scores fit on chip together.
  virtual std::uint64_t fitting_rows() const = 0;
  /// Bytes that the tile takes in the activation buffer from its scores to its results, when its
  /// rows see so many positions.
  virtual std::uint64_t scratch_bytes(const AttentionTile& tile, std::uint64_t positions) const = 0;
  /// Scores of the positions [begin, end); returns the last command.
  virtual CommandId lower_scores(AttentionTile tile, std::uint64_t begin, std::uint64_t end,
                                 const std::vector<CommandId>& waits) = 0;
  /// Results over the same positions. `probabilities` is the last command before; the results may
  /// be written after `waits`, which names it too.
  virtual CommandId lower_values(AttentionTile tile, std::uint64_t begin, std::uint64_t end,
                                 CommandId probabilities, const std::vector<CommandId>& waits) = 0;
  /// Whether a tile's rows of all heads of a group are one command of a row-wise operator.
  virtual bool joins_heads(const AttentionTile& tile) const = 0;

  Program& program_;
  const AttentionChain& chain_;
  const workloads::Operator& score_;
  const workloads::Operator& value_;
  const std::uint64_t group_;  ///< query heads of a KV head
  const CacheLayout keys_, values_;
  Program::CacheState& key_state_;
  Program::CacheState& value_state_;

 private:
  std::uint64_t rows_at_once() const;
  void lower_rows(AttentionTile tile);
  CommandId lower_row_wise(OperatorId id, const AttentionTile& tile, CommandId before);

  const Program::Placement& query_;
  std::vector<CommandId> output_waits_;
  Program::Placement& output_;
  CommandId last_ = 0, last_score_ = 0;
};

}  // namespace lutsim::sim
