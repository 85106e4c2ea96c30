// SPDX-License-Identifier: Apache-2.0
/// A decode step of a model on a GPU, by the installed libraries.
#include <cstdlib>
#include <iostream>

#include "models/gpu/gpu_model.h"
#include "workloads/llm/shape_library.h"
#include "workloads/trace/gpu_kernels.h"
#include "workloads/trace/trace_builder.h"

int main() {
  using namespace lutsim;
  setenv("LUTSIM_SHARE", SHARE, 1);
  workloads::TraceRequest request;
  request.cached_tokens = 511;
  const auto trace = workloads::build_trace(workloads::find_shape("llama-2-7b-hf"), request);
  const auto gpu = models::load_gpu("h100-sxm");
  const auto result = models::evaluate_gpu(gpu, models::GpuLine::served, models::GpuPrecision::fp16,
                                           workloads::gpu_workload(trace));
  std::cout << gpu.name << ": " << result.tokens_per_s.value << " tokens/s\n";
  return result.tokens_per_s.value > 10 ? 0 : 1;
}
