// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "models/spec/field.h"

namespace lutsim::spec {

/// Formats of tensor elements. BCQ weights are a format of a whole matrix: see WeightFormat.
enum class NumberFormat { fp32, fp16, bf16, int8, int4, int32 };

inline auto enum_names(NumberFormat) {
  return std::array<EnumName<NumberFormat>, 6>{{{NumberFormat::fp32, "fp32"},
                                                {NumberFormat::fp16, "fp16"},
                                                {NumberFormat::bf16, "bf16"},
                                                {NumberFormat::int8, "int8"},
                                                {NumberFormat::int4, "int4"},
                                                {NumberFormat::int32, "int32"}}};
}

/// Encoding of an IEEE-754-style binary format: 1 sign bit, `exponent_bits`, `mantissa_bits`
/// (fraction, without the hidden one). Subnormals are kept; the top exponent is infinity and NaN.
struct FloatEncoding {
  std::uint32_t exponent_bits;
  std::uint32_t mantissa_bits;
  constexpr std::uint32_t width() const { return 1 + exponent_bits + mantissa_bits; }
  constexpr std::int32_t bias() const { return (1 << (exponent_bits - 1)) - 1; }
};

constexpr bool is_float(NumberFormat f) {
  return f == NumberFormat::fp32 || f == NumberFormat::fp16 || f == NumberFormat::bf16;
}

/// Encoding of a floating-point format. Precondition: is_float(f).
constexpr FloatEncoding float_encoding(NumberFormat f) {
  return f == NumberFormat::fp16   ? FloatEncoding{5, 10}
         : f == NumberFormat::bf16 ? FloatEncoding{8, 7}
                                   : FloatEncoding{8, 23};
}

/// Storage width of one element, in bits.
constexpr std::uint32_t width_bits(NumberFormat f) {
  switch (f) {
    case NumberFormat::int4:
      return 4;
    case NumberFormat::int8:
      return 8;
    case NumberFormat::int32:
      return 32;
    default:
      return float_encoding(f).width();
  }
}

}  // namespace lutsim::spec
