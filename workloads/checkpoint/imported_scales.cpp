// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/imported_scales.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "models/bcq/scale_step.h"
#include "models/numerics/float_format.h"

namespace lutsim::workloads {

void ImportedScales::add(float scale, float kept) {
  ++scales;
  if (kept == scale) return;
  ++rounded;
  largest_change = std::max(largest_change, std::abs(1.0 - double{kept} / double{scale}));
}

std::string ImportedScales::note() const {
  if (rounded == 0) return {};
  char change[32];
  std::snprintf(change, sizeof change, "%.2g", largest_change);
  return std::to_string(rounded) + " of " + std::to_string(scales) +
         " scales have no exact form as FP16 alphas and were rounded, by a factor of 1 +- " +
         change + " at most";
}

std::uint16_t imported_scale(float scale, ImportedScales& counts) {
  const float kept = models::scale_with_fp16_half(scale);
  counts.add(scale, kept);
  return models::fp16_bits(kept);
}

models::BcqMatrix import_uniform(models::UniformMatrix matrix, ImportedScales& counts) {
  for (std::uint16_t& bits : matrix.scale) {
    bits = imported_scale(models::fp16_from_bits(bits), counts);
  }
  return models::to_bcq(matrix);
}

}  // namespace lutsim::workloads
