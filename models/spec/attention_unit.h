// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "models/spec/field.h"

namespace lutsim::spec {

/// Which unit multiplies queries by keys and probabilities by values: the floating-point lanes of
/// the vector unit, or the matrix unit, to which a quantised KV cache is a BCQ matrix like any
/// other. Softmax and masks are the vector unit's either way.
enum class AttentionUnit { lanes, matrix };
inline auto enum_names(AttentionUnit) {
  return std::array<EnumName<AttentionUnit>, 2>{
      {{AttentionUnit::lanes, "lanes"}, {AttentionUnit::matrix, "matrix"}}};
}

}  // namespace lutsim::spec
