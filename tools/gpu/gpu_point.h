// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/gpu/gpu_model.h"

/// What `lutsim gpu` answers: one matrix product, or one step of a model.
namespace lutsim::tools {

/// As the user spells it.
struct GpuPoint {
  std::string gpu = "a100-80gb";      ///< name or file; "h100-sxm:4" for four
  std::uint32_t tensor_parallel = 0;  ///< 0: what `gpu` says, else one
  std::string gemm;                   ///< "M,N,K"; empty: a step of `model`
  std::string model;
  std::string phase = "decode", format = "fp16", line = "kernel";
  std::uint32_t batch = 1, context = 512;
};

/// The point, evaluated.
struct GpuAnswer {
  models::GpuSpec gpu;
  models::GpuWorkload workload;  ///< of a GEMM: one step with that kernel
  models::GpuResult result;
  double tokens = 0;  ///< generated, in prefill those of the prompts; 0: a GEMM has none
};

/// Throws config::InputError, spec::SpecError.
GpuAnswer answer(const GpuPoint& point);

/// With the schema "lutsim.gpu_result/1" (docs/gpu_baseline.md). `kernels`: with the launches of
/// the step and what each takes.
nlohmann::ordered_json to_json(const GpuPoint& point, const GpuAnswer& answer, bool kernels);

/// Reads a CSV file of points. Its header names columns of GpuPoint; what a row leaves out or empty
/// is as in `usual`. Throws config::InputError with file and line of everything that is wrong.
std::vector<GpuPoint> read_gpu_points(const std::filesystem::path& file, const GpuPoint& usual);

}  // namespace lutsim::tools
