// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/energy/account.h"
#include "models/energy/sensitivity.h"
#include "models/gpu/gpu_model.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::tools {

/// The accelerator against one GPU at one precision on one line, both on the same operator trace.
struct GpuComparison {
  std::string name;   ///< "a100-80gb"
  std::string title;  ///< full name of the part
  models::GpuPrecision precision = models::GpuPrecision::fp16;
  models::GpuLine line = models::GpuLine::served;
  models::GpuResult result;
  models::Estimate speed_ratio;                     ///< accelerator's tokens/s over the GPU's
  models::Interval power_efficiency_ratio;          ///< accelerator's tokens/J over the GPU's
  std::vector<models::Sensitivity> most_sensitive;  ///< largest swing first
};

/// Every named GPU, FP16 and the weight-only precision nearest to `weight_bits`, on all three
/// lines. The first entry is the first GPU, FP16, as served: what most users have. `tokens_per_s`
/// and `energy` are the accelerator's. Throws config::InputError for an unknown GPU.
std::vector<GpuComparison> compare_with_gpus(const std::string& names,
                                             const workloads::OperatorTrace& trace,
                                             double weight_bits, double tokens_per_s,
                                             const models::EnergyReport& energy,
                                             std::uint64_t seed);

}  // namespace lutsim::tools
