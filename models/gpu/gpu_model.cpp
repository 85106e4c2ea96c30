// SPDX-License-Identifier: Apache-2.0
#include "models/gpu/gpu_model.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/gpu/kernel_time.h"

namespace lutsim::models {

namespace {

constexpr double kFp16Bytes = 2;

/// Bytes, operations and seconds of one pass.
struct StepCost {
  double bytes = 0;
  double flops = 0;
  double unpacking = 0;  ///< joules
  double seconds = 0;
};

/// What a serving framework adds to a pass. The host prepares sequences while the sampler works.
double overhead_seconds(const GpuServingSpec& serving, std::uint32_t gpus, const GpuStep& step) {
  return serving.step + (gpus > 1 ? serving.group : 0) +
         std::max(serving.sequence * step.batch, serving.logit * step.logits);
}

StepCost step_cost(const GpuSpec& gpu, GpuLine line, const GpuArithmetic& arithmetic,
                   std::uint32_t gpus, const GpuStep& step) {
  StepCost cost;
  double least_bytes = 0;  // weights and cache: activations may stay on the chip
  double compute = 0;
  for (const GpuKernel& kernel : step.kernels) {
    const double count = kernel.count;
    const GpuLoad load = gpu_load(gpu, arithmetic, kernel);
    cost.bytes += count * load.bytes;
    cost.flops += count * load.flops;
    cost.unpacking += count * load.unpacked * arithmetic.unpacking;
    least_bytes += count * (load.weight_bytes + load.kv_bytes);
    if (load.flops > 0) compute += count * load.flops / load.peak;
    if (line != GpuLine::ideal) cost.seconds += count * kernel_seconds(gpu, arithmetic, kernel);
  }
  if (line == GpuLine::ideal) {
    cost.bytes = least_bytes;
    cost.unpacking = 0;
    cost.seconds = std::max(least_bytes / gpu.memory_bandwidth, compute);
  } else if (line == GpuLine::served) {
    cost.seconds += overhead_seconds(gpu.serving, gpus, step);
  }
  return cost;
}

double power_of(const GpuSpec& gpu, const StepCost& cost) {
  const double demand = gpu.power.base + gpu.power.per_byte * cost.bytes / cost.seconds +
                        gpu.power.per_flop * cost.flops / cost.seconds +
                        cost.unpacking / cost.seconds;
  return demand / std::hypot(1.0, demand / gpu.power_limit);
}

/// Seconds of prefill and decode, joules.
struct RunCost {
  double prefill = 0;
  double decode = 0;
  double joules = 0;
};

RunCost run_cost(const GpuSpec& gpu, GpuLine line, const GpuArithmetic& arithmetic,
                 const GpuWorkload& workload) {
  RunCost run;
  for (const GpuStep& step : workload.steps) {
    const StepCost cost = step_cost(gpu, line, arithmetic, workload.gpus, step);
    (step.is_prefill ? run.prefill : run.decode) += cost.seconds;
    run.joules += workload.gpus * power_of(gpu, cost) * cost.seconds;
  }
  return run;
}

/// `ideal`: with activations, because nothing else is there to keep them on the chip.
double launch_seconds(const GpuSpec& gpu, GpuLine line, const GpuArithmetic& arithmetic,
                      const GpuKernel& kernel) {
  if (line != GpuLine::ideal) return kernel_seconds(gpu, arithmetic, kernel);
  const GpuLoad load = gpu_load(gpu, arithmetic, kernel);
  return std::max(load.bytes / gpu.memory_bandwidth, load.flops / load.peak);
}

GpuInterval time_interval(const GpuSpec& gpu, GpuLine line) {
  switch (line) {
    case GpuLine::kernel:
      return gpu.kernel_time_interval;
    case GpuLine::served:
      return gpu.served_time_interval;
    case GpuLine::ideal:
      break;
  }
  return {};
}

GpuEstimate inverse(double numerator, const GpuEstimate& x) {
  return {numerator / x.value, numerator / x.high, numerator / x.low};
}

/// Modelled seconds with their interval. No GPU is faster than `floor`, its ideal line.
GpuEstimate time_estimate(double value, double fastest, double slowest, double floor,
                          const GpuInterval& interval) {
  return {value, std::max(fastest * interval.low, floor), slowest * interval.high};
}

/// A run at the value and at both ends of the sources, with weights that cost nothing to unpack,
/// and on the ideal line.
struct Runs {
  RunCost value, fastest, slowest, effortless, ideal;
};

GpuResult assemble(const GpuSpec& gpu, GpuLine line, const Runs& runs, double tokens) {
  const GpuInterval time = time_interval(gpu, line);
  GpuResult result;
  result.prefill_s = time_estimate(runs.value.prefill, runs.fastest.prefill, runs.slowest.prefill,
                                   runs.ideal.prefill, time);
  result.decode_s = time_estimate(runs.value.decode, runs.fastest.decode, runs.slowest.decode,
                                  runs.ideal.decode, time);
  result.total_s = {result.prefill_s.value + result.decode_s.value,
                    result.prefill_s.low + result.decode_s.low,
                    result.prefill_s.high + result.decode_s.high};
  // Energy grows with time even where power falls, because power has a constant part.
  const double shortening = result.total_s.low / (runs.fastest.prefill + runs.fastest.decode);
  result.energy_j = {runs.value.joules, runs.fastest.joules * shortening * gpu.power_interval.low,
                     runs.slowest.joules * time.high * gpu.power_interval.high};
  const double power = runs.value.joules / result.total_s.value;
  const double least = runs.effortless.joules / result.total_s.value;
  result.power_w = {power, least * gpu.power_interval.low, power * gpu.power_interval.high};
  result.tokens_per_s = inverse(tokens, result.total_s);
  result.tokens_per_j = inverse(tokens, result.energy_j);
  return result;
}

/// Calls run(line, arithmetic) for everything that assemble() needs.
template <class Run>
Runs all_runs(const GpuSpec& gpu, GpuLine line, GpuPrecision precision, const Run& run) {
  const GpuArithmetic value = gpu_arithmetic(gpu, precision, GpuBound::value);
  const GpuArithmetic fastest = gpu_arithmetic(gpu, precision, GpuBound::fastest);
  const GpuArithmetic slowest = gpu_arithmetic(gpu, precision, GpuBound::slowest);
  GpuArithmetic effortless = value;
  effortless.unpacking = 0;
  const RunCost at_value = run(line, value);
  return {at_value, run(line, fastest), run(line, slowest),
          value.unpacking > 0 ? run(line, effortless) : at_value, run(GpuLine::ideal, fastest)};
}

}  // namespace

GpuKernel gemm_kernel(const std::string& name, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                      bool is_decoder_weight) {
  GpuKernel kernel;
  kernel.kind = GpuKernelKind::gemm;
  kernel.name = name;
  kernel.m = m;
  kernel.n = n;
  kernel.k = k;
  kernel.is_decoder_weight = is_decoder_weight;
  kernel.activation_bytes = kFp16Bytes * static_cast<double>(m) * static_cast<double>(k + n);
  kernel.flops = 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  return kernel;
}

GpuResult evaluate_gpu(const GpuSpec& gpu, GpuLine line, GpuPrecision precision,
                       const GpuWorkload& workload) {
  if (workload.steps.empty()) throw std::invalid_argument("a GPU workload without a step");
  const Runs runs =
      all_runs(gpu, line, precision, [&](GpuLine of_line, const GpuArithmetic& arithmetic) {
        return run_cost(gpu, of_line, arithmetic, workload);
      });
  GpuResult result = assemble(gpu, line, runs, static_cast<double>(workload.generated_tokens));
  const GpuArithmetic arithmetic = gpu_arithmetic(gpu, precision, GpuBound::value);
  result.stored_bytes = workload.decoder_weights * arithmetic.weight_bytes +
                        workload.other_weights * kFp16Bytes +
                        workload.kv_bytes * arithmetic.kv_share;
  result.fits_memory = result.stored_bytes <= gpu.memory_capacity;
  return result;
}

double gpu_kernel_seconds(const GpuSpec& gpu, GpuLine line, GpuPrecision precision,
                          const GpuKernel& kernel) {
  return launch_seconds(gpu, line, gpu_arithmetic(gpu, precision, GpuBound::value), kernel);
}

GpuResult evaluate_gpu_kernel(const GpuSpec& gpu, GpuLine line, GpuPrecision precision,
                              const GpuKernel& kernel) {
  const auto run = [&](GpuLine of_line, const GpuArithmetic& arithmetic) {
    const GpuLoad load = gpu_load(gpu, arithmetic, kernel);
    const double unpacking = of_line == GpuLine::ideal ? 0 : load.unpacked * arithmetic.unpacking;
    StepCost cost{load.bytes, load.flops, unpacking,
                  launch_seconds(gpu, of_line, arithmetic, kernel)};
    RunCost total;
    total.decode = kernel.count * cost.seconds;
    total.joules = power_of(gpu, cost) * total.decode;
    return total;
  };
  const GpuLine of_line = line == GpuLine::served ? GpuLine::kernel : line;
  GpuResult result =
      assemble(gpu, of_line, all_runs(gpu, of_line, precision, run), static_cast<double>(kernel.m));
  result.stored_bytes =
      gpu_load(gpu, gpu_arithmetic(gpu, precision, GpuBound::value), kernel).bytes;
  result.fits_memory = result.stored_bytes <= gpu.memory_capacity;
  return result;
}

}  // namespace lutsim::models
