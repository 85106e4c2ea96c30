// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/random_values.h"

namespace lutsim::tools {

std::uint32_t random_float_bits(Random& random, const spec::FloatEncoding& encoding) {
  const std::uint32_t man = encoding.mantissa_bits;
  const std::uint32_t top = (1u << encoding.exponent_bits) - 1;
  const std::uint32_t fraction = static_cast<std::uint32_t>(random()) & ((1u << man) - 1);
  const std::uint32_t sign = static_cast<std::uint32_t>(random() & 1) << (encoding.width() - 1);
  switch (random() % 16) {
    case 0:
      return sign;  // zero
    case 1:
      return sign | fraction;  // subnormal
    case 2:
      return sign | 1u << (random() % man);  // subnormal power of two
    case 3:
      return sign | top << man;  // infinity
    case 4:
      return sign | top << man | fraction | 1u;  // NaN
    case 5:
      return sign | (top - 1) << man | fraction;  // next to overflow
    case 6:
      return sign | 1u << man | fraction;  // next to underflow
    case 7:
      return sign | static_cast<std::uint32_t>(random() % top) << man;  // power of two
    default:
      return sign | static_cast<std::uint32_t>(random() % top) << man | fraction;
  }
}

std::uint32_t random_moderate_bits(Random& random, const spec::FloatEncoding& encoding) {
  const std::uint32_t man = encoding.mantissa_bits;
  const auto bias = static_cast<std::uint32_t>(encoding.bias());
  const auto exponent = static_cast<std::uint32_t>(random_int(random, bias - 6, bias + 6));
  const std::uint32_t fraction = static_cast<std::uint32_t>(random()) & ((1u << man) - 1);
  const std::uint32_t sign = static_cast<std::uint32_t>(random() & 1) << (encoding.width() - 1);
  return sign | exponent << man | fraction;
}

}  // namespace lutsim::tools
