// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/gpu_kernels.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/workloads/trace/tiny_shape.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::workloads {
namespace {

using models::GpuKernel;

TraceRequest decode_request(std::uint32_t batch, std::uint32_t cached) {
  TraceRequest request;
  request.batch = batch;
  request.cached_tokens = cached;
  request.group_size = 8;
  return request;
}

const GpuKernel& find(const models::GpuStep& step, const std::string& name) {
  for (const GpuKernel& kernel : step.kernels) {
    if (kernel.name == name) return kernel;
  }
  throw std::out_of_range(name);
}

TEST(GpuKernels, MatmulsOfOneInputAreOneGemm) {
  const auto workload = gpu_workload(build_trace(test::tiny_shape(), decode_request(3, 7)));
  ASSERT_EQ(workload.steps.size(), 1u);
  const GpuKernel& qkv = find(workload.steps[0], "attention.q");
  EXPECT_EQ(qkv.m, 3u);
  EXPECT_EQ(qkv.n, 24u + 2 * 8);
  EXPECT_EQ(qkv.k, 24u);
  EXPECT_EQ(qkv.count, 2u);  // layers
  EXPECT_EQ(find(workload.steps[0], "ffn.gate").n, 2u * 40);
  EXPECT_THROW(find(workload.steps[0], "attention.k"), std::out_of_range);
  EXPECT_THROW(find(workload.steps[0], "ffn.up"), std::out_of_range);
}

TEST(GpuKernels, AttentionIsOneKernelThatReadsEveryCache) {
  const auto workload = gpu_workload(build_trace(test::tiny_shape(), decode_request(3, 7)));
  const GpuKernel& attention = find(workload.steps[0], "attention.score");
  EXPECT_EQ(attention.kind, models::GpuKernelKind::attention);
  EXPECT_DOUBLE_EQ(attention.kv_bytes, 2.0 * 2 * 3 * 8 * 8);  // keys, values; FP16; 8 positions
  EXPECT_DOUBLE_EQ(attention.flops, 4.0 * 3 * 8 * 24);
}

TEST(GpuKernels, FusionLosesNoMultiplyAdd) {
  TraceRequest request = decode_request(2, 0);
  request.prompt_tokens = 5;
  request.generated_tokens = 3;
  const OperatorTrace trace = build_trace(test::tiny_shape(), request);
  double expected = 0;
  for (const Operator& op : trace.operators)
    expected += 2.0 * static_cast<double>(multiply_adds(op));
  double flops = 0;
  for (const auto& step : gpu_workload(trace).steps) {
    for (const GpuKernel& kernel : step.kernels) flops += kernel.count * kernel.flops;
  }
  EXPECT_DOUBLE_EQ(flops, expected);
}

TEST(GpuKernels, TheBitsOfTheTraceDoNotMatterToTheGpu) {
  TraceRequest plain = decode_request(1, 7);
  plain.weight_bits = 16;
  const auto a = gpu_workload(build_trace(test::tiny_shape(), decode_request(1, 7)));
  const auto b = gpu_workload(build_trace(test::tiny_shape(), plain));
  EXPECT_DOUBLE_EQ(a.decoder_weights, b.decoder_weights);
  EXPECT_DOUBLE_EQ(a.kv_bytes, b.kv_bytes);
  EXPECT_EQ(a.steps[0].kernels.size(), b.steps[0].kernels.size());
}

TEST(GpuKernels, OnlyTheMatricesOfTheLayersTakeThePrecision) {
  const auto workload = gpu_workload(build_trace(test::tiny_shape(), decode_request(1, 7)));
  const double layer = 24 * 24 + 2 * 24 * 8 + 24 * 24 + 3 * 24 * 40;
  EXPECT_DOUBLE_EQ(workload.decoder_weights, 2 * layer);
  EXPECT_DOUBLE_EQ(workload.other_weights, 2 * 24 * 50 + 5 * 24);
  EXPECT_TRUE(find(workload.steps[0], "ffn.down").is_decoder_weight);
  EXPECT_FALSE(find(workload.steps[0], "lm_head").is_decoder_weight);
}

TEST(GpuKernels, EveryStepOfATraceIsAPass) {
  TraceRequest request = decode_request(2, 0);
  request.prompt_tokens = 5;
  request.generated_tokens = 3;
  const auto workload = gpu_workload(build_trace(test::tiny_shape(), request));
  ASSERT_EQ(workload.steps.size(), 3u);
  EXPECT_TRUE(workload.steps[0].is_prefill);
  EXPECT_FALSE(workload.steps[1].is_prefill);
  EXPECT_EQ(workload.generated_tokens, 6u);
}

TEST(GpuKernels, AGroupSharesEveryLayerAndReducesTwiceALayer) {
  const OperatorTrace trace = build_trace(test::tiny_shape(), decode_request(3, 7));
  const auto whole = gpu_workload(trace), half = gpu_workload(trace, 2);
  EXPECT_EQ(whole.gpus, 1u);
  EXPECT_EQ(half.gpus, 2u);
  EXPECT_EQ(find(half.steps[0], "ffn.gate").n, 40u);
  EXPECT_EQ(find(half.steps[0], "ffn.down").k, 20u);
  std::uint32_t reductions = 0;
  double flops[2] = {0, 0};
  for (const GpuKernel& k : half.steps[0].kernels) {
    flops[1] += k.count * k.flops;
    if (k.name.find(".all_reduce") == std::string::npos) continue;
    EXPECT_EQ(k.kind, models::GpuKernelKind::collective);
    // A ring of two: each GPU sends half of the sums and half of the results, FP16.
    EXPECT_DOUBLE_EQ(k.link_bytes, 2.0 * 3 * 24);
    reductions += k.count;
  }
  EXPECT_EQ(reductions, 2u * 2);
  for (const GpuKernel& k : whole.steps[0].kernels) {
    EXPECT_NE(k.kind, models::GpuKernelKind::collective);
    flops[0] += k.count * k.flops;
  }
  EXPECT_DOUBLE_EQ(2 * flops[1], flops[0]);
  EXPECT_EQ(half.steps[0].logits, whole.steps[0].logits);
}

TEST(GpuKernels, AttentionHasAStreamForEachKvHeadOfASequence) {
  const auto workload = gpu_workload(build_trace(test::tiny_shape(), decode_request(3, 7)));
  EXPECT_EQ(find(workload.steps[0], "attention.score").streams, 3.0 * 2);
}

TEST(GpuKernels, RefusesAScoreWithoutItsValue) {
  OperatorTrace trace = build_trace(test::tiny_shape(), decode_request(1, 7));
  for (Operator& op : trace.operators) {
    if (op.kind == OperatorKind::attention_value) op.kind = OperatorKind::add;
  }
  EXPECT_THROW(gpu_workload(trace), std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::workloads
