// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>

#include "models/spec/number_format.h"

/// Floating-point sums and products by integer arithmetic alone, on bits: an oracle that shares
/// nothing with the host's arithmetic or models/numerics.
namespace lutsim::test {

using Integer = boost::multiprecision::cpp_int;

/// significand * 2^exponent of a finite value.
struct ExactNumber {
  Integer significand;
  int exponent;
};

struct FloatFields {
  FloatFields(spec::NumberFormat format, std::uint32_t bits) {
    const spec::FloatEncoding encoding = spec::float_encoding(format);
    const std::uint32_t man = encoding.mantissa_bits;
    const std::uint32_t top = (1u << encoding.exponent_bits) - 1;
    const std::uint32_t fraction = bits & ((1u << man) - 1);
    const std::uint32_t field = (bits >> man) & top;
    negative = ((bits >> (encoding.width() - 1)) & 1u) != 0;
    infinite = field == top && fraction == 0;
    nan = field == top && fraction != 0;
    magnitude = field == 0 ? fraction : fraction | 1u << man;
    exponent = static_cast<int>(field == 0 ? 1 : field) - encoding.bias() - static_cast<int>(man);
  }
  bool zero() const { return magnitude == 0; }
  ExactNumber exact() const {
    return {negative ? -Integer(magnitude) : Integer(magnitude), exponent};
  }

  bool negative, infinite, nan;
  std::uint32_t magnitude;
  int exponent;
};

inline std::uint32_t sign_bit(spec::NumberFormat format, bool negative) {
  return negative ? 1u << (spec::width_bits(format) - 1) : 0u;
}
inline std::uint32_t infinity_bits(spec::NumberFormat format) {
  const spec::FloatEncoding encoding = spec::float_encoding(format);
  return ((1u << encoding.exponent_bits) - 1) << encoding.mantissa_bits;
}
inline std::uint32_t nan_bits(spec::NumberFormat format) {
  return infinity_bits(format) | 1u << (spec::float_encoding(format).mantissa_bits - 1);
}

/// The nearest value of `format`, ties to even. Precondition: not 0.
inline std::uint32_t nearest(spec::NumberFormat format, const ExactNumber& x) {
  const spec::FloatEncoding encoding = spec::float_encoding(format);
  const auto man = static_cast<int>(encoding.mantissa_bits);
  const Integer magnitude = abs(x.significand);
  const int binade = static_cast<int>(msb(magnitude)) + x.exponent;
  const int least = 1 - encoding.bias();
  const int place = std::max(binade, least) - man;  // the last place is worth 2^place
  Integer kept = magnitude;
  if (place <= x.exponent) {
    kept <<= x.exponent - place;
  } else {
    const auto dropped = static_cast<unsigned>(place - x.exponent);
    const Integer rest = magnitude & ((Integer(1) << dropped) - 1);
    const Integer half = Integer(1) << (dropped - 1);
    kept >>= dropped;
    if (rest > half || (rest == half && bit_test(kept, 0))) ++kept;
  }
  // The hidden bit of `kept` adds 1 to the exponent field, a carry one more.
  const auto field = static_cast<std::uint32_t>(std::max(binade, least) - least);
  const std::uint64_t bits = (std::uint64_t{field} << man) + static_cast<std::uint64_t>(kept);
  const std::uint64_t infinity = infinity_bits(format);
  return sign_bit(format, x.significand < 0) |
         static_cast<std::uint32_t>(bits < infinity ? bits : infinity);
}

/// IEEE-754 sum; a NaN result is the canonical quiet NaN.
inline std::uint32_t exact_add(spec::NumberFormat format, std::uint32_t a, std::uint32_t b) {
  const FloatFields x(format, a), y(format, b);
  if (x.nan || y.nan || (x.infinite && y.infinite && x.negative != y.negative)) {
    return nan_bits(format);
  }
  if (x.infinite || y.infinite) {
    return infinity_bits(format) | sign_bit(format, x.infinite ? x.negative : y.negative);
  }
  const int exponent = std::min(x.exponent, y.exponent);
  const Integer sum = (x.exact().significand << (x.exponent - exponent)) +
                      (y.exact().significand << (y.exponent - exponent));
  if (sum == 0) return sign_bit(format, x.negative && y.negative);
  return nearest(format, {sum, exponent});
}

/// IEEE-754 product of two `in` values, rounded to `out`.
inline std::uint32_t exact_multiply(spec::NumberFormat in, spec::NumberFormat out, std::uint32_t a,
                                    std::uint32_t b) {
  const FloatFields x(in, a), y(in, b);
  const std::uint32_t sign = sign_bit(out, x.negative != y.negative);
  if (x.nan || y.nan || (x.infinite && y.zero()) || (x.zero() && y.infinite)) return nan_bits(out);
  if (x.infinite || y.infinite) return infinity_bits(out) | sign;
  if (x.zero() || y.zero()) return sign;
  return nearest(out, {x.exact().significand * y.exact().significand, x.exponent + y.exponent});
}

/// The nearest `out` value of an `in` value.
inline std::uint32_t exact_convert(spec::NumberFormat in, spec::NumberFormat out,
                                   std::uint32_t bits) {
  const FloatFields x(in, bits);
  if (x.nan) return nan_bits(out);
  if (x.infinite) return infinity_bits(out) | sign_bit(out, x.negative);
  if (x.zero()) return sign_bit(out, x.negative);
  return nearest(out, x.exact());
}

}  // namespace lutsim::test
