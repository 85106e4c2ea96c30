// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "models/spec/field.h"

/// Parameters of the GPU baseline: what the data sheet says and what was fitted to measurements.
/// Fitted values come from tools/fit_gpu; docs/gpu_baseline.md says from which points.
namespace lutsim::models {

/// Cost of one kind of kernel: launch + soft roofline of bytes and operations.
struct GpuKernelSpec {
  double launch = 0;
  double bandwidth_efficiency = 1;
  double compute_efficiency = 1;
  double tile_overhead = 0;
  double stream_bandwidth = 0;
  double grouped_efficiency = 1;

  static constexpr auto fields() {
    using S = GpuKernelSpec;
    using spec::field;
    return std::make_tuple(
        field("launch", &S::launch, "time of a kernel that does nothing")
            .in(spec::Unit::second)
            .range(0, 1e-3),
        field("bandwidth_efficiency", &S::bandwidth_efficiency,
              "share of the memory bandwidth that the kernel reaches; above 1 where the L2 cache "
              "holds the operands")
            .range(0.01, 4),
        field("compute_efficiency", &S::compute_efficiency,
              "share of the peak rate that the kernel reaches")
            .range(0.01, 1),
        field("tile_overhead", &S::tile_overhead,
              "GEMM: outputs that a tile could have computed while it fills and drains")
            .range(0, 1e6)
            .maybe(),
        field("stream_bandwidth", &S::stream_bandwidth,
              "attention: bandwidth that one KV head of one sequence can draw; 0: no limit")
            .in(spec::Unit::byte_per_second)
            .range(0, 1e14)
            .maybe(),
        field("grouped_efficiency", &S::grouped_efficiency,
              "GEMM of many experts: share of a plain GEMM's bandwidth that it reaches on weights")
            .range(0.01, 1)
            .maybe());
  }
};

/// A weight-only quantised GEMM kernel: weights of few bits, FP16 arithmetic.
struct GpuWeightOnlySpec {
  double bits_per_weight = 0;
  double bandwidth_efficiency = 1;
  double low = 1;
  double high = 1;
  double unpacking = 0;
  std::string source;

  static constexpr auto fields() {
    using S = GpuWeightOnlySpec;
    using spec::field;
    return std::make_tuple(
        field("bits_per_weight", &S::bits_per_weight,
              "stored bits, scales and zero points included")
            .range(1, 16),
        field("bandwidth_efficiency", &S::bandwidth_efficiency,
              "share of the memory bandwidth that it reaches on the stored weights")
            .range(0.01, 1),
        field("low", &S::low, "the least share that the sources give").range(0.01, 1),
        field("high", &S::high, "the greatest share that the sources give").range(0.01, 1),
        field("unpacking", &S::unpacking,
              "energy that turning one stored weight into a number costs; the interval of the "
              "energy reaches down to none")
            .in(spec::Unit::joule)
            .range(0, 1e-9)
            .maybe(),
        field("source", &S::source, "where the three shares come from"));
  }
};

/// What a serving framework adds to the kernels of a forward pass.
struct GpuServingSpec {
  double step = 0;
  double group = 0;
  double sequence = 0;
  double logit = 0;

  static constexpr auto fields() {
    using S = GpuServingSpec;
    using spec::field;
    return std::make_tuple(
        field("step", &S::step, "time per forward pass").in(spec::Unit::second).range(0, 1),
        field("group", &S::group, "the same again where several GPUs have to be told what to do")
            .in(spec::Unit::second)
            .range(0, 1)
            .maybe(),
        field("sequence", &S::sequence,
              "time of the host per forward pass and sequence of the batch")
            .in(spec::Unit::second)
            .range(0, 1),
        field("logit", &S::logit,
              "time of the sampler per sequence and entry of the vocabulary, meanwhile")
            .in(spec::Unit::second)
            .range(0, 1e-6)
            .maybe());
  }
};

/// Links between the GPUs that share a model. A collective takes latency + bytes that one GPU sends
/// / (efficiency * bandwidth).
struct GpuLinkSpec {
  double bandwidth = 0;
  double efficiency = 1;
  double latency = 0;

  static constexpr auto fields() {
    using S = GpuLinkSpec;
    using spec::field;
    return std::make_tuple(
        field("bandwidth", &S::bandwidth, "one direction, all links of one GPU")
            .in(spec::Unit::byte_per_second)
            .range(1e9, 1e13),
        field("efficiency", &S::efficiency, "share of the bandwidth that a collective reaches")
            .range(0.01, 1),
        field("latency", &S::latency, "time of a collective that moves nothing, launch included")
            .in(spec::Unit::second)
            .range(0, 1e-2));
  }
};

/// Board power: demand = base + per_byte * bytes/s + per_flop * flop/s, bent below the power limit.
/// The three trade off against each other in the fit: none of them is a physical constant.
struct GpuPowerSpec {
  double base = 0;
  double per_byte = 0;
  double per_flop = 0;

  static constexpr auto fields() {
    using S = GpuPowerSpec;
    using spec::field;
    return std::make_tuple(
        field("base", &S::base, "power with nothing to do").in(spec::Unit::watt).range(0, 1e4),
        field("per_byte", &S::per_byte, "energy per byte moved")
            .in(spec::Unit::joule)
            .range(0, 1e-8),
        field("per_flop", &S::per_flop, "energy per floating-point operation")
            .in(spec::Unit::joule)
            .range(0, 1e-9));
  }
};

/// Measured / modelled: 10th and 90th percentile over points that the fit did not see.
struct GpuInterval {
  double low = 1;
  double high = 1;

  static constexpr auto fields() {
    using S = GpuInterval;
    using spec::field;
    return std::make_tuple(field("low", &S::low, "10th percentile").range(0.01, 1),
                           field("high", &S::high, "90th percentile").range(1, 100));
  }
};

/// One GPU: models/hardware/gpu/NAME.yaml. Peak rates are dense, without structured sparsity.
struct GpuSpec {
  std::string schema = kSchema;
  std::string name;
  std::string title;
  std::string description;
  std::string source;
  bool fitted = false;
  std::uint32_t multiprocessors = 0;
  double memory_bandwidth = 0;
  double memory_capacity = 0;
  double power_limit = 0;
  double peak_fp16_tflops = 0;
  double peak_fp8_tflops = 0;
  double peak_int8_tops = 0;
  GpuKernelSpec gemm;
  GpuKernelSpec attention;
  GpuKernelSpec elementwise;
  GpuWeightOnlySpec int4;
  GpuWeightOnlySpec int3;
  GpuLinkSpec link;
  GpuServingSpec serving;
  GpuPowerSpec power;
  GpuInterval kernel_time_interval;
  GpuInterval served_time_interval;
  GpuInterval power_interval;

  static constexpr const char* kSchema = "lutsim.gpu/1";

  static constexpr auto fields() {
    using S = GpuSpec;
    using spec::field;
    using spec::Unit;
    return std::make_tuple(
        field("schema", &S::schema, "format of this file: lutsim.gpu/1"),
        field("name", &S::name, "name of the configuration"),
        field("title", &S::title, "full name of the part"),
        field("description", &S::description, "what was fitted and what was assumed"),
        field("source", &S::source, "of the data-sheet figures"),
        field("fitted", &S::fitted, "kernels, serving and power were all fitted to measurements"),
        field("multiprocessors", &S::multiprocessors, "streaming multiprocessors").range(1, 1024),
        field("memory_bandwidth", &S::memory_bandwidth, "peak bandwidth of the memory")
            .in(Unit::byte_per_second)
            .range(1e9, 1e14),
        field("memory_capacity", &S::memory_capacity, "bytes of memory")
            .in(Unit::byte)
            .range(1e9, 1e13),
        field("power_limit", &S::power_limit, "TDP").in(Unit::watt).range(1, 1e4),
        field("peak_fp16_tflops", &S::peak_fp16_tflops, "10^12 FP16 operations per second")
            .range(1, 1e5),
        field("peak_fp8_tflops", &S::peak_fp8_tflops, "the same in FP8; 0: it has no FP8")
            .range(0, 1e5),
        field("peak_int8_tops", &S::peak_int8_tops, "the same in INT8; 0: it has no INT8")
            .range(0, 1e5),
        field("gemm", &S::gemm, "kernels of weight matrices"),
        field("attention", &S::attention, "fused attention kernels"),
        field("elementwise", &S::elementwise, "norms, RoPE, activation functions, cache writes"),
        field("int4", &S::int4, "weight-only INT4 kernels"),
        field("int3", &S::int3, "weight-only INT3 kernels"),
        field("link", &S::link, "to the other GPUs of a tensor-parallel group"),
        field("serving", &S::serving, "overhead of the serving framework"),
        field("power", &S::power, "board power"),
        field("kernel_time_interval", &S::kernel_time_interval, "error of a kernel's time"),
        field("served_time_interval", &S::served_time_interval, "error of a served step's time"),
        field("power_interval", &S::power_interval, "error of the power"));
  }
};

/// Throws SpecError when the schema is another, or a weight-only range does not hold its value.
void validate(const GpuSpec& gpu);

/// Names of the GPUs that the project ships, sorted.
std::vector<std::string> list_gpus();

/// Reads a GPU by name or from a file. Throws config::InputError with the nearest name.
GpuSpec load_gpu(const std::string& name_or_path);

/// GPUs that share every layer of a model (tensor parallel).
struct GpuGroup {
  GpuSpec gpu;
  std::uint32_t count = 0;  ///< 0: not said
};

/// "h100-sxm" or "h100-sxm:4". Throws config::InputError.
GpuGroup load_gpu_group(const std::string& text);

}  // namespace lutsim::models
