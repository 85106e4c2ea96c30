// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>

#include "models/transformer/lane_sum.h"
#include "sim/vector/sequencer_timing.h"
#include "sim/vector/vector_timing.h"

namespace lutsim::sim {

/// Accumulates the phases of one command; phases follow one another, elements of a phase are
/// pipelined.
class CostBuilder {
 public:
  explicit CostBuilder(const spec::VectorSpec& spec) : spec_(spec) {}

  /// Every element passes a lane `lane_cycles` times.
  void element_wise(std::uint64_t elements, std::uint64_t lane_cycles) {
    cost.cycles += spec::ceil_div(elements, spec_.lanes) * lane_cycles;
  }
  /// `chains` independent sums of at most `terms` products, one lane per sum, one term a cycle;
  /// `products` in all.
  void multiply_add(std::uint64_t chains, std::uint64_t terms, std::uint64_t products) {
    cost.cycles += spec::ceil_div(chains, spec_.lanes) * terms;
    cost.multiplies += products;
    cost.adds += products;
  }
  /// `rows` reductions of `length` terms: kSumLanes partial results each (or all lanes, if fewer),
  /// as many rows side by side as there are lanes for, then the tree.
  void reduce(std::uint64_t rows, std::uint64_t length) {
    const std::uint64_t width = std::min<std::uint64_t>(models::kSumLanes, spec_.lanes);
    const std::uint64_t rows_at_once = spec_.lanes / width;
    cost.cycles +=
        spec::ceil_div(rows, rows_at_once) * spec::ceil_div(length, width) + spec_.reduce_cycles;
    cost.adds += rows * length;
  }
  /// exp, reciprocal, reciprocal square root or sigmoid of every element.
  void function(std::uint64_t elements) {
    cost.cycles += spec::ceil_div(elements, spec_.lanes) * spec_.function_cycles;
    cost.functions += elements;
  }
  /// Groups of the KV quantizer, on blocks of the widest power of two up to kSumLanes lanes side by
  /// side, a group after the other in each: least and greatest element, range, step, reciprocal,
  /// then a difference and a product for each code.
  void quantize(std::uint64_t groups, std::uint64_t elements) {
    std::uint32_t width = models::kSumLanes;
    while (width > spec_.lanes) width /= 2;
    cost.cycles +=
        spec::ceil_div(groups, spec_.lanes / width) * kv_quantizer_cycles(width, elements);
    cost.adds += groups * (3 * elements + 1);
    cost.multiplies += groups * (elements + 1);
    cost.functions += groups;
    cost.conversions += groups * (elements + 2);
  }
  void finish() { cost.cycles += spec_.pipeline_cycles; }

  VectorCost cost;

 private:
  const spec::VectorSpec& spec_;
};

/// Bits of an element of a tensor.
inline std::uint64_t element_bits(const workloads::OperatorTrace& trace,
                                  workloads::TensorId tensor) {
  return spec::width_bits(trace.tensors[tensor].format);
}

/// Phases of a KV append of `rows` rows, and of scores and values or what the vector unit does of
/// them; pipeline filling not included.
void add_append_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                     const workloads::Operator& op, std::uint64_t rows);
void add_attention_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                        const workloads::Operator& op, const VectorWork& work);

/// Phases of norms, biases and positions, of what stands between the matrices of a feed-forward
/// layer, and of routing, for `rows` rows or so many elements; pipeline filling not included.
/// docs/units/vector.md has the passes one by one.
void add_norm_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                   const workloads::Operator& op, std::uint64_t rows);
void add_activation_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                         const workloads::Operator& op, std::uint64_t elements);
void add_routing_cost(CostBuilder& builder, const workloads::OperatorTrace& trace,
                      const workloads::Operator& op, std::uint64_t rows);

}  // namespace lutsim::sim
