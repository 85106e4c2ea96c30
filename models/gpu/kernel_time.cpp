// SPDX-License-Identifier: Apache-2.0
#include "models/gpu/kernel_time.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace lutsim::models {

namespace {

constexpr double kFp16Bytes = 2;
constexpr double kFp32Bytes = 4;
constexpr double kFp8KvShare = 0.5;
constexpr double kTera = 1e12;

/// Output tiles, rows by columns, that GEMM libraries choose from, and the ways in which they split
/// K (CUTLASS's documentation of efficient GEMMs; cuBLAS picks by heuristic, here the best is
/// taken).
struct Tile {
  double rows, columns;
};
constexpr std::array<Tile, 8> kTiles{
    {{256, 128}, {128, 256}, {128, 128}, {64, 256}, {64, 128}, {128, 64}, {64, 64}, {32, 64}}};
constexpr std::array<double, 4> kSplits{1, 2, 4, 8};

double pick(const GpuWeightOnlySpec& kernel, GpuBound bound) {
  switch (bound) {
    case GpuBound::fastest:
      return kernel.high;
    case GpuBound::slowest:
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

GpuArithmetic weight_only(const GpuWeightOnlySpec& kernel, double peak, GpuBound bound) {
  return {kernel.bits_per_weight / 8, peak, pick(kernel, bound), 1,
          bound == GpuBound::fastest ? 0 : kernel.unpacking};
}

/// Seconds of the multiplications of a GEMM: waves of output tiles over the multiprocessors. Split
/// parts of K are summed through memory: written once, read once, the sum written again. Fewer rows
/// than the lowest tile has take their share of it: kernels for few rows pad none.
double wave_seconds(const GpuSpec& gpu, const GpuKernel& gemm, double peak) {
  const auto m = static_cast<double>(gemm.m), n = static_cast<double>(gemm.n);
  const auto k = static_cast<double>(gemm.k);
  const double processors = gpu.multiprocessors;
  const double filled = std::min(1.0, m / kTiles.back().rows);
  double best = std::numeric_limits<double>::infinity();
  for (const Tile& tile : kTiles) {
    const double tiles = std::ceil(m / tile.rows) * std::ceil(n / tile.columns);
    const double outputs = tile.rows * tile.columns;
    const double tile_seconds = filled * 2 * (outputs + gpu.gemm.tile_overhead) * k * processors /
                                (gpu.gemm.compute_efficiency * peak);
    for (const double split : kSplits) {
      const double waves = std::ceil(tiles * split / processors);
      const double moved = split > 1 ? 2 * kFp32Bytes * tiles * split * outputs : 0;
      best = std::min(best, waves * tile_seconds / split + moved / (3 * gpu.memory_bandwidth));
    }
  }
  return best;
}

}  // namespace

GpuArithmetic gpu_arithmetic(const GpuSpec& gpu, GpuPrecision precision, GpuBound bound) {
  const double fp16 = gpu.peak_fp16_tflops * kTera;
  const double efficiency = gpu.gemm.bandwidth_efficiency;
  switch (precision) {
    case GpuPrecision::fp8:
      return {1, required_peak(gpu, gpu.peak_fp8_tflops, precision), efficiency, kFp8KvShare};
    case GpuPrecision::int8:
      return {1, required_peak(gpu, gpu.peak_int8_tops, precision), efficiency};
    case GpuPrecision::int4:
      return weight_only(gpu.int4, fp16, bound);
    case GpuPrecision::int3:
      return weight_only(gpu.int3, fp16, bound);
    case GpuPrecision::fp16:
      break;
  }
  return {kFp16Bytes, fp16, efficiency};
}

GpuLoad gpu_load(const GpuSpec& gpu, const GpuArithmetic& arithmetic, const GpuKernel& kernel) {
  const double elements = static_cast<double>(kernel.n) * static_cast<double>(kernel.k);
  GpuLoad load;
  load.weight_bytes = elements * (kernel.is_decoder_weight ? arithmetic.weight_bytes : kFp16Bytes);
  load.kv_bytes = kernel.kv_bytes * arithmetic.kv_share;
  load.bytes = load.weight_bytes + load.kv_bytes + kernel.activation_bytes;
  load.flops = kernel.flops;
  load.peak = kernel.is_decoder_weight ? arithmetic.peak : gpu.peak_fp16_tflops * kTera;
  load.unpacked = kernel.is_decoder_weight ? elements : 0;
  return load;
}

double kernel_seconds(const GpuSpec& gpu, const GpuArithmetic& arithmetic,
                      const GpuKernel& kernel) {
  if (kernel.kind == GpuKernelKind::collective)
    return gpu.link.latency + kernel.link_bytes / (gpu.link.efficiency * gpu.link.bandwidth);
  const GpuLoad load = gpu_load(gpu, arithmetic, kernel);
  const bool is_gemm = kernel.kind == GpuKernelKind::gemm;
  const GpuKernelSpec& costs = is_gemm                                   ? gpu.gemm
                               : kernel.kind == GpuKernelKind::attention ? gpu.attention
                                                                         : gpu.elementwise;
  const double weight_efficiency =
      (kernel.is_decoder_weight ? arithmetic.weight_efficiency : costs.bandwidth_efficiency) *
      (kernel.groups > 1 ? costs.grouped_efficiency : 1);
  const double memory = (load.weight_bytes / weight_efficiency +
                         (load.bytes - load.weight_bytes) / costs.bandwidth_efficiency) /
                        gpu.memory_bandwidth;
  const double stream = kernel.streams > 0 && costs.stream_bandwidth > 0
                            ? load.kv_bytes / (kernel.streams * costs.stream_bandwidth)
                            : 0;
  const double compute = is_gemm ? wave_seconds(gpu, kernel, load.peak)
                                 : load.flops / (costs.compute_efficiency * load.peak);
  return costs.launch + std::hypot(memory, stream, compute);
}

}  // namespace lutsim::models
