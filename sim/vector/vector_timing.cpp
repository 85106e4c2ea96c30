// SPDX-License-Identifier: Apache-2.0
#include "sim/vector/vector_timing.h"

#include <algorithm>
#include <stdexcept>

#include "models/transformer/lane_sum.h"

namespace lutsim::sim {

namespace {

using models::kSumLanes;
using spec::ceil_div;
using workloads::OperatorKind;

/// Accumulates the phases of one command; phases follow one another, elements of a phase are
/// pipelined.
class CostBuilder {
 public:
  explicit CostBuilder(const spec::VectorSpec& spec) : spec_(spec) {}

  /// Every element passes a lane `lane_cycles` times.
  void element_wise(std::uint64_t elements, std::uint64_t lane_cycles) {
    cost.cycles += ceil_div(elements, spec_.lanes) * lane_cycles;
  }
  /// `chains` independent sums of at most `terms` products, one lane per sum, one term a cycle;
  /// `products` in all.
  void multiply_add(std::uint64_t chains, std::uint64_t terms, std::uint64_t products) {
    cost.cycles += ceil_div(chains, spec_.lanes) * terms;
    cost.multiplies += products;
    cost.adds += products;
  }
  /// `rows` reductions of `length` terms: kSumLanes partial results each (or all lanes, if fewer),
  /// as many rows side by side as there are lanes for, then the tree.
  void reduce(std::uint64_t rows, std::uint64_t length) {
    const std::uint64_t width = std::min<std::uint64_t>(kSumLanes, spec_.lanes);
    const std::uint64_t rows_at_once = spec_.lanes / width;
    cost.cycles += ceil_div(rows, rows_at_once) * ceil_div(length, width) + spec_.reduce_cycles;
    cost.adds += rows * length;
  }
  /// exp, reciprocal, reciprocal square root or sigmoid of every element.
  void function(std::uint64_t elements) {
    cost.cycles += ceil_div(elements, spec_.lanes) * spec_.function_cycles;
    cost.functions += elements;
  }
  void finish() { cost.cycles += spec_.pipeline_cycles; }

  VectorCost cost;

 private:
  const spec::VectorSpec& spec_;
};

/// Positions that `rows` consecutive rows see, the last of them all of `positions` of the range.
std::uint64_t visible_positions(const workloads::Operator& op, const VectorWork& work) {
  std::uint64_t total = 0;
  for (std::uint64_t r = 0; r < work.row_count; ++r) {
    const std::uint64_t sees = op.position + work.row_begin + r + 1;
    if (sees > work.position_begin) {
      total += std::min(work.position_count, sees - work.position_begin);
    }
  }
  return total;
}

/// Sum over `count` softmax rows, numbered head by head, of the positions that each sees.
std::uint64_t visible_softmax(const workloads::Operator& op, const VectorWork& work) {
  const std::uint64_t rows_per_head = op.m / op.batch;
  std::uint64_t total = 0;
  for (std::uint64_t r = work.row_begin; r < work.row_begin + work.row_count; ++r) {
    total += op.position + r % rows_per_head + 1;
  }
  return total;
}

std::uint64_t bits(const workloads::OperatorTrace& trace, workloads::TensorId tensor) {
  return spec::width_bits(trace.tensors[tensor].format);
}

}  // namespace

VectorCost vector_cost(const spec::VectorSpec& spec, const workloads::OperatorTrace& trace,
                       const workloads::Operator& op, const VectorWork& work) {
  CostBuilder builder(spec);
  VectorCost& cost = builder.cost;
  const std::uint64_t rows = work.row_count;
  const auto input_bits = [&](std::size_t i) { return bits(trace, op.inputs.at(i)); };
  const std::uint64_t output_bits = bits(trace, op.outputs.at(0));

  switch (op.kind) {
    case OperatorKind::embedding: {
      const std::uint64_t elements = rows * op.n;
      builder.element_wise(elements, 1);
      cost.conversions = elements;
      cost.activation_read_bits = elements * input_bits(1);
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::rms_norm: {
      const std::uint64_t elements = rows * op.k;
      builder.reduce(rows, op.k);         // squares and their sum
      builder.function(rows);             // reciprocal square root
      builder.element_wise(elements, 2);  // times the factor, times the weight
      cost.multiplies += 3 * elements;
      cost.conversions = elements;
      cost.activation_read_bits = 2 * elements * input_bits(0) + op.k * input_bits(1);
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::rope: {
      const std::uint64_t elements = rows * work.n_count;
      builder.element_wise(elements, 2);  // a * cos, then -+ b * sin
      cost.multiplies = 2 * elements;
      cost.adds = elements;
      cost.conversions = elements;
      // The angles of a row, cosine and sine of head_dim / 2 pairs, serve all its heads.
      cost.activation_read_bits = elements * input_bits(0) +
                                  rows * op.head_dim * spec::width_bits(spec::NumberFormat::fp32);
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::kv_append: {
      const std::uint64_t elements = rows * op.kv_heads * op.head_dim;
      builder.element_wise(elements, 1);
      cost.conversions = elements;
      cost.activation_read_bits = elements * input_bits(0);
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::attention_score: {
      const std::uint64_t group = op.heads / op.kv_heads;
      const std::uint64_t scores = work.kv_head_count * group * visible_positions(op, work);
      builder.multiply_add(scores, op.head_dim, scores * op.head_dim);
      builder.element_wise(scores, 1);  // times 1 / sqrt(head_dim)
      cost.multiplies += scores;
      cost.activation_read_bits =
          std::uint64_t{work.kv_head_count} * op.head_dim *
          (group * rows * input_bits(0) + work.position_count * input_bits(1));
      cost.activation_write_bits = scores * output_bits;
      break;
    }
    case OperatorKind::softmax: {
      const std::uint64_t elements = visible_softmax(op, work);
      const std::uint64_t longest = ceil_div(elements, std::max<std::uint64_t>(1, rows));
      builder.reduce(rows, longest);  // maximum
      builder.element_wise(elements, 1);
      builder.function(elements);  // exp(x - max)
      builder.reduce(rows, longest);
      builder.function(rows);
      builder.element_wise(elements, 1);  // times the reciprocal
      cost.adds += elements;
      cost.multiplies += elements;
      cost.activation_read_bits = 2 * elements * input_bits(0);
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::attention_value: {
      const std::uint64_t group = op.heads / op.kv_heads;
      const std::uint64_t outputs = work.kv_head_count * group * rows * op.head_dim;
      const std::uint64_t terms = visible_positions(op, work);
      builder.multiply_add(outputs, work.position_count,
                           work.kv_head_count * group * op.head_dim * terms);
      cost.conversions = outputs;
      cost.activation_read_bits =
          work.kv_head_count *
          (group * terms * input_bits(0) + op.head_dim * work.position_count * input_bits(1));
      cost.activation_write_bits = outputs * output_bits;
      break;
    }
    case OperatorKind::silu_multiply: {
      const std::uint64_t elements = rows * work.n_count;
      builder.function(elements);         // sigmoid
      builder.element_wise(elements, 2);  // gate times, times up
      cost.multiplies += 2 * elements;
      cost.conversions = elements;
      cost.activation_read_bits = elements * (input_bits(0) + input_bits(1));
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::add: {
      const std::uint64_t elements = rows * work.n_count;
      builder.element_wise(elements, 1);
      cost.adds = elements;
      cost.activation_read_bits = elements * (input_bits(0) + input_bits(1));
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::all_reduce: {
      builder.element_wise(work.n_count, 1);
      cost.adds = work.n_count;
      cost.activation_read_bits = 2 * work.n_count * input_bits(0);
      cost.activation_write_bits = work.n_count * output_bits;
      break;
    }
    case OperatorKind::all_gather:
      throw std::logic_error("an all_gather has nothing to compute");
    case OperatorKind::matmul: {
      const std::uint64_t outputs = rows * work.n_count;
      builder.reduce(outputs, op.k);
      cost.multiplies += outputs * op.k;
      cost.activation_read_bits = rows * op.k * input_bits(0);
      cost.weight_read_bits = op.k * work.n_count * input_bits(1);
      cost.activation_write_bits = outputs * output_bits;
      break;
    }
    case OperatorKind::sample: {
      builder.reduce(rows, op.n);
      cost.activation_read_bits = rows * op.n * input_bits(0);
      cost.activation_write_bits = rows * output_bits;
      break;
    }
  }
  builder.finish();
  return cost;
}

}  // namespace lutsim::sim
