// SPDX-License-Identifier: Apache-2.0
#include "models/engine/align.h"

#include <algorithm>

#include "models/numerics/float_format.h"

namespace lutsim::models {
namespace {

/// Fields of one activation in act_format, right-aligned.
struct Fields {
  bool negative;
  std::uint32_t exponent;
  std::uint32_t fraction;
};

Fields fields_of(spec::NumberFormat format, float x) {
  const spec::FloatEncoding encoding = spec::float_encoding(format);
  const std::uint32_t bits = bits_of(format, x);
  const std::uint32_t magnitude = bits & ((1u << (encoding.width() - 1)) - 1);
  return {magnitude != bits, magnitude >> encoding.mantissa_bits,
          magnitude & ((1u << encoding.mantissa_bits) - 1)};
}

}  // namespace

AlignedSegment align(const spec::MatrixSpec& spec, const float* x, std::uint32_t length) {
  const spec::FloatEncoding encoding = spec::float_encoding(spec.act_format);
  const std::uint32_t special = (1u << encoding.exponent_bits) - 1;  // infinity and NaN
  const auto width = static_cast<std::int32_t>(spec.align_bits);
  const auto significand_bits = static_cast<std::int32_t>(encoding.mantissa_bits) + 1;

  AlignedSegment aligned;
  aligned.mantissa.resize(length);
  std::uint32_t top = 1;
  for (std::uint32_t j = 0; j < length; ++j) {
    top = std::max(top, fields_of(spec.act_format, x[j]).exponent);
  }
  if (top == special) {
    aligned.finite = false;
    return aligned;
  }
  aligned.exponent = static_cast<std::int32_t>(top) - encoding.bias() - width + 2;
  for (std::uint32_t j = 0; j < length; ++j) {
    const Fields field = fields_of(spec.act_format, x[j]);
    const std::uint64_t hidden = field.exponent == 0 ? 0 : 1;
    const std::uint64_t significand = (hidden << encoding.mantissa_bits) | field.fraction;
    const std::uint32_t exponent = std::max(field.exponent, 1u);
    const std::int32_t left =
        width - 1 - significand_bits - static_cast<std::int32_t>(top - exponent);
    const std::uint64_t magnitude =
        left >= 0 ? significand << left : significand >> std::min(-left, 63);
    const auto value = static_cast<std::int32_t>(magnitude);
    aligned.mantissa[j] = field.negative ? -value : value;
  }
  return aligned;
}

}  // namespace lutsim::models
