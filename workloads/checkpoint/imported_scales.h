// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "models/bcq/uniform_matrix.h"

namespace lutsim::workloads {

/// What a checkpoint's scales lost on their way into BCQ. A scale whose half is an FP16 number
/// loses nothing: every FP16 scale of 2^-13 or more.
struct ImportedScales {
  std::uint64_t scales = 0;
  std::uint64_t rounded = 0;  ///< of them, those that went to the nearest with an exact BCQ form
  double largest_change = 0;  ///< of those, relative

  void add(float scale, float kept);
  /// One sentence for the user; empty when nothing was rounded.
  std::string note() const;
};

/// `scale` as FP16 bits, rounded if it has to be and counted.
std::uint16_t imported_scale(float scale, ImportedScales& counts);

/// The matrix in BCQ after its scales went through imported_scale(). Throws spec::SpecError as
/// models::to_bcq.
models::BcqMatrix import_uniform(models::UniformMatrix matrix, ImportedScales& counts);

}  // namespace lutsim::workloads
