// SPDX-License-Identifier: Apache-2.0
#include "models/bcq/uniform_view.h"

#include <cmath>

namespace lutsim::models {
namespace {

bool is_uniform(const BcqMatrix& w, std::uint32_t group, std::uint32_t row) {
  const float half = w.alpha_of(group, row, 0);
  for (std::uint32_t plane = 1; plane < w.weight_bits; ++plane) {
    if (w.alpha_of(group, row, plane) != std::ldexp(half, static_cast<int>(plane))) return false;
  }
  const float offset = w.offset_of(group, row);
  if (half == 0) return offset == 0;
  // Whatever the quotient is, only an integer in this range gives the offset back exactly.
  const std::int32_t most = (1 << w.weight_bits) - 1;
  const float odd = std::round(offset / half);
  if (!(std::abs(odd) <= static_cast<float>(most)) || odd * half != offset) return false;
  return (most - static_cast<std::int32_t>(odd)) % 2 == 0;
}

}  // namespace

void require_uniform(const BcqMatrix& w, const std::string& name) {
  for (std::uint32_t group = 0; group < w.groups(); ++group) {
    for (std::uint32_t row = 0; row < w.n; ++row) {
      if (is_uniform(w, group, row)) continue;
      throw spec::SpecError(name + ": the scales of row " + std::to_string(row) + ", group " +
                            std::to_string(group) +
                            " are not those of uniform weights with a zero point of 0.." +
                            std::to_string((1 << w.weight_bits) - 1));
    }
  }
}

}  // namespace lutsim::models
