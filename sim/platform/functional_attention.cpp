// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "sim/platform/functional_computation.h"

/// Attention on the matrix unit, command by command: docs/units/transformer.md.
namespace lutsim::sim {

namespace ops = models::ops;
using workloads::OperatorKind;

namespace {

/// Where the query heads of a KV head and the rows of a sequence lie in scores and results.
struct HeadRows {
  const workloads::Operator& op;
  std::uint64_t kv_head;

  std::uint64_t group() const { return op.heads / op.kv_heads; }
  std::uint64_t head(std::uint64_t member) const { return kv_head * group() + member; }
  /// First of the `context` scores or probabilities of a row.
  std::uint64_t scores(std::uint64_t member, std::uint64_t row) const {
    return (head(member) * op.m + row) * op.context;
  }
  /// First of the head_dim elements of a row of queries or results.
  std::uint64_t elements(std::uint64_t member, std::uint64_t row) const {
    return (row * op.heads + head(member)) * op.head_dim;
  }
};

models::KvRange range_of(const workloads::OperatorTrace& trace, const workloads::Operator& op,
                         const models::KvGroups& groups, std::uint64_t kv_head, std::uint64_t begin,
                         std::uint64_t count) {
  return {groups,
          spec::width_bits(trace.tensors[op.inputs.back()].format),
          op.kv_heads,
          static_cast<std::uint32_t>(kv_head),
          static_cast<std::uint32_t>(begin),
          static_cast<std::uint32_t>(begin + count)};
}

/// Positions of a range that a row sees.
std::uint32_t visible(const workloads::Operator& op, std::uint64_t row, std::uint64_t begin,
                      std::uint64_t count) {
  const std::uint64_t end = op.position + row + 1;
  return static_cast<std::uint32_t>(end <= begin ? 0 : std::min(end - begin, count));
}

}  // namespace

std::uint64_t FunctionalComputation::attention_product(const workloads::Operator& op,
                                                       const MatrixWork& work) {
  const bool is_score = op.kind == OperatorKind::attention_score;
  const HeadRows rows{op, work.kv_head};
  const models::KvGroups& groups = groups_.at(op.inputs.back());
  const auto cached =
      range_of(trace_, op, groups, work.kv_head, work.position, is_score ? work.n_count : work.k);
  const models::BcqMatrix weights = is_score ? models::key_matrix(arch_.matrix, cached)
                                             : models::value_matrix(arch_.matrix, cached);
  // The tile's rows, which lie in the tensors row by row and head by head.
  std::vector<float> x(work.m_count * work.k);
  const float* source = is_score ? values_[op.inputs.at(0)].data() : scaled_[op.outputs[0]].data();
  for (std::uint64_t i = 0; i < work.m_count; ++i) {
    const std::uint64_t row = (work.m_begin + i) / rows.group();
    const std::uint64_t member = (work.m_begin + i) % rows.group();
    const std::uint64_t at =
        is_score ? rows.elements(member, row) : rows.scores(member, row) + work.position;
    std::copy_n(source + at, work.k, x.data() + i * work.k);
  }
  MatrixTile tile{work, &weights, x.data()};
  tile.work.m_begin = 0;
  const TileOutcome outcome = execute_tile_(op, tile);
  if (!work.last) return outcome.cycles;
  std::vector<float>& y = values_[op.outputs.at(0)];
  // Positions that no command computes are those that their row may not see.
  const std::uint64_t width = is_score ? op.context : op.head_dim;
  y.resize(std::uint64_t{op.heads} * op.m * width,
           is_score ? -std::numeric_limits<float>::infinity() : 0.0f);
  for (std::uint64_t i = 0; i < work.m_count; ++i) {
    const std::uint64_t row = (work.m_begin + i) / rows.group();
    const std::uint64_t member = (work.m_begin + i) % rows.group();
    const std::uint64_t at = is_score ? rows.scores(member, row) + work.position
                                      : rows.elements(member, row) + work.n_begin;
    std::copy_n(outcome.y.data() + i * work.n_count, work.n_count, y.data() + at);
  }
  return outcome.cycles;
}

void FunctionalComputation::attention_step(const workloads::Operator& op, const VectorWork& work) {
  const models::KvGroups& groups = groups_.at(op.inputs.back());
  std::vector<float>& y = output(op.outputs.at(0));
  const std::vector<float>& x = values_[op.inputs.at(0)];
  const HeadRows rows{op, work.kv_head_begin};
  const auto cached =
      range_of(trace_, op, groups, work.kv_head_begin, work.position_begin, work.position_count);
  for (std::uint64_t row = work.row_begin; row < work.row_begin + work.row_count; ++row) {
    const std::uint32_t seen = visible(op, row, work.position_begin, work.position_count);
    for (std::uint64_t member = 0; member < rows.group(); ++member) {
      const std::uint64_t scores = rows.scores(member, row) + work.position_begin;
      const std::uint64_t elements = rows.elements(member, row);
      switch (work.step) {
        case AttentionStep::whole:
          break;
        case AttentionStep::finish_scores:
          ops::finish_scores(arch_.matrix, cached, x.data() + elements, op.head_dim, seen,
                             y.data() + scores);
          break;
        case AttentionStep::scale_probabilities: {
          std::vector<float>& scaled = scaled_[op.outputs.at(0)];
          scaled.resize(std::uint64_t{op.heads} * op.m * op.context);
          ops::scale_probabilities(arch_.matrix, cached, x.data() + scores, seen,
                                   scaled.data() + scores);
          break;
        }
        case AttentionStep::finish_values:
          ops::finish_values(arch_.matrix, cached, x.data() + scores, seen, op.head_dim,
                             y.data() + elements);
          break;
      }
    }
  }
}

}  // namespace lutsim::sim
