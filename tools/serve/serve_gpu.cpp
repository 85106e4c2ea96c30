// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "tools/serve/serve_devices.h"

namespace lutsim::tools {

using workloads::Device;

workloads::GpuServerOptions fitted(workloads::GpuServerOptions o, std::uint32_t count) {
  constexpr std::uint32_t kMost = 16;
  for (o.count = count > 0 ? count : 1;; o.count *= 2) {
    try {
      workloads::GpuServer probe(o);
      return o;
    } catch (const spec::SpecError&) {
      if (count > 0 || o.count >= kMost) throw;
    }
  }
}
ServedDevice serve_gpu(const ServeSpec& spec, const ServeOptions& options,
                       const workloads::GpuServerOptions& o,
                       const std::vector<workloads::Request>& requests) {
  ServedDevice device;
  device.name = o.gpu.name;
  device.count = o.count;
  device.replicas = spec.gpu_replicas;
  device.precision = spec::to_string_of(o.precision);
  device.line = spec::to_string_of(o.line);
  device.policy = {spec.gpu_token_budget, spec.gpu_max_sequences, spec.prefix_reuse};
  const Stopwatch watch;
  std::vector<std::unique_ptr<Device>> devices;
  for (std::uint32_t i = 0; i < spec.gpu_replicas; ++i)
    devices.push_back(std::make_unique<workloads::GpuServer>(o));
  device.memory = dynamic_cast<const workloads::GpuServer&>(*devices.front()).memory();
  limit_context(device.memory, spec);
  device.run =
      workloads::serve(requests, device.memory, device.policy, devices,
                       [&](std::uint64_t done, std::uint64_t total) {
                         if (options.progress)
                           options.progress(device.name + " " + device.precision, done, total);
                       });
  const double idle = device.run.idle_j;
  device.joules = {idle, idle * o.gpu.power_interval.low, idle * o.gpu.power_interval.high};
  for (const auto& one : devices) {
    const auto& server = dynamic_cast<const workloads::GpuServer&>(*one);
    device.joules.value += server.joules().value;
    device.joules.low += server.joules().low;
    device.joules.high += server.joules().high;
    device.adapter_moves += server.adapter_moves();
  }
  device.serving_s = watch.seconds();
  return device;
}
}  // namespace lutsim::tools
