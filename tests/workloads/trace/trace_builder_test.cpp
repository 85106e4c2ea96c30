// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/workloads/trace/tiny_shape.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {
namespace {

using test::tiny_shape;

constexpr std::size_t kOperatorsPerLayer = 19;

TraceRequest request_of(std::uint32_t batch, std::uint32_t prompt, std::uint32_t generated,
                        std::uint32_t cached = 0) {
  TraceRequest request;
  request.batch = batch;
  request.prompt_tokens = prompt;
  request.generated_tokens = generated;
  request.cached_tokens = cached;
  request.group_size = 8;
  return request;
}

const Operator& find(const OperatorTrace& trace, const std::string& name, std::uint32_t step) {
  for (const Operator& op : trace.operators) {
    if (op.name == name && op.step == step) return op;
  }
  throw std::out_of_range(name);
}

const Tensor& find_tensor(const OperatorTrace& trace, const std::string& name) {
  for (const Tensor& tensor : trace.tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::out_of_range(name);
}

std::set<std::uint32_t> steps_of(const OperatorTrace& trace) {
  std::set<std::uint32_t> steps;
  for (const Operator& op : trace.operators) steps.insert(op.step);
  return steps;
}

TEST(TraceBuilder, OperatorsOfAPassFollowTheDocumentedOrder) {
  const OperatorTrace trace = build_trace(tiny_shape(), request_of(1, 3, 1));
  std::vector<std::string> names;
  for (const Operator& op : trace.operators) {
    if (op.layer == 0) names.push_back(op.name);
  }
  EXPECT_THAT(
      names,
      testing::ElementsAre(
          "embedding", "layers.0.attention_norm", "layers.0.attention.q", "layers.0.attention.k",
          "layers.0.attention.v", "layers.0.attention.rope_q", "layers.0.attention.rope_k",
          "layers.0.attention.kv_append_k", "layers.0.attention.kv_append_v",
          "layers.0.attention.score", "layers.0.attention.softmax", "layers.0.attention.value",
          "layers.0.attention.o", "layers.0.attention_add", "layers.0.ffn_norm",
          "layers.0.ffn.gate", "layers.0.ffn.up", "layers.0.ffn.silu_multiply", "layers.0.ffn.down",
          "layers.0.ffn_add", "final_norm", "lm_head", "sample"));
  EXPECT_EQ(trace.operators.size(), 2 * kOperatorsPerLayer + 4);
}

TEST(TraceBuilder, ThePrefillProducesTheFirstTokenAndEveryFurtherOneIsADecodeStep) {
  EXPECT_THAT(steps_of(build_trace(tiny_shape(), request_of(1, 5, 1))), testing::ElementsAre(0));
  const OperatorTrace trace = build_trace(tiny_shape(), request_of(1, 5, 3));
  EXPECT_THAT(steps_of(trace), testing::ElementsAre(0, 1, 2));
  EXPECT_EQ(find(trace, "embedding", 0).phase, Phase::prefill);
  EXPECT_EQ(find(trace, "embedding", 2).phase, Phase::decode);
  EXPECT_EQ(find(trace, "layers.1.attention.score", 0).context, 5u);
  EXPECT_EQ(find(trace, "layers.1.attention.score", 1).context, 6u);
  EXPECT_EQ(find(trace, "layers.1.attention.score", 2).context, 7u);
  EXPECT_EQ(find(trace, "layers.1.attention.score", 2).position, 6u);
}

TEST(TraceBuilder, WithoutAPromptEveryTokenIsADecodeStepOnTopOfTheCache) {
  const OperatorTrace trace = build_trace(tiny_shape(), request_of(1, 0, 2, 9));
  EXPECT_THAT(steps_of(trace), testing::ElementsAre(1, 2));
  EXPECT_EQ(find(trace, "layers.0.attention.score", 1).context, 10u);
  EXPECT_EQ(find(trace, "layers.0.attention.score", 2).context, 11u);
  EXPECT_EQ(find_tensor(trace, "layers.0.k_cache").shape[0], 11u);
}

TEST(TraceBuilder, AChunkOfAPromptStartsAtThePositionsThatAreCached) {
  const OperatorTrace trace = build_trace(tiny_shape(), request_of(1, 4, 1, 6));
  const Operator& score = find(trace, "layers.0.attention.score", 0);
  EXPECT_EQ(score.position, 6u);
  EXPECT_EQ(score.context, 10u);
  EXPECT_EQ(causal_pairs(score), 7u + 8 + 9 + 10);
}

TEST(TraceBuilder, MatmulRowsGrowWithTheBatchAndTheHeadSeesOneRowOfEachSequence) {
  const OperatorTrace trace = build_trace(tiny_shape(), request_of(3, 5, 2));
  EXPECT_EQ(find(trace, "layers.0.attention.q", 0).m, 15u);
  EXPECT_EQ(find(trace, "layers.0.attention.q", 1).m, 3u);
  EXPECT_EQ(find(trace, "lm_head", 0).m, 3u);
  EXPECT_EQ(find(trace, "sample", 0).m, 3u);
  const Operator& score = find(trace, "layers.0.attention.score", 0);
  EXPECT_EQ(score.batch, 3u);
  EXPECT_EQ(score.rows(), 5u);
  EXPECT_EQ(multiply_adds(score), 3u * 6 * 4 * (1 + 2 + 3 + 4 + 5));
  EXPECT_EQ(find_tensor(trace, "layers.0.k_cache").shape, (std::vector<std::uint64_t>{18, 8}));
}

TEST(TraceBuilder, MatmulMultiplyAddsOfADecodeStepEqualTheWeightsThatItReads) {
  const OperatorTrace trace = build_trace(tiny_shape(), request_of(1, 0, 1, 3));
  std::uint64_t products = 0;
  for (const Operator& op : trace.operators) {
    if (op.kind == OperatorKind::matmul) products += multiply_adds(op);
  }
  const std::uint64_t layer = 24 * 24 + 2 * 24 * 8 + 24 * 24 + 3 * 24 * 40;
  EXPECT_EQ(products, 2 * layer + 24 * 50);
}

TEST(TraceBuilder, EveryInputIsWrittenBeforeItIsRead) {
  const OperatorTrace trace = build_trace(tiny_shape(), request_of(2, 4, 3));
  std::set<TensorId> written;
  for (OperatorId id = 0; id < trace.operators.size(); ++id) {
    const Operator& op = trace.operators[id];
    for (const TensorId input : op.inputs) {
      const Tensor& tensor = trace.tensors[input];
      if (tensor.role == TensorRole::activation || tensor.role == TensorRole::kv_cache) {
        EXPECT_TRUE(written.count(input)) << op.name << " reads " << tensor.name;
      }
    }
    for (const OperatorId dependency : op.depends_on) EXPECT_LT(dependency, id);
    written.insert(op.outputs.begin(), op.outputs.end());
  }
}

TEST(TraceBuilder, TheScoreDependsOnTheRotatedQueryAndOnTheAppendedKeys) {
  const OperatorTrace trace = build_trace(tiny_shape(), request_of(1, 4, 1));
  const Operator& score = find(trace, "layers.1.attention.score", 0);
  std::vector<std::string> names;
  for (const OperatorId id : score.depends_on) names.push_back(trace.operators[id].name);
  EXPECT_THAT(names,
              testing::ElementsAre("layers.1.attention.rope_q", "layers.1.attention.kv_append_k"));
}

TEST(TraceBuilder, ADecodeStepStartsFromTheTokenThatThePassBeforeChose) {
  const OperatorTrace trace = build_trace(tiny_shape(), request_of(1, 4, 2));
  const Operator& embedding = find(trace, "embedding", 1);
  EXPECT_EQ(trace.tensors[embedding.inputs[0]].name, "sample@0");
  ASSERT_EQ(embedding.depends_on.size(), 1u);
  EXPECT_EQ(trace.operators[embedding.depends_on[0]].name, "sample");
}

TEST(TraceBuilder, FormatsAreThoseOfTheReferenceTransformer) {
  TraceRequest request = request_of(1, 4, 1);
  request.kv_bits = 8;
  const OperatorTrace trace = build_trace(tiny_shape(), request);
  using F = spec::NumberFormat;
  auto format = [&](const char* name) { return find_tensor(trace, name).format; };
  EXPECT_EQ(format("embedding@0"), F::fp32);
  EXPECT_EQ(format("layers.0.attention_norm@0"), F::fp16);
  EXPECT_EQ(format("layers.0.attention.q@0"), F::fp32);
  EXPECT_EQ(format("layers.0.attention.rope_q@0"), F::fp16);
  EXPECT_EQ(format("layers.0.attention.rope_k@0"), F::fp16);
  EXPECT_EQ(format("layers.0.k_cache"), F::int8);
  EXPECT_EQ(format("layers.0.attention.score@0"), F::fp32);
  EXPECT_EQ(format("layers.0.attention.softmax@0"), F::fp32);
  EXPECT_EQ(format("layers.0.attention.value@0"), F::fp16);
  EXPECT_EQ(format("layers.0.ffn.silu_multiply@0"), F::fp16);
  EXPECT_EQ(format("layers.0.ffn_add@0"), F::fp32);
  EXPECT_EQ(format("lm_head@0"), F::fp32);
  EXPECT_EQ(format("final_norm.weight"), F::fp32);
  EXPECT_TRUE(find_tensor(trace, "layers.0.ffn.w_down").weight.is_bcq());
  EXPECT_FALSE(find_tensor(trace, "lm_head.weight").weight.is_bcq());
}

TEST(TraceBuilder, ATiedHeadReadsTheEmbeddingTable) {
  models::ModelShape shape = tiny_shape();
  shape.tied_embedding = true;
  const OperatorTrace trace = build_trace(shape, request_of(1, 4, 1));
  EXPECT_EQ(trace.tensors[find(trace, "lm_head", 0).inputs[1]].name, "embedding.weight");
  EXPECT_THROW(find_tensor(trace, "lm_head.weight"), std::out_of_range);
}

TEST(TraceBuilder, RefusesRequestsThatCannotBeExecuted) {
  EXPECT_THROW(build_trace(tiny_shape(), request_of(0, 4, 1)), spec::SpecError);
  EXPECT_THROW(build_trace(tiny_shape(), request_of(1, 0, 1)), spec::SpecError);
  EXPECT_THROW(build_trace(tiny_shape(), request_of(1, 4, 0)), spec::SpecError);
  EXPECT_NO_THROW(build_trace(tiny_shape(), request_of(1, 30, 3)));
  EXPECT_THROW(build_trace(tiny_shape(), request_of(1, 30, 4)), spec::SpecError);
  TraceRequest request = request_of(1, 4, 1);
  request.kv_bits = 5;
  EXPECT_THROW(build_trace(tiny_shape(), request), spec::SpecError);
  request = request_of(1, 4, 1);
  request.weight_bits = 9;
  EXPECT_THROW(build_trace(tiny_shape(), request), spec::SpecError);
  models::ModelShape shape = tiny_shape();
  shape.kv_heads = 4;
  EXPECT_THROW(build_trace(shape, request_of(1, 4, 1)), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::workloads
