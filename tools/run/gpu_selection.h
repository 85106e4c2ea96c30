// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "models/gpu/gpu_model.h"

namespace lutsim::tools {

/// GPUs as a user names them, NAME[:COUNT][:PRECISION][:LINE]: "a100-80gb", "h100-sxm:4:fp16",
/// "h100-sxm:int4:kernel". What is absent is the caller's choice.
struct GpuSelection {
  models::GpuSpec gpu;
  std::uint32_t count = 1;  ///< that share every layer
  std::optional<models::GpuPrecision> precision;
  std::optional<models::GpuLine> line;

  /// "h100-sxm:4"; without the count when it is 1.
  std::string name() const;
  /// "4 x NVIDIA H100 SXM"
  std::string title() const;
};

/// Throws config::InputError with the nearest name, spec::SpecError for a count that is none.
GpuSelection parse_gpu_selection(const std::string& text);

}  // namespace lutsim::tools
