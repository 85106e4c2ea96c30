// SPDX-License-Identifier: Apache-2.0
// Costs of the operators that a Llama does not have, worked out by hand.
#include <gtest/gtest.h>

#include "sim/vector/vector_timing.h"
#include "tests/sim/vector/round_shape.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::sim {
namespace {

using test::round_shape;
using workloads::OperatorKind;

constexpr std::uint64_t kPipeline = 5, kFunction = 4, kTree = 6;

/// 64 lanes, so that 64 elements are one pass and one reduction at a time fills the unit.
spec::VectorSpec vector_spec() {
  spec::VectorSpec spec;
  spec.lanes = 64;
  spec.pipeline_cycles = kPipeline;
  spec.function_cycles = kFunction;
  spec.reduce_cycles = kTree;
  return spec;
}

/// Cost of the first operator of a kind in a decode step that attends to 16 positions.
struct Costed {
  workloads::OperatorTrace trace;
  explicit Costed(const models::ModelShape& shape) {
    workloads::TraceRequest request;
    request.cached_tokens = 15;
    request.group_size = 16;
    trace = workloads::build_trace(shape, request);
  }
  VectorCost operator()(OperatorKind kind, VectorWork work = {}) const {
    if (work.row_count == 0) work.row_count = 1;
    for (const auto& op : trace.operators) {
      if (op.kind == kind) return vector_cost(vector_spec(), trace, op, work);
    }
    throw std::logic_error("no such operator");
  }
};

TEST(VectorArchitectures, ALayerNormIsTwoReductionsAFunctionAndThreePasses) {
  models::ModelShape s = round_shape();
  s.norm = models::NormKind::layer_norm;
  const VectorCost c = Costed(s)(OperatorKind::layer_norm);
  EXPECT_EQ(c.cycles, 2 * (2u + kTree) + kFunction + 3 * 2 + kPipeline);
  EXPECT_EQ(c.functions, 1u);
  EXPECT_EQ(c.multiplies, 3u * 128);  // d d, d f, times the weight
  EXPECT_EQ(c.adds, 4u * 128);        // two sums, minus the mean, plus the bias
  EXPECT_EQ(c.activation_read_bits, 128u * (32 + 32 + 32) + 128 * (32 + 32));
  EXPECT_EQ(c.activation_write_bits, 128u * (32 + 16));
  // An RMSNorm has neither the sum nor the mean.
  EXPECT_EQ(Costed(round_shape())(OperatorKind::rms_norm).cycles, c.cycles - (2 + kTree) - 2);
}

TEST(VectorArchitectures, BiasesAndPositionsAreOneAdditionEach) {
  models::ModelShape s = round_shape();
  s.ffn_bias = true;
  s.positions = models::Positions::learned;
  const Costed cost(s);
  const VectorCost bias = cost(OperatorKind::bias_add);  // of the gate, 256 wide
  EXPECT_EQ(bias.cycles, 4u + kPipeline);
  EXPECT_EQ(bias.adds, 256u);
  EXPECT_EQ(bias.activation_read_bits, 256u * (32 + 32));
  const VectorCost position = cost(OperatorKind::position_add);
  EXPECT_EQ(position.cycles, 2u + kPipeline);
  EXPECT_EQ(position.activation_read_bits, 128u * (32 + 16));
}

TEST(VectorArchitectures, ActivationFunctionsArePassesAndOneFunctionAtMost) {
  using models::Activation;
  // 256 elements are 4 passes. Passes, functions, multiplications and additions an element.
  struct Expected {
    Activation activation;
    bool gated;
    OperatorKind kind;
    std::uint64_t passes, functions, multiplies, adds;
  };
  const Expected kinds[] = {
      {Activation::relu, false, OperatorKind::relu, 1, 0, 0, 1},
      {Activation::gelu, false, OperatorKind::gelu, 1, 1, 1, 0},
      {Activation::gelu_tanh, false, OperatorKind::gelu_tanh, 4, 1, 4, 1},
      {Activation::silu, false, OperatorKind::silu, 1, 1, 1, 0},
      {Activation::relu, true, OperatorKind::relu_multiply, 2, 0, 1, 1},
      {Activation::gelu, true, OperatorKind::gelu_multiply, 2, 1, 2, 0},
      {Activation::gelu_tanh, true, OperatorKind::gelu_tanh_multiply, 5, 1, 5, 1},
      {Activation::silu, true, OperatorKind::silu_multiply, 2, 1, 2, 0},
      {Activation::silu_clamped, true, OperatorKind::clamped_swiglu, 6, 1, 3, 4},
  };
  for (const Expected& e : kinds) {
    models::ModelShape s = round_shape();
    s.activation = e.activation;
    s.gated_ffn = e.gated;
    VectorWork work;
    work.n_count = 256;
    const VectorCost c = Costed(s)(e.kind, work);
    const std::string name = spec::to_string_of(e.kind);
    EXPECT_EQ(c.cycles, 4 * (e.passes + e.functions * kFunction) + kPipeline) << name;
    EXPECT_EQ(c.functions, 256 * e.functions) << name;
    EXPECT_EQ(c.multiplies, 256 * e.multiplies) << name;
    EXPECT_EQ(c.adds, 256 * e.adds) << name;
    EXPECT_EQ(c.activation_read_bits, 256u * 32 * (e.gated ? 2 : 1)) << name;
  }
}

TEST(VectorArchitectures, OnlyTheRotatedPartOfAHeadTakesTwoPasses) {
  models::ModelShape s = round_shape();
  s.rotary_dim = 16;
  VectorWork work;
  work.n_count = 128;
  const VectorCost c = Costed(s)(OperatorKind::rope, work);
  // Of 4 heads of 32, 64 elements are rotated and 64 converted.
  EXPECT_EQ(c.cycles, 2u + 1 + kPipeline);
  EXPECT_EQ(c.multiplies, 2u * 64);
  EXPECT_EQ(c.conversions, 128u);
  EXPECT_EQ(c.activation_read_bits, 128u * 32 + 16 * 32);
}

TEST(VectorArchitectures, ASinkIsOneMoreLogitOfEveryRow) {
  models::ModelShape s = round_shape();
  VectorWork work;
  work.row_count = 4;  // heads
  const VectorCost plain = Costed(s)(OperatorKind::softmax, work);
  s.attention_sinks = true;
  const VectorCost with_sink = Costed(s)(OperatorKind::softmax, work);
  EXPECT_EQ(plain.functions, 4u * 16 + 4);
  EXPECT_EQ(with_sink.functions, 4u * 17 + 4);
  EXPECT_EQ(with_sink.multiplies, plain.multiplies) << "it gets no probability";
  EXPECT_EQ(with_sink.activation_write_bits, plain.activation_write_bits);
  // 68 elements are two passes where 64 were one.
  EXPECT_EQ(with_sink.cycles, plain.cycles + 1 + kFunction);
}

TEST(VectorArchitectures, AlibiIsOneMultiplyAddForEachScore) {
  models::ModelShape s = round_shape();
  s.positions = models::Positions::alibi;
  VectorWork work;
  work.row_count = 4;
  const VectorCost c = Costed(s)(OperatorKind::alibi, work);
  EXPECT_EQ(c.cycles, 1u + kPipeline);
  EXPECT_EQ(c.multiplies, 64u);
  EXPECT_EQ(c.adds, 64u);
}

TEST(VectorArchitectures, AWindowLeavesOutThePositionsBeforeIt) {
  models::ModelShape s = round_shape();
  s.sliding_window = 6;
  const Costed cost(s);
  VectorWork work;
  work.kv_head_count = 2;
  work.position_begin = 10;
  work.position_count = 6;
  EXPECT_EQ(cost(OperatorKind::attention_score, work).multiplies, 4u * 6 * 32 + 4 * 6);
  work = {};
  work.row_count = 4;
  EXPECT_EQ(cost(OperatorKind::softmax, work).functions, 4u * 6 + 4);
  // A command that asks for positions before the window computes nothing for them.
  work = {};
  work.kv_head_count = 2;
  work.position_count = 12;
  EXPECT_EQ(cost(OperatorKind::attention_score, work).multiplies, 4u * 2 * 32 + 4 * 2);
}

TEST(VectorArchitectures, AQueryInTwoPartsIsReadOnce) {
  models::ModelShape s = round_shape();
  s.kv_heads = 4;
  s.kv_latent = 48;
  s.rope_head_dim = 16;
  s.value_head_dim = 32;
  VectorWork work;
  work.kv_head_count = 1;
  work.position_count = 16;
  const VectorCost c = Costed(s)(OperatorKind::attention_score, work);
  // Absorbed queries are FP32, rotated ones and the cache FP16.
  EXPECT_EQ(c.activation_read_bits, 4u * (48 * 32 + 16 * 16) + 16 * 64 * 16);
  EXPECT_EQ(c.multiplies, 4u * 16 * 64 + 4 * 16);
}

TEST(VectorArchitectures, RoutingIsASoftmaxAndAMaximumForEachChosenExpert) {
  models::ModelShape s = round_shape();
  s.experts = 128;
  s.experts_per_token = 3;
  s.expert_ffn = 64;
  const Costed cost(s);
  const VectorCost route = cost(OperatorKind::route);
  // 128 logits are 2 passes: maximum, subtract, exp, 3 maxima, sum of 3, reciprocal, scale.
  EXPECT_EQ(route.cycles, (2u + kTree) + 2 + 2 * kFunction + 3 * (2 + kTree) + (1 + kTree) +
                              kFunction + 1 + kPipeline);
  EXPECT_EQ(route.functions, 128u + 1);
  EXPECT_EQ(route.activation_write_bits, 3u * 32);
  const VectorCost combine = cost(OperatorKind::combine);
  EXPECT_EQ(combine.cycles, 2u * 3 + kPipeline);
  EXPECT_EQ(combine.multiplies, 3u * 128);
  EXPECT_EQ(combine.activation_read_bits, 3u * 128 * 32 + 3 * 32);
}

}  // namespace
}  // namespace lutsim::sim
