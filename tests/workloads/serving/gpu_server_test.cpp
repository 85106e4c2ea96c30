// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/gpu_server.h"

#include <gtest/gtest.h>

#include "workloads/llm/shape_library.h"
#include "workloads/trace/gpu_kernels.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::workloads {
namespace {

GpuServerOptions options(const std::string& model, std::uint32_t count = 1) {
  GpuServerOptions o;
  o.gpu = models::load_gpu("h100-sxm");
  o.count = count;
  o.shapes = {find_shape(model)};
  return o;
}

/// A batch of one kind is the pass that the GPU model knows: same time, same energy.
void expect_equal_to_trace(const std::string& model, const Batch& batch,
                           const TraceRequest& request) {
  const GpuServerOptions o = options(model);
  GpuServer server(o);
  const IterationCost cost = server.execute(batch);
  const auto should = models::evaluate_gpu(o.gpu, o.line, o.precision,
                                           gpu_workload(build_trace(o.shapes[0], request)));
  EXPECT_NEAR(cost.seconds / should.total_s.value, 1, 2e-3) << model;
  EXPECT_NEAR(cost.joules / should.energy_j.value, 1, 2e-3) << model;
}

TEST(GpuServer, ADecodeBatchCostsWhatTheGpuModelSays) {
  for (const char* model : {"llama-3.1-8b", "gemma-2-9b", "mistral-7b-v0.1", "opt-6.7b"}) {
    if (!is_published(model)) continue;
    Batch batch;
    for (std::uint32_t i = 0; i < 16; ++i) batch.slices.push_back({i, 1000, 1, true, 0});
    TraceRequest request;
    request.batch = 16;
    request.cached_tokens = 1000;
    expect_equal_to_trace(model, batch, request);
  }
}

TEST(GpuServer, APromptCostsWhatTheGpuModelSays) {
  Batch batch;
  batch.slices.push_back({0, 512, 256, true, 0});
  TraceRequest request;
  request.prompt_tokens = 256;
  request.cached_tokens = 512;
  expect_equal_to_trace("llama-3.1-8b", batch, request);
}

TEST(GpuServer, AMixedIterationIsCheaperThanItsParts) {
  Batch decode, chunk, mixed;
  for (std::uint32_t i = 0; i < 16; ++i) decode.slices.push_back({i, 1000, 1, true, 0});
  chunk.slices.push_back({99, 0, 512, false, 0});
  mixed.slices = decode.slices;
  mixed.slices.push_back(chunk.slices[0]);
  GpuServer server(options("llama-3.1-8b"));
  const double a = server.execute(decode).seconds, b = server.execute(chunk).seconds;
  const double both = server.execute(mixed).seconds;
  EXPECT_LT(both, a + b);
  EXPECT_GT(both, std::max(a, b));
}

TEST(GpuServer, MemoryIsWhatWeightsAndReserveLeave) {
  GpuServer server(options("llama-3.1-8b"));
  const DeviceMemory& m = server.memory();
  // 32 layers x 8 KV heads x 128 x 2 x 2 B; 8.03e9 parameters.
  EXPECT_DOUBLE_EQ(m.page_bytes, 16 * 131072.0);
  EXPECT_NEAR(m.weight_bytes / 16.06e9, 1, 0.01);
  EXPECT_EQ(m.pages, static_cast<std::uint32_t>((72e9 - m.weight_bytes) / m.page_bytes));
}

TEST(GpuServer, SeveralGpusShareWeightsAndTime) {
  EXPECT_THROW(GpuServer(options("llama-2-70b")), spec::SpecError);
  GpuServer two(options("llama-2-70b", 2)), four(options("llama-2-70b", 4));
  EXPECT_NEAR(two.memory().weight_bytes / 138e9, 1, 0.02);
  Batch batch;
  batch.slices.push_back({0, 1000, 1, true, 0});
  const IterationCost a = two.execute(batch), b = four.execute(batch);
  EXPECT_GT(a.seconds / b.seconds, 1.4);
  EXPECT_LT(a.seconds / b.seconds, 2.0);
  EXPECT_GT(b.joules, a.joules);
}

TEST(GpuServer, AnAdapterThatIsNotInPlaceIsMoved) {
  GpuServerOptions o = options("llama-3.1-8b");
  o.adapters = 2;
  o.adapter_bytes = 100e6;
  GpuServer server(o), plain(options("llama-3.1-8b"));
  Batch batch;
  batch.slices.push_back({0, 1000, 1, true, 0});
  const double same = server.execute(batch).seconds;
  EXPECT_DOUBLE_EQ(same, plain.execute(batch).seconds);
  batch.slices[0].adapter = 1;
  const double moved = server.execute(batch).seconds;
  EXPECT_NEAR(moved - same, 100e6 / (o.gpu.gemm.bandwidth_efficiency * o.gpu.memory_bandwidth),
              1e-9);
  EXPECT_DOUBLE_EQ(server.execute(batch).seconds, same);
  EXPECT_EQ(server.adapter_moves(), 1u);
}

}  // namespace
}  // namespace lutsim::workloads
