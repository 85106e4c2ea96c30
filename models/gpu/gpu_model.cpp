// SPDX-License-Identifier: Apache-2.0
#include "models/gpu/gpu_model.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace lutsim::models {

namespace {

constexpr double kFp16Bytes = 2;
constexpr double kFp8KvShare = 0.5;
constexpr double kTera = 1e12;
constexpr double kTileRows = 128;  // rows of the output tile of a large GEMM kernel

/// What a precision makes of the data sheet.
struct Arithmetic {
  double weight_bytes = 0;       ///< per element of the decoder's matrices
  double peak = 0;               ///< operations per second of the decoder's GEMMs
  double weight_efficiency = 0;  ///< share of the bandwidth on the decoder's weights
  double kv_share = 1;           ///< bytes of the cache, FP16 being 1
};

enum class Bound { value, fastest, slowest };

double pick(const GpuWeightOnlySpec& kernel, Bound bound) {
  switch (bound) {
    case Bound::fastest:
      return kernel.high;
    case Bound::slowest:
      return kernel.low;
    default:
      return kernel.bandwidth_efficiency;
  }
}

double required_peak(const GpuSpec& gpu, double tera, GpuPrecision precision) {
  if (tera == 0)
    throw spec::SpecError(gpu.name + " has no " + spec::to_string_of(precision) + " arithmetic");
  return tera * kTera;
}

Arithmetic arithmetic_of(const GpuSpec& gpu, GpuPrecision precision, Bound bound) {
  const double fp16 = gpu.peak_fp16_tflops * kTera;
  const double efficiency = gpu.gemm.bandwidth_efficiency;
  switch (precision) {
    case GpuPrecision::fp8:
      return {1, required_peak(gpu, gpu.peak_fp8_tflops, precision), efficiency, kFp8KvShare};
    case GpuPrecision::int8:
      return {1, required_peak(gpu, gpu.peak_int8_tops, precision), efficiency};
    case GpuPrecision::int4:
      return {gpu.int4.bits_per_weight / 8, fp16, pick(gpu.int4, bound)};
    case GpuPrecision::int3:
      return {gpu.int3.bits_per_weight / 8, fp16, pick(gpu.int3, bound)};
    case GpuPrecision::fp16:
      break;
  }
  return {kFp16Bytes, fp16, efficiency};
}

/// One launch at one precision.
struct Load {
  double weight_bytes = 0;
  double kv_bytes = 0;
  double bytes = 0;  ///< weights, cache and activations
  double flops = 0;
  double peak = 0;
};

Load load_of(const GpuSpec& gpu, const Arithmetic& arithmetic, const GpuKernel& kernel) {
  const double elements = static_cast<double>(kernel.n) * static_cast<double>(kernel.k);
  Load load;
  load.weight_bytes = elements * (kernel.is_decoder_weight ? arithmetic.weight_bytes : kFp16Bytes);
  load.kv_bytes = kernel.kv_bytes * arithmetic.kv_share;
  load.bytes = load.weight_bytes + load.kv_bytes + kernel.activation_bytes;
  load.flops = kernel.flops;
  load.peak = kernel.is_decoder_weight ? arithmetic.peak : gpu.peak_fp16_tflops * kTera;
  return load;
}

double kernel_seconds(const GpuSpec& gpu, const Arithmetic& arithmetic, const GpuKernel& kernel) {
  const Load load = load_of(gpu, arithmetic, kernel);
  const GpuKernelSpec& costs = kernel.kind == GpuKernelKind::gemm        ? gpu.gemm
                               : kernel.kind == GpuKernelKind::attention ? gpu.attention
                                                                         : gpu.elementwise;
  const double weight_efficiency =
      kernel.is_decoder_weight ? arithmetic.weight_efficiency : costs.bandwidth_efficiency;
  const double memory = (load.weight_bytes / weight_efficiency +
                         (load.bytes - load.weight_bytes) / costs.bandwidth_efficiency) /
                        gpu.memory_bandwidth;
  // The part of the last wave of output tiles that computes nothing; short tiles waste less.
  const double rows = static_cast<double>(kernel.m);
  const double idle =
      2 * costs.idle_outputs * static_cast<double>(kernel.k) * std::min(1.0, rows / kTileRows);
  const double compute = (load.flops + idle) / (costs.compute_efficiency * load.peak);
  return costs.launch + std::hypot(memory, compute);
}

/// Bytes, operations and seconds of one pass.
struct StepCost {
  double bytes = 0;
  double flops = 0;
  double seconds = 0;
};

StepCost step_cost(const GpuSpec& gpu, GpuLine line, const Arithmetic& arithmetic,
                   const GpuStep& step) {
  StepCost cost;
  double least_bytes = 0;  // weights and cache: activations may stay on the chip
  double compute = 0;
  for (const GpuKernel& kernel : step.kernels) {
    const double count = kernel.count;
    const Load load = load_of(gpu, arithmetic, kernel);
    cost.bytes += count * load.bytes;
    cost.flops += count * load.flops;
    least_bytes += count * (load.weight_bytes + load.kv_bytes);
    compute += count * load.flops / load.peak;
    if (line != GpuLine::ideal) cost.seconds += count * kernel_seconds(gpu, arithmetic, kernel);
  }
  if (line == GpuLine::ideal) {
    cost.bytes = least_bytes;
    cost.seconds = std::max(least_bytes / gpu.memory_bandwidth, compute);
  } else if (line == GpuLine::served) {
    cost.seconds += gpu.serving.step + gpu.serving.sequence * step.batch;
  }
  return cost;
}

double power_of(const GpuSpec& gpu, const StepCost& cost) {
  const double demand = gpu.power.base + gpu.power.per_byte * cost.bytes / cost.seconds +
                        gpu.power.per_flop * cost.flops / cost.seconds;
  return demand / std::hypot(1.0, demand / gpu.power_limit);
}

/// Seconds of prefill and decode, joules.
struct RunCost {
  double prefill = 0;
  double decode = 0;
  double joules = 0;
};

RunCost run_cost(const GpuSpec& gpu, GpuLine line, const Arithmetic& arithmetic,
                 const GpuWorkload& workload) {
  RunCost run;
  for (const GpuStep& step : workload.steps) {
    const StepCost cost = step_cost(gpu, line, arithmetic, step);
    (step.is_prefill ? run.prefill : run.decode) += cost.seconds;
    run.joules += power_of(gpu, cost) * cost.seconds;
  }
  return run;
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

/// A run at the value and at both ends of the sources, and on the ideal line.
struct Runs {
  RunCost value, fastest, slowest, ideal;
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
  result.power_w = {power, power * gpu.power_interval.low, power * gpu.power_interval.high};
  result.tokens_per_s = inverse(tokens, result.total_s);
  result.tokens_per_j = inverse(tokens, result.energy_j);
  return result;
}

/// Calls run(line, arithmetic) for everything that assemble() needs.
template <class Run>
Runs all_runs(const GpuSpec& gpu, GpuLine line, GpuPrecision precision, const Run& run) {
  const Arithmetic fastest = arithmetic_of(gpu, precision, Bound::fastest);
  return {run(line, arithmetic_of(gpu, precision, Bound::value)), run(line, fastest),
          run(line, arithmetic_of(gpu, precision, Bound::slowest)), run(GpuLine::ideal, fastest)};
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
      all_runs(gpu, line, precision, [&](GpuLine of_line, const Arithmetic& arithmetic) {
        return run_cost(gpu, of_line, arithmetic, workload);
      });
  GpuResult result = assemble(gpu, line, runs, static_cast<double>(workload.generated_tokens));
  const Arithmetic arithmetic = arithmetic_of(gpu, precision, Bound::value);
  result.stored_bytes = workload.decoder_weights * arithmetic.weight_bytes +
                        workload.other_weights * kFp16Bytes +
                        workload.kv_bytes * arithmetic.kv_share;
  result.fits_memory = result.stored_bytes <= gpu.memory_capacity;
  return result;
}

GpuResult evaluate_gpu_kernel(const GpuSpec& gpu, GpuLine line, GpuPrecision precision,
                              const GpuKernel& kernel) {
  const auto run = [&](GpuLine of_line, const Arithmetic& arithmetic) {
    const Load load = load_of(gpu, arithmetic, kernel);
    StepCost cost{load.bytes, load.flops, 0};
    cost.seconds = of_line == GpuLine::ideal
                       ? std::max(load.bytes / gpu.memory_bandwidth, load.flops / load.peak)
                       : kernel_seconds(gpu, arithmetic, kernel);
    RunCost total;
    total.decode = kernel.count * cost.seconds;
    total.joules = power_of(gpu, cost) * total.decode;
    return total;
  };
  const GpuLine of_line = line == GpuLine::served ? GpuLine::kernel : line;
  GpuResult result =
      assemble(gpu, of_line, all_runs(gpu, of_line, precision, run), static_cast<double>(kernel.m));
  result.stored_bytes = load_of(gpu, arithmetic_of(gpu, precision, Bound::value), kernel).bytes;
  result.fits_memory = result.stored_bytes <= gpu.memory_capacity;
  return result;
}

}  // namespace lutsim::models
