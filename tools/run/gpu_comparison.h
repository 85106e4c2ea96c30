// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/energy/account.h"
#include "models/energy/sensitivity.h"
#include "models/gpu/gpu_model.h"
#include "tools/run/gpu_selection.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::tools {

/// Where the times of a GPU come from: our model of it, or a profile that the trace carries.
enum class GpuSource { model, measured };
inline auto enum_names(GpuSource) {
  return std::array<spec::EnumName<GpuSource>, 2>{
      {{GpuSource::model, "model"}, {GpuSource::measured, "measured"}}};
}

/// The accelerator against one GPU at one precision on one line, both on the same operator trace.
struct GpuComparison {
  std::string name;  ///< "a100-80gb", of four "h100-sxm:4"; measured on a part that we do not know:
                     ///< what it calls itself
  std::string title;  ///< full name of the part
  GpuSource source = GpuSource::model;
  std::string measured_precision;  ///< of a measured line: "bf16"
  bool has_energy = true;          ///< false: measured on a part whose power we do not know
  models::GpuPrecision precision = models::GpuPrecision::fp16;
  models::GpuLine line = models::GpuLine::served;
  models::GpuResult result;
  std::string precision_name() const {
    return source == GpuSource::measured ? measured_precision : spec::to_string_of(precision);
  }
  models::Estimate speed_ratio;                     ///< accelerator's tokens/s over the GPU's
  models::Interval power_efficiency_ratio;          ///< accelerator's tokens/J over the GPU's
  std::vector<models::Sensitivity> most_sensitive;  ///< largest swing first
};

/// The precision that was asked for, else FP16 and the one nearest to weights of so many bits: INT3
/// up to 3, INT4 up to 4, else INT8.
std::vector<models::GpuPrecision> precisions_of(const GpuSelection& selection, double weight_bits);

/// Every selection of `names` (GpuSelection, separated by commas) at each of its precisions_of(),
/// on the line that was asked for, else on all three. The first entry is what most users have: the
/// first GPU, FP16, as served. A trace that carries measured times puts two lines before them:
/// `served`, the span of the GPU's work, and `kernel`, the sum of its kernels' times. A profile has
/// no power: the energy is the measured time at the power of our model of that GPU, and there is
/// none when we do not know the part. `tokens_per_s` and `energy` are the accelerator's. Throws
/// config::InputError for an unknown GPU.
std::vector<GpuComparison> compare_with_gpus(const std::string& names,
                                             const workloads::OperatorTrace& trace,
                                             double weight_bits, double tokens_per_s,
                                             const models::EnergyReport& energy,
                                             std::uint64_t seed);

}  // namespace lutsim::tools
