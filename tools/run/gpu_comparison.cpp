// SPDX-License-Identifier: Apache-2.0
#include "tools/run/gpu_comparison.h"

#include <sstream>

#include "workloads/trace/gpu_kernels.h"

namespace lutsim::tools {

using models::GpuLine;
using models::GpuPrecision;

namespace {

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> result;
  std::istringstream in(names);
  for (std::string name; std::getline(in, name, ',');) {
    if (!name.empty()) result.push_back(name);
  }
  return result;
}

}  // namespace

std::vector<GpuComparison> compare_with_gpus(const std::string& names,
                                             const workloads::OperatorTrace& trace,
                                             double weight_bits, double tokens_per_s,
                                             const models::EnergyReport& energy,
                                             std::uint64_t seed) {
  const models::GpuWorkload workload = workloads::gpu_workload(trace);
  const auto tokens = static_cast<double>(workload.generated_tokens);
  const GpuPrecision low_bit = weight_bits <= 3   ? GpuPrecision::int3
                               : weight_bits <= 4 ? GpuPrecision::int4
                                                  : GpuPrecision::int8;
  const models::Sampling sampling{seed};
  const std::vector<double> joules = models::draw_joules(energy.constants, sampling);
  std::vector<GpuComparison> result;
  for (const std::string& name : split(names)) {
    const models::GpuSpec gpu = models::load_gpu(name);
    for (const GpuPrecision precision : {GpuPrecision::fp16, low_bit}) {
      for (const GpuLine line : {GpuLine::served, GpuLine::kernel, GpuLine::ideal}) {
        GpuComparison c;
        c.name = gpu.name;
        c.title = gpu.title;
        c.precision = precision;
        c.line = line;
        c.result = models::evaluate_gpu(gpu, line, precision, workload);
        const models::GpuEstimate& speed = c.result.tokens_per_s;
        c.speed_ratio = {tokens_per_s / speed.value, tokens_per_s / speed.high,
                         tokens_per_s / speed.low};
        const models::Estimate estimate{c.result.tokens_per_j.value, c.result.tokens_per_j.low,
                                        c.result.tokens_per_j.high};
        c.power_efficiency_ratio =
            models::interval_of(tokens / energy.total / estimate.value,
                                models::draw_efficiency_ratios(joules, tokens, estimate, sampling));
        c.most_sensitive = models::efficiency_ratio_sensitivity(energy, tokens, estimate);
        result.push_back(std::move(c));
      }
    }
  }
  return result;
}

}  // namespace lutsim::tools
