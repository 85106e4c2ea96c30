// SPDX-License-Identifier: Apache-2.0
#include "sim/vector/vector_timing.h"

#include <algorithm>
#include <stdexcept>

#include "sim/vector/cost_builder.h"

namespace lutsim::sim {

namespace {

using spec::ceil_div;
using workloads::OperatorKind;

/// Sum over `count` softmax rows, numbered head by head, of the positions that each sees.
std::uint64_t visible_softmax(const workloads::Operator& op, const VectorWork& work) {
  const std::uint64_t rows_per_head = op.m / op.batch;
  std::uint64_t total = 0;
  for (std::uint64_t r = work.row_begin; r < work.row_begin + work.row_count; ++r) {
    const std::uint64_t row = r % rows_per_head;
    total += op.position + row + 1 - workloads::first_visible(op, row);
  }
  return total;
}

}  // namespace

VectorCost vector_cost(const spec::VectorSpec& spec, const workloads::OperatorTrace& trace,
                       const workloads::Operator& op, const VectorWork& work) {
  CostBuilder builder(spec);
  VectorCost& cost = builder.cost;
  const std::uint64_t rows = work.row_count;
  const auto input_bits = [&](std::size_t i) { return element_bits(trace, op.inputs.at(i)); };
  const std::uint64_t output_bits = element_bits(trace, op.outputs.at(0));

  switch (op.kind) {
    case OperatorKind::embedding: {
      const std::uint64_t elements = rows * op.n;
      builder.element_wise(elements, 1);
      cost.conversions = elements;
      cost.activation_read_bits = elements * input_bits(1);
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::position_add:
    case OperatorKind::rms_norm:
    case OperatorKind::layer_norm:
    case OperatorKind::bias_add:
      add_norm_cost(builder, trace, op, rows);
      break;
    case OperatorKind::rope: {
      const std::uint64_t elements = rows * work.n_count;
      const std::uint64_t angles = op.rotary_dim > 0 ? op.rotary_dim : op.head_dim;
      const std::uint64_t rotated = elements / op.head_dim * angles;
      builder.element_wise(rotated, 2);             // a * cos, then -+ b * sin
      builder.element_wise(elements - rotated, 1);  // the others are converted only
      cost.multiplies = 2 * rotated;
      cost.adds = rotated;
      cost.conversions = elements;
      // The angles of a row, cosine and sine of half as many pairs, serve all its heads.
      cost.activation_read_bits =
          elements * input_bits(0) + rows * angles * spec::width_bits(spec::NumberFormat::fp32);
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::kv_append:
      add_append_cost(builder, trace, op, rows);
      break;
    case OperatorKind::attention_score:
    case OperatorKind::attention_value:
      add_attention_cost(builder, trace, op, work);
      break;
    case OperatorKind::alibi: {
      const std::uint64_t elements = visible_softmax(op, work);
      builder.element_wise(elements, 1);  // slope times distance, plus the score
      cost.multiplies = elements;
      cost.adds = elements;
      cost.activation_read_bits = elements * input_bits(0);
      cost.activation_write_bits = elements * output_bits;
      break;
    }
    case OperatorKind::softmax: {
      const std::uint64_t scores = visible_softmax(op, work);
      // A sink is one more logit of the row, which gets no probability.
      const std::uint64_t sinks = op.inputs.size() > 1 ? rows : 0;
      const std::uint64_t elements = scores + sinks;
      const std::uint64_t longest = ceil_div(elements, std::max<std::uint64_t>(1, rows));
      builder.reduce(rows, longest);  // maximum
      builder.element_wise(elements, 1);
      builder.function(elements);  // exp(x - max)
      builder.reduce(rows, longest);
      builder.function(rows);
      builder.element_wise(scores, 1);  // times the reciprocal
      cost.adds += elements;
      cost.multiplies += scores;
      cost.activation_read_bits = 2 * scores * input_bits(0);
      if (sinks > 0) cost.activation_read_bits += sinks * input_bits(1);
      cost.activation_write_bits = scores * output_bits;
      break;
    }
    case OperatorKind::relu:
    case OperatorKind::gelu:
    case OperatorKind::gelu_tanh:
    case OperatorKind::silu:
    case OperatorKind::relu_multiply:
    case OperatorKind::gelu_multiply:
    case OperatorKind::gelu_tanh_multiply:
    case OperatorKind::silu_multiply:
    case OperatorKind::clamped_swiglu:
      add_activation_cost(builder, trace, op, rows * work.n_count);
      break;
    case OperatorKind::route:
    case OperatorKind::combine:
      add_routing_cost(builder, trace, op, rows);
      break;
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
      cost.activation_read_bits = std::uint64_t{2} * work.n_count * input_bits(0);
      cost.activation_write_bits = work.n_count * output_bits;
      break;
    }
    case OperatorKind::all_gather:
    case OperatorKind::weight_update:
      throw std::logic_error(op.name + " has nothing to compute");
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
      builder.reduce(rows, work.n_count);
      cost.activation_read_bits = rows * work.n_count * input_bits(0);
      cost.activation_write_bits = rows * output_bits;
      break;
    }
  }
  builder.finish();
  return cost;
}

}  // namespace lutsim::sim
