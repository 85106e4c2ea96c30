// SPDX-License-Identifier: Apache-2.0
#include "sim/vector/vector_timing.h"

#include <gtest/gtest.h>

#include "sim/vector/sequencer_timing.h"
#include "tests/sim/vector/round_shape.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::sim {
namespace {

using workloads::OperatorKind;

class VectorTimingTest : public testing::Test {
 protected:
  VectorTimingTest() {
    workloads::TraceRequest request;
    request.cached_tokens = 15;
    request.group_size = 32;
    trace_ = workloads::build_trace(test::round_shape(), request);
    vector_.lanes = 64;
    vector_.pipeline_cycles = 5;
    vector_.function_cycles = 4;
    vector_.reduce_cycles = 6;
  }

  const workloads::Operator& first(OperatorKind kind) const {
    for (const auto& op : trace_.operators) {
      if (op.kind == kind) return op;
    }
    throw std::logic_error("no such operator");
  }
  VectorCost cost(OperatorKind kind, VectorWork work) const {
    work.row_count = std::max<std::uint64_t>(1, work.row_count);
    return vector_cost(vector_, trace_, first(kind), work);
  }

  workloads::OperatorTrace trace_;
  spec::VectorSpec vector_;
};

TEST_F(VectorTimingTest, AnAdditionTakesOnePassOverTheLanes) {
  // 128 elements on 64 lanes.
  VectorWork work;
  work.n_count = 128;
  const VectorCost c = cost(OperatorKind::add, work);
  EXPECT_EQ(c.cycles, 2u + 5);
  EXPECT_EQ(c.adds, 128u);
  EXPECT_EQ(c.activation_read_bits, 128u * (32 + 32));
  EXPECT_EQ(c.activation_write_bits, 128u * 32);
}

TEST_F(VectorTimingTest, ANormIsAReductionAFunctionAndTwoMultiplications) {
  // 128 squares in 64 partial sums: 2 cycles and the tree; one function 4; 2 x 2 passes.
  EXPECT_EQ(cost(OperatorKind::rms_norm, {}).cycles, 2u + 6 + 4 + 4 + 5);
}

TEST_F(VectorTimingTest, AnActivationIsOneFunctionAndTwoMultiplications) {
  // 256 elements on 64 lanes.
  VectorWork work;
  work.n_count = 256;
  const VectorCost c = cost(OperatorKind::silu_multiply, work);
  EXPECT_EQ(c.cycles, 4u * 4 + 4 * 2 + 5);
  EXPECT_EQ(c.functions, 256u);
  EXPECT_EQ(c.multiplies, 2u * 256);
  EXPECT_EQ(c.adds, 0u);
}

TEST_F(VectorTimingTest, AScoreIsOneLaneForEachHeadAndPosition) {
  VectorWork work;
  work.kv_head_count = 2;
  work.position_count = 16;
  // 4 heads x 16 positions fill the lanes once: head_dim products, then one multiplication.
  const VectorCost c = cost(OperatorKind::attention_score, work);
  EXPECT_EQ(c.cycles, 32u + 1 + 5);
  EXPECT_EQ(c.multiplies, 64u * 32 + 64);
}

TEST_F(VectorTimingTest, AValueIsOneLaneForEachOutputAndOneCycleForAPosition) {
  VectorWork work;
  work.kv_head_count = 2;
  work.position_count = 16;
  // 4 heads x 32 elements on 64 lanes, 16 positions.
  EXPECT_EQ(cost(OperatorKind::attention_value, work).cycles, 2u * 16 + 5);
}

/// A command of a trace with a cache of so many bits: two KV heads, one row, 16 positions.
VectorCost quantized_cost(const spec::VectorSpec& vector, const models::ModelShape& shape,
                          std::uint32_t kv_bits, OperatorKind kind,
                          AttentionStep step = AttentionStep::whole) {
  workloads::TraceRequest request;
  request.cached_tokens = 15;
  request.generated_tokens = 1;
  request.group_size = 32;
  request.kv_bits = kv_bits;
  const auto trace = workloads::build_trace(shape, request);
  VectorWork work;
  work.row_count = 1;
  work.kv_head_count = 2;
  work.position_count = 16;
  work.step = step;
  for (const auto& op : trace.operators) {
    if (op.kind == kind) return vector_cost(vector, trace, op, work);
  }
  ADD_FAILURE() << "no such operator";
  return {};
}

TEST_F(VectorTimingTest, AnAppendToAQuantisedCacheTakesTheQuantisersTime) {
  const VectorCost c = quantized_cost(vector_, trace_.model, 8, OperatorKind::kv_append);
  // Two groups of 32 elements, one after the other on the one block of 64 lanes.
  EXPECT_EQ(c.cycles, 2 * kv_quantizer_cycles(64, 32) + 5);
  EXPECT_EQ(c.functions, 2u);
  EXPECT_EQ(c.activation_write_bits, 2u * (32 + 4) * 8);
  EXPECT_EQ(quantized_cost(vector_, trace_.model, 4, OperatorKind::kv_append).activation_write_bits,
            2u * (16 + 4) * 8);
  EXPECT_EQ(quantized_cost(vector_, trace_.model, 16, OperatorKind::kv_append).cycles, 1u + 5);
}

TEST_F(VectorTimingTest, LanesDequantiseEveryCachedElement) {
  const auto cost_with = [&](std::uint32_t bits, OperatorKind kind) {
    return quantized_cost(vector_, trace_.model, bits, kind);
  };
  for (const OperatorKind kind : {OperatorKind::attention_score, OperatorKind::attention_value}) {
    const VectorCost plain = cost_with(16, kind), quantized = cost_with(4, kind);
    // 2 heads x 16 positions x 32 elements on 64 lanes.
    EXPECT_EQ(quantized.cycles, plain.cycles + 16);
    EXPECT_EQ(quantized.conversions, plain.conversions + 1024);
    EXPECT_EQ(plain.activation_read_bits - quantized.activation_read_bits,
              32u * (32 * 2 - (16 + 4)) * 8);
  }
}

TEST_F(VectorTimingTest, StepsAroundTheMatrixUnitsProducts) {
  const auto step = [&](AttentionStep s, OperatorKind kind) {
    return quantized_cost(vector_, trace_.model, 8, kind, s);
  };
  // 4 query heads, 16 positions, head_dim 32; the constants of 2 x 16 rows take a pass.
  const VectorCost scores = step(AttentionStep::finish_scores, OperatorKind::attention_score);
  EXPECT_EQ(scores.cycles, 1u + (4 * 1 + 6) + 2 * 1 + 5);  // constants, sums of queries, scores
  EXPECT_EQ(scores.weight_read_bits, 32u * 32);
  EXPECT_EQ(scores.multiplies, 32u + 2 * 64);
  const VectorCost scaled = step(AttentionStep::scale_probabilities, OperatorKind::attention_value);
  EXPECT_EQ(scaled.cycles, 1u + 1 + (4 * 1 + 6) + 5);
  EXPECT_EQ(scaled.activation_write_bits, 64u * 16);
  EXPECT_EQ(scaled.conversions, 64u);
  const VectorCost values = step(AttentionStep::finish_values, OperatorKind::attention_value);
  EXPECT_EQ(values.cycles, 2u + 5);  // 4 x 32 outputs
  EXPECT_EQ(values.adds, 128u);
}

TEST_F(VectorTimingTest, APlainMatmulIsAReductionForEachOutput) {
  VectorWork work;
  work.n_count = 128;
  const auto& head = trace_.operators[trace_.operators.size() - 2];
  ASSERT_EQ(head.name, "lm_head");
  work.row_count = 1;
  const VectorCost c = vector_cost(vector_, trace_, head, work);
  // 128 outputs one after the other on all 64 lanes, 128 products each, then the tree.
  EXPECT_EQ(c.cycles, 128u * 2 + 6 + 5);
  EXPECT_EQ(c.weight_read_bits, 128u * 128 * 16);
}

TEST_F(VectorTimingTest, CausalRowsDoNotPayForPositionsThatTheyDoNotSee) {
  models::ModelShape s = trace_.model;
  workloads::TraceRequest request;
  request.prompt_tokens = 8;
  request.group_size = 32;
  const auto prefill = workloads::build_trace(s, request);
  for (const auto& op : prefill.operators) {
    if (op.kind != OperatorKind::attention_score) continue;
    VectorWork work;
    work.row_count = 8;
    work.kv_head_count = 2;
    work.position_count = 8;
    // Rows see 1 + 2 + ... + 8 positions.
    EXPECT_EQ(vector_cost(vector_, prefill, op, work).multiplies, 4u * 36 * 32 + 4 * 36);
    return;
  }
  FAIL() << "no attention in the trace";
}

}  // namespace
}  // namespace lutsim::sim
