// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/gpu_server.h"

#include <utility>

namespace lutsim::workloads {

namespace {

constexpr std::uint32_t kCacheProbe = 2;  // positions whose cache is measured
constexpr double kFp16Bytes = 2;
/// One direction of a fourth-generation NVLink port, 900 GB/s in both (H100 data sheet).
constexpr double kLinkBandwidth = 450e9;
/// Assumed: a small all-reduce inside a node, launch included. No measurement is at hand.
constexpr double kAllReduceLatency = 10e-6;

models::GpuResult stored(const GpuServerOptions& o, const MixedSteps& steps, bool with_cache) {
  models::GpuWorkload workload = steps.storage(kCacheProbe);
  if (!with_cache) workload.kv_bytes = 0;
  return models::evaluate_gpu(o.gpu, o.line, o.precision, workload);
}

DeviceMemory memory_of(const GpuServerOptions& o, const std::vector<MixedSteps>& steps) {
  // Each GPU holds its share; the smallest unit is a page of all of them.
  double weights = 0;
  std::vector<double> cache;
  std::vector<std::uint32_t> context;
  for (const MixedSteps& s : steps) {
    const double alone = stored(o, s, false).stored_bytes;
    weights += alone * o.count;
    cache.push_back((stored(o, s, true).stored_bytes - alone) / kCacheProbe * o.count);
    context.push_back(s.shape().max_context);
  }
  weights += o.adapter_bytes * (o.adapters - 1);
  const double capacity = o.gpu.memory_capacity * o.count;
  return divide_memory(capacity, weights, o.reserve * capacity, cache, context, o.page_tokens,
                       std::to_string(o.count) + " x " + o.gpu.name);
}

double collective_seconds(const GpuServerOptions& o, const models::ModelShape& shape,
                          const Batch& batch) {
  if (o.count == 1) return 0;
  double rows = 0;
  for (const Slice& slice : batch.slices) rows += slice.rows;
  const double share = 2.0 * (o.count - 1) / o.count;
  const double bytes = share * rows * shape.hidden * kFp16Bytes;
  return 2.0 * shape.layers * (kAllReduceLatency + bytes / kLinkBandwidth);
}

}  // namespace

GpuServer::GpuServer(GpuServerOptions options) : options_(std::move(options)) {
  for (const models::ModelShape& shape : options_.shapes)
    steps_.emplace_back(shape, options_.count, options_.routing);
  memory_ = memory_of(options_, steps_);
}

IterationCost GpuServer::execute(const Batch& batch) {
  const GpuServerOptions& o = options_;
  models::GpuWorkload workload;
  workload.steps.push_back(steps_[batch.model].step(batch));
  workload.generated_tokens = 1;
  const models::GpuResult result = models::evaluate_gpu(o.gpu, o.line, o.precision, workload);
  const std::uint32_t moves = adapters_.moves(batch);
  adapter_moves_ += moves;
  const double adapter_bytes = moves * o.adapter_bytes;
  const double adapter_s =
      adapter_bytes / o.count / (o.gpu.gemm.bandwidth_efficiency * o.gpu.memory_bandwidth);
  // The ideal line has its activations where they are needed.
  const double collective_s = o.line == models::GpuLine::ideal
                                  ? 0
                                  : collective_seconds(o, steps_[batch.model].shape(), batch);
  const double extra_j = o.count * collective_s * o.gpu.power.base +
                         o.count * adapter_s * o.gpu.power.base +
                         adapter_bytes * o.gpu.power.per_byte;
  const auto& power = o.gpu.power_interval;
  joules_.value += o.count * result.energy_j.value + extra_j;
  joules_.low += o.count * result.energy_j.low + extra_j * power.low;
  joules_.high += o.count * result.energy_j.high + extra_j * power.high;
  return {result.total_s.value + collective_s + adapter_s,
          o.count * result.energy_j.value + extra_j};
}

double GpuServer::idle_watts() const { return options_.count * options_.gpu.power.base; }

}  // namespace lutsim::workloads
