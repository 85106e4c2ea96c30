// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

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
inline std::optional<AttentionChain> attention_chain(const Program& program,
                                                     workloads::OperatorId id) {
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

/// Bytes of the staging slots that hold the scores of a chain: half of them; queries, results and
/// what is read from a cache take the others.
inline std::uint64_t score_room(const Program& program) {
  return program.activation_slots.slots() / 2 * program.activation_slots.slot_bytes();
}

}  // namespace lutsim::sim
