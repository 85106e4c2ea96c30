// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/gpu/gpu_spec.h"

/// Time and energy of an LLM on a GPU, kernel by kernel (docs/gpu_baseline.md):
///
///   t_kernel = launch + sqrt((bytes / (eta_bw * BW))^2 + (stream bytes / stream_bandwidth)^2
///                            + (flops / (eta_fl * PEAK))^2)
///   t_gather = latency + bytes sent / (eta_link * LINK)
///   t_step   = sum of t_kernel and t_gather + step + group + batch * max(sequence,
///                                                                        logit * vocabulary)
///   P        = D / sqrt(1 + (D / TDP)^2)
///   D        = base + per_byte * bytes/s + per_flop * flop/s + unpacking * weights/s
///
/// of each of the GPUs that share the model.
namespace lutsim::models {

/// `ideal`: weights and cache at full bandwidth, operations at peak rate, perfectly overlapped; no
/// GPU can beat it. `kernel`: the kernels alone, the strongest real GPU. `served`: with the
/// overhead of a serving framework, what users see.
enum class GpuLine { ideal, kernel, served };
inline auto enum_names(GpuLine) {
  return std::array<spec::EnumName<GpuLine>, 3>{
      {{GpuLine::ideal, "ideal"}, {GpuLine::kernel, "kernel"}, {GpuLine::served, "served"}}};
}

/// How the decoder's matrices are stored and multiplied. FP8 and INT8 quantise activations too, and
/// FP8 engines keep the KV cache in FP8; INT4 and INT3 are weight-only with FP16 arithmetic.
/// Embedding, LM head and every other KV cache stay FP16.
enum class GpuPrecision { fp16, fp8, int8, int4, int3 };
inline auto enum_names(GpuPrecision) {
  using P = GpuPrecision;
  return std::array<spec::EnumName<P>, 5>{{{P::fp16, "fp16"},
                                           {P::fp8, "fp8"},
                                           {P::int8, "int8"},
                                           {P::int4, "int4"},
                                           {P::int3, "int3"}}};
}

/// `collective`: the GPUs of a group add up or gather what each has.
enum class GpuKernelKind { gemm, attention, elementwise, collective };
inline auto enum_names(GpuKernelKind) {
  using K = GpuKernelKind;
  return std::array<spec::EnumName<K>, 4>{{{K::gemm, "gemm"},
                                           {K::attention, "attention"},
                                           {K::elementwise, "elementwise"},
                                           {K::collective, "collective"}}};
}

/// `count` equal launches. Sizes are per launch and those of FP16 activations and
/// an FP16 cache.
struct GpuKernel {
  GpuKernelKind kind = GpuKernelKind::elementwise;
  std::string name;
  std::uint64_t m = 0, n = 0, k = 0;  ///< GEMM only: Y[m,n] = X[m,k] W[k,n]
  std::uint64_t groups = 1;           ///< GEMM only: experts, W being the matrices of all
  bool is_decoder_weight = false;     ///< GEMM only: W takes the precision, else it stays FP16
  double kv_bytes = 0;                ///< read from the cache
  double streams = 0;                 ///< attention: KV heads of sequences that are read at once
  double link_bytes = 0;              ///< collective: sent by one GPU
  double activation_bytes = 0;
  double flops = 0;
  std::uint32_t count = 1;
};

/// A GEMM launch with its operands in memory.
GpuKernel gemm_kernel(const std::string& name, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                      bool is_decoder_weight);

/// One forward pass.
struct GpuStep {
  bool is_prefill = false;
  std::uint32_t batch = 1;
  double logits = 0;  ///< of all sequences that the sampler works on
  std::vector<GpuKernel> kernels;
};

/// What one GPU of a group executes; all do the same.
struct GpuWorkload {
  std::uint32_t gpus = 1;
  std::vector<GpuStep> steps;
  std::uint64_t generated_tokens = 0;  ///< of all sequences
  double decoder_weights = 0;          ///< elements that take the precision
  double other_weights = 0;            ///< elements that stay FP16
  double kv_bytes = 0;                 ///< FP16 cache after the last step
};

/// A value with its interval.
struct GpuEstimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

struct GpuResult {
  GpuEstimate prefill_s, decode_s, total_s;
  GpuEstimate energy_j;  ///< of all GPUs
  GpuEstimate power_w;   ///< of all GPUs, mean over the run
  GpuEstimate tokens_per_s, tokens_per_j;
  double stored_bytes = 0;   ///< weights and cache of one GPU
  bool fits_memory = false;  ///< stored_bytes <= memory_capacity; the times do not depend on it
};

/// Runs a workload. Intervals: the errors that the fit showed on points it had not seen; for INT4
/// and INT3 also the range of the kernels' efficiency. The ideal line has no error in time,
/// and no interval reaches below it. Errors
/// of time and power are taken as independent in sign and multiplied, which is the wider choice for
/// energy. Throws SpecError when the GPU lacks the precision, std::invalid_argument when there is
/// no step.
GpuResult evaluate_gpu(const GpuSpec& gpu, GpuLine line, GpuPrecision precision,
                       const GpuWorkload& workload);

/// Seconds of one launch on its own, without an interval; `served` is `kernel`.
double gpu_kernel_seconds(const GpuSpec& gpu, GpuLine line, GpuPrecision precision,
                          const GpuKernel& kernel);

/// One kernel on its own; `served` is `kernel`. Here the ideal line counts activations as well.
GpuResult evaluate_gpu_kernel(const GpuSpec& gpu, GpuLine line, GpuPrecision precision,
                              const GpuKernel& kernel);

}  // namespace lutsim::models
