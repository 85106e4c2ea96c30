// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/gpu_server.h"

#include <utility>

namespace lutsim::workloads {

namespace {

constexpr std::uint32_t kCacheProbe = 2;  // positions whose cache is measured

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

}  // namespace

GpuServer::GpuServer(GpuServerOptions options) : options_(std::move(options)) {
  for (const models::ModelShape& shape : options_.shapes)
    steps_.emplace_back(shape, options_.count, options_.routing);
  memory_ = memory_of(options_, steps_);
}

IterationCost GpuServer::execute(const Batch& batch) {
  const GpuServerOptions& o = options_;
  models::GpuWorkload workload;
  workload.gpus = o.count;
  workload.steps.push_back(steps_[batch.model].step(batch));
  workload.generated_tokens = 1;
  const models::GpuResult result = models::evaluate_gpu(o.gpu, o.line, o.precision, workload);
  const std::uint32_t moves = adapters_.moves(batch);
  adapter_moves_ += moves;
  const double adapter_bytes = moves * o.adapter_bytes;
  const double adapter_s =
      adapter_bytes / o.count / (o.gpu.gemm.bandwidth_efficiency * o.gpu.memory_bandwidth);
  const double extra_j =
      o.count * adapter_s * o.gpu.power.base + adapter_bytes * o.gpu.power.per_byte;
  const auto& power = o.gpu.power_interval;
  joules_.value += result.energy_j.value + extra_j;
  joules_.low += result.energy_j.low + extra_j * power.low;
  joules_.high += result.energy_j.high + extra_j * power.high;
  return {result.total_s.value + adapter_s, result.energy_j.value + extra_j};
}

double GpuServer::idle_watts() const { return options_.count * options_.gpu.power.base; }

}  // namespace lutsim::workloads
