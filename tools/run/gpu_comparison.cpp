// SPDX-License-Identifier: Apache-2.0
#include "tools/run/gpu_comparison.h"

#include <algorithm>
#include <utility>

#include "tools/support/split.h"
#include "workloads/trace/gpu_kernels.h"

namespace lutsim::tools {

using models::GpuLine;
using models::GpuPrecision;

namespace {

/// The named GPU that calls itself `device`; empty when it is none of them. Devices report the
/// names of their products; the first match counts.
std::string named_gpu(const std::string& device) {
  static const std::pair<const char*, const char*> kNames[] = {{"H100 PCIe", "h100-pcie"},
                                                               {"H100", "h100-sxm"},
                                                               {"H200", "h200-sxm"},
                                                               {"B200", "b200-sxm"},
                                                               {"A100-SXM4-80", "a100-80gb"},
                                                               {"A100 80GB", "a100-80gb"},
                                                               {"A100", "a100-40gb"},
                                                               {"L40S", "l40s"},
                                                               {"A40", "a40"},
                                                               {"NVIDIA L4", "l4"},
                                                               {"RTX 4090", "rtx-4090"},
                                                               {"RTX 3090", "rtx-3090"},
                                                               {"Orin", "jetson-agx-orin"}};
  for (const auto& [part, name] : kNames) {
    if (device.find(part) != std::string::npos) return name;
  }
  return "";
}

/// What a GPU is compared with.
struct Accelerator {
  double tokens_per_s;
  const models::EnergyReport& energy;
  std::vector<double> joules;  ///< drawn from the ranges of the constants
  models::Sampling sampling;
};

void compare(GpuComparison& c, const Accelerator& accelerator, double tokens) {
  const models::GpuEstimate& speed = c.result.tokens_per_s;
  c.speed_ratio = {accelerator.tokens_per_s / speed.value, accelerator.tokens_per_s / speed.high,
                   accelerator.tokens_per_s / speed.low};
  if (!c.has_energy) return;
  const models::Estimate estimate{c.result.tokens_per_j.value, c.result.tokens_per_j.low,
                                  c.result.tokens_per_j.high};
  c.power_efficiency_ratio = models::interval_of(
      tokens / accelerator.energy.total / estimate.value,
      models::draw_efficiency_ratios(accelerator.joules, tokens, estimate, accelerator.sampling));
  c.most_sensitive = models::efficiency_ratio_sensitivity(accelerator.energy, tokens, estimate);
}

std::vector<GpuLine> lines_of(const GpuSelection& selection) {
  if (selection.line) return {*selection.line};
  return {GpuLine::served, GpuLine::kernel, GpuLine::ideal};
}

models::GpuEstimate exactly(double value) { return {value, value, value}; }

/// A measured line. Its power, where the part is known, is that of the model on the same line.
GpuComparison measured_line(const workloads::MeasuredTimes& measured, GpuLine line,
                            const models::GpuWorkload& workload) {
  GpuComparison c;
  c.source = GpuSource::measured;
  c.line = line;
  c.title = measured.device;
  c.measured_precision = measured.precision;
  const std::string known = named_gpu(measured.device);
  c.name = known.empty() ? measured.device : known;
  c.has_energy = !known.empty();
  const double seconds = line == GpuLine::served ? measured.span_s : measured.kernel_s;
  const auto tokens = static_cast<double>(workload.generated_tokens);
  models::GpuResult& r = c.result;
  r.fits_memory = true;
  r.total_s = exactly(seconds);
  r.tokens_per_s = exactly(tokens / seconds);
  if (!c.has_energy) return c;
  r.power_w =
      models::evaluate_gpu(models::load_gpu(known), line, GpuPrecision::fp16, workload).power_w;
  r.energy_j = {r.power_w.value * seconds, r.power_w.low * seconds, r.power_w.high * seconds};
  r.tokens_per_j = {tokens / r.energy_j.value, tokens / r.energy_j.high, tokens / r.energy_j.low};
  return c;
}

}  // namespace

std::vector<GpuPrecision> precisions_of(const GpuSelection& selection, double weight_bits) {
  if (selection.precision) return {*selection.precision};
  return {GpuPrecision::fp16, weight_bits <= 3   ? GpuPrecision::int3
                              : weight_bits <= 4 ? GpuPrecision::int4
                                                 : GpuPrecision::int8};
}

std::vector<GpuComparison> compare_with_gpus(const std::string& names,
                                             const workloads::OperatorTrace& trace,
                                             double weight_bits, double tokens_per_s,
                                             const models::EnergyReport& energy,
                                             std::uint64_t seed) {
  const models::GpuWorkload workload = workloads::gpu_workload(trace);
  const auto tokens = static_cast<double>(workload.generated_tokens);
  const models::Sampling sampling{seed};
  const Accelerator accelerator{tokens_per_s, energy,
                                models::draw_joules(energy.constants, sampling), sampling};
  std::vector<GpuComparison> result;
  if (trace.measured) {
    for (const GpuLine line : {GpuLine::served, GpuLine::kernel}) {
      result.push_back(measured_line(*trace.measured, line, workload));
      compare(result.back(), accelerator, tokens);
    }
  }
  for (const std::string& name : split_names(names)) {
    const GpuSelection selection = parse_gpu_selection(name);
    const models::GpuWorkload share =
        selection.count == 1 ? workload : workloads::gpu_workload(trace, selection.count);
    for (const GpuPrecision precision : precisions_of(selection, weight_bits)) {
      for (const GpuLine line : lines_of(selection)) {
        GpuComparison c;
        c.name = selection.name();
        c.title = selection.title();
        c.precision = precision;
        c.line = line;
        c.result = models::evaluate_gpu(selection.gpu, line, precision, share);
        compare(c, accelerator, tokens);
        result.push_back(std::move(c));
      }
    }
  }
  return result;
}

}  // namespace lutsim::tools
