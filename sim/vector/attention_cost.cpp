// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/vector/kv_storage.h"
#include "sim/vector/cost_builder.h"

namespace lutsim::sim {

namespace {

using workloads::OperatorKind;

constexpr std::uint64_t kScaleBits = models::kKvScaleBytes * 8;

/// Positions of the command's range that its rows see, all rows together.
std::uint64_t visible_positions(const workloads::Operator& op, const VectorWork& work) {
  std::uint64_t total = 0;
  for (std::uint64_t row = work.row_begin; row < work.row_begin + work.row_count; ++row) {
    const std::uint64_t begin = std::max(work.position_begin, workloads::first_visible(op, row));
    const std::uint64_t end =
        std::min(work.position_begin + work.position_count, op.position + row + 1);
    if (end > begin) total += end - begin;
  }
  return total;
}

/// Query heads that attend to the command's KV heads.
std::uint64_t query_heads(const workloads::Operator& op, const VectorWork& work) {
  return std::uint64_t{work.kv_head_count} * (op.heads / op.kv_heads);
}

/// Bits of one row of a tensor that has one for each of the operator's rows.
std::uint64_t row_bits(const workloads::OperatorTrace& trace, const workloads::Operator& op,
                       workloads::TensorId tensor) {
  return workloads::stored_bytes(trace.tensors[tensor]) * 8 / op.m;
}

/// Bits of the cached rows of a command, scales and zero points included. Quantised ones pass a
/// lane once more, where code * scale + zero makes an element of them.
std::uint64_t cached_bits(CostBuilder& builder, const workloads::OperatorTrace& trace,
                          const workloads::Operator& op, const VectorWork& work) {
  const spec::NumberFormat format = trace.tensors[op.inputs.back()].format;
  const std::uint64_t rows = work.kv_head_count * work.position_count;
  if (models::is_quantized_kv(format)) {
    const std::uint64_t elements = rows * op.head_dim;
    builder.element_wise(elements, 1);
    builder.cost.multiplies += elements;
    builder.cost.adds += elements;
    builder.cost.conversions += elements;
  }
  return rows * models::kv_row_bytes(format, op.head_dim) * 8;
}

void add_whole_score(CostBuilder& builder, const workloads::OperatorTrace& trace,
                     const workloads::Operator& op, const VectorWork& work) {
  VectorCost& cost = builder.cost;
  const std::uint64_t scores = query_heads(op, work) * visible_positions(op, work);
  builder.multiply_add(scores, op.head_dim, scores * op.head_dim);
  builder.element_wise(scores, 1);  // times 1 / sqrt(head_dim)
  cost.multiplies += scores;
  // The queries of the command's heads, in one tensor or in parts, and the keys.
  for (std::size_t i = 0; i + 1 < op.inputs.size(); ++i) {
    cost.activation_read_bits +=
        work.row_count * row_bits(trace, op, op.inputs[i]) * work.kv_head_count / op.kv_heads;
  }
  cost.activation_read_bits += cached_bits(builder, trace, op, work);
  cost.activation_write_bits = scores * element_bits(trace, op.outputs.at(0));
}

void add_whole_value(CostBuilder& builder, const workloads::OperatorTrace& trace,
                     const workloads::Operator& op, const VectorWork& work) {
  VectorCost& cost = builder.cost;
  const std::uint64_t outputs = query_heads(op, work) * work.row_count * op.head_dim;
  const std::uint64_t terms = visible_positions(op, work);
  builder.multiply_add(outputs, work.position_count, query_heads(op, work) * op.head_dim * terms);
  cost.conversions = outputs;
  cost.activation_read_bits = query_heads(op, work) * terms * element_bits(trace, op.inputs.at(0)) +
                              cached_bits(builder, trace, op, work);
  cost.activation_write_bits = outputs * element_bits(trace, op.outputs.at(0));
}

/// scale * C + zero of every position of the command, from the weight buffer.
void add_constants(CostBuilder& builder, const VectorWork& work) {
  const std::uint64_t positions = work.kv_head_count * work.position_count;
  builder.element_wise(positions, 1);
  builder.cost.multiplies += positions;
  builder.cost.adds += positions;
  builder.cost.weight_read_bits += positions * kScaleBits;
}

/// (sum + w c) / sqrt(head_dim), where w is the sum of a query's elements.
void add_finished_scores(CostBuilder& builder, const workloads::OperatorTrace& trace,
                         const workloads::Operator& op, const VectorWork& work) {
  VectorCost& cost = builder.cost;
  const std::uint64_t queries = query_heads(op, work) * work.row_count;
  const std::uint64_t scores = query_heads(op, work) * visible_positions(op, work);
  const std::uint64_t score_bits = element_bits(trace, op.outputs.at(0));
  add_constants(builder, work);
  builder.reduce(queries, op.head_dim);
  builder.element_wise(scores, 2);
  cost.multiplies += 2 * scores;
  cost.adds += scores;
  cost.activation_read_bits =
      scores * score_bits + queries * op.head_dim * element_bits(trace, op.inputs.at(0));
  cost.activation_write_bits = scores * score_bits;
}

/// Probabilities times scales, rounded to the activation format; the sums of probabilities times
/// constants go on.
void add_scaled_probabilities(CostBuilder& builder, const workloads::OperatorTrace& trace,
                              const workloads::Operator& op, const VectorWork& work) {
  VectorCost& cost = builder.cost;
  const std::uint64_t rows = query_heads(op, work) * work.row_count;
  const std::uint64_t terms = query_heads(op, work) * visible_positions(op, work);
  add_constants(builder, work);
  builder.element_wise(terms, 1);
  builder.reduce(rows, work.position_count);
  cost.multiplies += 2 * terms;
  cost.conversions += terms;
  cost.activation_read_bits = terms * element_bits(trace, op.inputs.at(0));
  // Positions that a row does not see are written as zeros.
  cost.activation_write_bits = rows * work.position_count * element_bits(trace, op.outputs.at(0));
}

/// Plus the sum of probabilities times constants, rounded to the activation format.
void add_finished_values(CostBuilder& builder, const workloads::OperatorTrace& trace,
                         const workloads::Operator& op, const VectorWork& work) {
  const std::uint64_t outputs = query_heads(op, work) * work.row_count * op.head_dim;
  builder.element_wise(outputs, 1);
  builder.cost.adds += outputs;
  builder.cost.conversions += outputs;
  builder.cost.activation_read_bits = outputs * spec::width_bits(spec::NumberFormat::fp32);
  builder.cost.activation_write_bits = outputs * element_bits(trace, op.outputs.at(0));
}

}  // namespace

void add_append_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                     const workloads::Operator& op, std::uint64_t rows) {
  VectorCost& cost = builder.cost;
  const spec::NumberFormat format = trace.tensors[op.outputs.at(0)].format;
  const std::uint64_t groups = rows * op.kv_heads, elements = groups * op.head_dim;
  if (models::is_quantized_kv(format)) {
    builder.quantize(groups, op.head_dim);
  } else {
    builder.element_wise(elements, 1);
    cost.conversions = elements;
  }
  for (const workloads::TensorId input : op.inputs)
    cost.activation_read_bits += rows * row_bits(trace, op, input);
  cost.activation_write_bits = groups * models::kv_row_bytes(format, op.head_dim) * 8;
}

void add_attention_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                        const workloads::Operator& op, const VectorWork& work) {
  switch (work.step) {
    case AttentionStep::whole:
      op.kind == OperatorKind::attention_score ? add_whole_score(builder, trace, op, work)
                                               : add_whole_value(builder, trace, op, work);
      break;
    case AttentionStep::finish_scores:
      add_finished_scores(builder, trace, op, work);
      break;
    case AttentionStep::scale_probabilities:
      add_scaled_probabilities(builder, trace, op, work);
      break;
    case AttentionStep::finish_values:
      add_finished_values(builder, trace, op, work);
      break;
  }
}

}  // namespace lutsim::sim
