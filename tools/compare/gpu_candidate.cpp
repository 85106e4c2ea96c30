// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/gpu_candidate.h"

#include <fmt/core.h>

#include <algorithm>

#include "tools/run/format_units.h"
#include "workloads/trace/gpu_kernels.h"

namespace lutsim::tools {

using models::GpuLine;
using models::GpuPrecision;

namespace {

models::Estimate relative(const models::GpuEstimate& e) {
  return {1, e.low / e.value, e.high / e.value};
}

/// How much of the time no GPU could avoid, and what comes on top of it.
std::string time_reason(const GpuLineChoice& choice, const models::GpuWorkload& workload) {
  const auto seconds = [&](GpuLine line) {
    return models::evaluate_gpu(choice.gpus.gpu, line, choice.precision, workload).total_s.value;
  };
  const double all = seconds(choice.line), ideal = seconds(GpuLine::ideal);
  std::string text = fmt::format("{} of its time at full bandwidth ({}) or peak rate",
                                 percent(ideal / all), si(choice.gpus.gpu.memory_bandwidth, "B/s"));
  if (choice.line == GpuLine::ideal) return text;
  const double kernels = seconds(GpuLine::kernel);
  text += fmt::format(", {} kernels short of it", percent((kernels - ideal) / all));
  if (choice.line == GpuLine::served) {
    text += fmt::format(", {} the serving framework", percent((all - kernels) / all));
  }
  return text;
}

}  // namespace

double weight_bits_of(GpuPrecision precision) {
  switch (precision) {
    case GpuPrecision::fp16:
      return 16;
    case GpuPrecision::int4:
      return 4;
    case GpuPrecision::int3:
      return 3;
    default:
      return 8;
  }
}

Candidate gpu_candidate(const GpuLineChoice& choice, const workloads::OperatorTrace& trace,
                        const models::CostTable& costs) {
  Candidate c;
  c.name = choice.text;
  c.kind = CandidateKind::gpu;
  const models::GpuSpec& gpu = choice.gpus.gpu;
  const std::uint32_t count = choice.gpus.count;
  c.title = fmt::format("{}, {}, {}", choice.gpus.title(), spec::to_string_of(choice.precision),
                        spec::to_string_of(choice.line));
  const models::GpuWorkload workload = workloads::gpu_workload(trace, count);
  const models::GpuResult r = models::evaluate_gpu(gpu, choice.line, choice.precision, workload);
  if (!r.fits_memory) {
    c.failure = fmt::format("needs {} of memory, has {}{}", si(r.stored_bytes, "B"),
                            si(gpu.memory_capacity, "B"), count == 1 ? "" : " on each");
    return c;
  }
  // The errors of one part lie at the same place for all its lines.
  const std::size_t time =
      add_input(c, "time of " + c.name, "x", relative(r.total_s), "time of " + gpu.name);
  const double tokens = static_cast<double>(workload.generated_tokens);
  const std::size_t energy =
      add_input(c, "energy of " + c.name, "x", relative(r.energy_j), "energy of " + gpu.name);
  const auto times = [](std::size_t input, double value) {
    return [=](const InputValues& v) { return Draws(value * v[input]); };
  };
  const auto over = [](double value, std::size_t input) {
    return [=](const InputValues& v) { return Draws(value / v[input]); };
  };
  c.formulas[Metric::tokens_per_s] = over(tokens / r.total_s.value, time);
  c.formulas[Metric::energy_per_token] = times(energy, r.energy_j.value / tokens);
  c.formulas[Metric::tokens_per_j] = over(tokens / r.energy_j.value, energy);
  c.formulas[Metric::power] = [=, watt = r.power_w.value](const InputValues& v) {
    return Draws(watt * v[energy] / v[time]);
  };
  const auto steps = static_cast<double>(
      std::count_if(workload.steps.begin(), workload.steps.end(),
                    [](const models::GpuStep& step) { return !step.is_prefill; }));
  const double first = r.prefill_s.value > 0 ? r.prefill_s.value : r.decode_s.value / steps;
  c.formulas[Metric::ttft] = times(time, first);
  if (steps > 0) {
    c.formulas[Metric::tpot] = times(time, r.decode_s.value / steps);
  } else {
    c.unknown[Metric::tpot] = "the workload has no decode step";
  }
  const double free = count * (gpu.memory_capacity - r.stored_bytes);
  c.formulas[Metric::memory_free] = [free](const InputValues& v) {
    return Draws(Draws::Constant(v[0].size(), free));
  };
  c.unknown[Metric::area] = "not the area of a part that is bought";
  c.time_reason = time_reason(choice, workload);
  c.energy_reason =
      fmt::format("{} for {} a token", si(r.power_w.value, "W"), si(r.total_s.value / tokens, "s"));
  if (const auto price = add_cost(c, costs, "gpu." + gpu.name)) {
    c.formulas[Metric::price] = [price, count](const InputValues& v) {
      return Draws(count * v[*price]);
    };
  }
  add_cost_per_token(c, costs);
  return c;
}

}  // namespace lutsim::tools
