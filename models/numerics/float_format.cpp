// SPDX-License-Identifier: Apache-2.0
#include "models/numerics/float_format.h"

#include <cassert>

namespace lutsim::models {

float round_to(spec::NumberFormat format, float value) {
  assert(spec::is_float(format));
  switch (format) {
    case spec::NumberFormat::fp16:
      return fp16_from_bits(fp16_bits(value));
    case spec::NumberFormat::bf16:
      return bf16_from_bits(bf16_bits(value));
    default:
      return canonical(value);
  }
}

}  // namespace lutsim::models
