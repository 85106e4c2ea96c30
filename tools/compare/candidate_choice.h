// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "tools/run/gpu_selection.h"
#include "tools/run/run_spec.h"

namespace lutsim::tools {

/// A finished run.
struct RunChoice {
  std::string text;
  std::filesystem::path result;  ///< its result.json
};

/// An accelerator that is to run the workload.
struct AcceleratorChoice {
  std::string text;
  RunSpec spec;
};

/// GPUs, one precision and line of them.
struct GpuLineChoice {
  std::string text;
  GpuSelection gpus;
  models::GpuPrecision precision = models::GpuPrecision::fp16;
  models::GpuLine line = models::GpuLine::served;
};

using CandidateChoice = std::variant<RunChoice, AcceleratorChoice, GpuLineChoice>;

/// What one argument of `lutsim compare` stands for:
///
///   a folder of a run, or its result.json
///   ARCH[:CHIPS][:KEY=VALUE]...     KEY: engine, a field of the workload that the hardware chooses
///                                   (weight_bits, group_size, kv_bits, sparsity, method), or a
///                                   path of the architecture
///   GPU[:COUNT][:PRECISION][:LINE]  without a precision FP16 and the weight-only or integer one
///                                   nearest to the workload's weight bits; without a line `served`
///
/// Throws config::InputError with the nearest name.
std::vector<CandidateChoice> parse_candidate(const std::string& text, const RunSpec& base);

}  // namespace lutsim::tools
