// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_capture.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "models/transformer/golden_transformer.h"
#include "models/transformer/quantized_model.h"
#include "tests/models/transformer/random_model.h"
#include "tests/workloads/trace/tiny_shape.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::workloads {
namespace {

constexpr std::uint32_t kNoStopToken = ~0u;

TraceRequest request_of(std::uint32_t prompt, std::uint32_t generated) {
  TraceRequest request;
  request.prompt_tokens = prompt;
  request.generated_tokens = generated;
  request.weight_bits = 3;
  request.group_size = 8;
  return request;
}

/// Executes the request on a random model of the shape and captures what ran.
OperatorTrace execute(const models::ModelShape& shape, const TraceRequest& request) {
  models::QuantizationRecipe recipe;
  recipe.weight_bits = request.weight_bits;
  recipe.layer_bits = request.layer_bits;
  recipe.group_size = request.group_size;
  const models::QuantizedModel model = models::quantize(test::random_model(shape, 5), recipe);
  models::GoldenTransformer transformer(model, spec::MatrixSpec{});
  TraceCapture capture(shape, request);
  transformer.observe_with(&capture);
  std::vector<std::uint32_t> prompt(request.prompt_tokens, 1);
  models::Sampler sampler;
  models::generate(transformer, prompt, request.generated_tokens, sampler, kNoStopToken);
  return capture.take();
}

void expect_equal(const OperatorTrace& captured, const OperatorTrace& built) {
  ASSERT_EQ(captured.operators.size(), built.operators.size());
  for (std::size_t i = 0; i < built.operators.size(); ++i) {
    EXPECT_TRUE(captured.operators[i] == built.operators[i])
        << "operator " << i << ", " << built.operators[i].name;
  }
  ASSERT_EQ(captured.tensors.size(), built.tensors.size());
  for (std::size_t i = 0; i < built.tensors.size(); ++i) {
    EXPECT_TRUE(captured.tensors[i] == built.tensors[i])
        << captured.tensors[i].name << " instead of " << built.tensors[i].name;
  }
  EXPECT_TRUE(captured == built);
}

TEST(TraceCapture, WhatIsExecutedEqualsWhatTheShapeSays) {
  const TraceRequest request = request_of(5, 3);
  expect_equal(execute(test::tiny_shape(), request), build_trace(test::tiny_shape(), request));
}

TEST(TraceCapture, ATiedModelEqualsItsShape) {
  models::ModelShape shape = test::tiny_shape();
  shape.tied_embedding = true;
  const TraceRequest request = request_of(4, 2);
  expect_equal(execute(shape, request), build_trace(shape, request));
}

TEST(TraceCapture, AModelOfMixedBitWidthsEqualsItsShape) {
  TraceRequest request = request_of(4, 2);
  request.layer_bits = {2, 4};
  expect_equal(execute(test::tiny_shape(), request), build_trace(test::tiny_shape(), request));
}

TEST(TraceCapture, ASinglePassEqualsItsShape) {
  const TraceRequest request = request_of(1, 1);
  expect_equal(execute(test::tiny_shape(), request), build_trace(test::tiny_shape(), request));
}

TEST(TraceCapture, RefusesABatch) {
  TraceRequest request = request_of(4, 2);
  request.batch = 2;
  EXPECT_THROW(TraceCapture(test::tiny_shape(), request), spec::SpecError);
}

TEST(TraceCapture, RefusesAnOutputThatIsNotNamedAfterItsOperator) {
  TraceCapture capture(test::tiny_shape(), request_of(1, 1));
  models::ExecutedOperator op;
  op.kind = OperatorKind::add;
  op.name = "layers.0.ffn_add";
  op.m = 1;
  op.n = 24;
  op.output = "layers.0.ffn_sum@0";
  EXPECT_THROW(capture.on_operator(op), std::logic_error);
}

}  // namespace
}  // namespace lutsim::workloads
