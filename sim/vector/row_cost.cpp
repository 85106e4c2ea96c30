// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "sim/vector/cost_builder.h"

namespace lutsim::sim {

using workloads::OperatorKind;

void add_norm_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                   const workloads::Operator& op, std::uint64_t rows) {
  VectorCost& cost = builder.cost;
  const auto input_bits = [&](std::size_t i) { return element_bits(trace, op.inputs.at(i)); };
  const std::uint64_t output_bits = element_bits(trace, op.outputs.at(0));
  const std::uint64_t fp32_bits = spec::width_bits(spec::NumberFormat::fp32);
  const bool is_norm = op.kind == OperatorKind::rms_norm || op.kind == OperatorKind::layer_norm;
  const std::uint64_t length = is_norm ? op.k : op.n;
  const std::uint64_t elements = rows * length;
  cost.activation_write_bits = elements * output_bits;
  switch (op.kind) {
    case OperatorKind::rms_norm:
      builder.reduce(rows, length);       // squares and their sum
      builder.function(rows);             // reciprocal square root
      builder.element_wise(elements, 2);  // times the factor, times the weight
      cost.multiplies += 3 * elements;
      cost.conversions = elements;
      cost.activation_read_bits = 2 * elements * input_bits(0) + length * input_bits(1);
      break;
    case OperatorKind::layer_norm:
      builder.reduce(rows, length);       // sum
      builder.element_wise(elements, 1);  // minus the mean, kept
      builder.reduce(rows, length);       // squares and their sum
      builder.function(rows);             // reciprocal square root
      builder.element_wise(elements, 2);  // times the factor; times the weight plus the bias
      cost.adds += 2 * elements;
      cost.multiplies += 3 * elements;
      cost.conversions = elements;
      cost.activation_read_bits =
          elements * (2 * input_bits(0) + fp32_bits) + length * (input_bits(1) + input_bits(2));
      cost.activation_write_bits += elements * fp32_bits;
      break;
    case OperatorKind::bias_add:
      builder.element_wise(elements, 1);
      cost.adds = elements;
      cost.activation_read_bits = elements * input_bits(0) + length * input_bits(1);
      break;
    case OperatorKind::position_add:
      builder.element_wise(elements, 1);
      cost.adds = elements;
      cost.activation_read_bits = elements * (input_bits(0) + input_bits(1));
      break;
    default:
      throw std::logic_error("no norm, bias or position");
  }
}

void add_activation_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                         const workloads::Operator& op, std::uint64_t elements) {
  VectorCost& cost = builder.cost;
  const auto passes = [&](std::uint64_t count, std::uint64_t multiplies, std::uint64_t adds) {
    builder.element_wise(elements, count);
    cost.multiplies += multiplies * elements;
    cost.adds += adds * elements;
  };
  switch (op.kind) {
    case OperatorKind::relu:
    case OperatorKind::relu_multiply:
      passes(1, 0, 1);  // maximum with 0
      break;
    case OperatorKind::gelu:
    case OperatorKind::gelu_multiply:
    case OperatorKind::silu:
    case OperatorKind::silu_multiply:
      builder.function(elements);  // normal distribution or sigmoid
      passes(1, 1, 0);             // times x
      break;
    case OperatorKind::gelu_tanh:
    case OperatorKind::gelu_tanh_multiply:
      passes(3, 3, 1);             // x x, b x x + a, times x
      builder.function(elements);  // sigmoid
      passes(1, 1, 0);             // times x
      break;
    case OperatorKind::clamped_swiglu:
      passes(3, 0, 3);             // gate at most c; up at least -c, at most c
      passes(1, 1, 0);             // gate times 1.702
      builder.function(elements);  // sigmoid
      passes(1, 1, 0);             // times the gate: g
      passes(1, 1, 1);             // up g + g
      break;
    default:
      throw std::logic_error("no activation function");
  }
  const bool is_product =
      op.kind == OperatorKind::relu_multiply || op.kind == OperatorKind::gelu_multiply ||
      op.kind == OperatorKind::gelu_tanh_multiply || op.kind == OperatorKind::silu_multiply;
  if (is_product) passes(1, 1, 0);  // times up
  cost.conversions = elements;
  for (const workloads::TensorId input : op.inputs)
    cost.activation_read_bits += elements * element_bits(trace, input);
  cost.activation_write_bits = elements * element_bits(trace, op.outputs.at(0));
}

void add_routing_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                      const workloads::Operator& op, std::uint64_t rows) {
  VectorCost& cost = builder.cost;
  const auto input_bits = [&](std::size_t i) { return element_bits(trace, op.inputs.at(i)); };
  const std::uint64_t output_bits = element_bits(trace, op.outputs.at(0));
  const std::uint64_t elements = rows * op.n, chosen = rows * op.k;
  if (op.kind == OperatorKind::combine) {
    builder.element_wise(elements, op.k);  // probability times row, plus the sum
    cost.multiplies = elements * op.k;
    cost.adds = elements * op.k;
    cost.activation_read_bits = elements * op.k * input_bits(0) + chosen * input_bits(1);
    cost.activation_write_bits = elements * output_bits;
    return;
  }
  builder.reduce(rows, op.n);                                           // maximum
  builder.element_wise(elements, 1);                                    // minus the maximum
  builder.function(elements);                                           // exp, or sigmoid
  for (std::uint64_t i = 0; i < op.k; ++i) builder.reduce(rows, op.n);  // largest that is left
  builder.reduce(rows, op.k);                                           // sum of the chosen
  builder.function(rows);                                               // its reciprocal
  builder.element_wise(chosen, 1);
  cost.adds += elements;
  cost.multiplies += chosen;
  cost.activation_read_bits = (2 + op.k) * elements * input_bits(0);
  cost.activation_write_bits = chosen * output_bits;
}

}  // namespace lutsim::sim
