// SPDX-License-Identifier: Apache-2.0
#include "models/vector/function_unit.h"

#include <limits>

#include "models/vector/function_tables.h"

namespace lutsim::models {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::uint32_t kInfinityBits = 0x7f800000u;
constexpr std::uint32_t kSignBit = 0x80000000u;
constexpr std::uint32_t kMantissaBits = 23;
constexpr std::uint32_t kHidden = 1u << kMantissaBits;
constexpr std::uint64_t kLog2E = 0x171547653u;  // log2(e) * 2^32, to nearest
constexpr std::uint32_t kLog2EFraction = 32;

float nan_result() { return fp32_from_bits(kCanonicalNanFp32); }

/// |x| = significand * 2^(exponent - 23), 2^23 <= significand < 2^24. x is finite and not 0.
struct Magnitude {
  std::int32_t exponent;
  std::uint32_t significand;
};
Magnitude magnitude(std::uint32_t bits) {
  const std::uint32_t field = (bits & kInfinityBits) >> kMantissaBits;
  std::uint32_t significand = bits & (kHidden - 1);
  if (field != 0) return {static_cast<std::int32_t>(field) - 127, significand | kHidden};
  std::int32_t exponent = -126;
  for (; significand < kHidden; significand <<= 1) --exponent;
  return {exponent, significand};
}

/// The quadratic of the segment and remainder that 23 bits select on a page, in units of 2^-28.
struct Interpolated {
  std::uint32_t p;
  std::uint32_t exponent;
};
Interpolated interpolate(std::uint32_t page, std::uint32_t bits23) {
  const Segment& s = function_tables()[page * kPageSegments + (bits23 >> kRemainderBits)];
  const std::int64_t d = bits23 & ((1u << kRemainderBits) - 1);
  const std::int64_t c = s.c1 + ((s.c2 * d) >> kRemainderBits);
  return {static_cast<std::uint32_t>(s.c0 + ((c * d) >> kRemainderBits)), s.exponent};
}

/// p * 2^(k - 28): exact in double, rounded once by the conversion.
float rounded(std::uint32_t p, std::int32_t k) {
  constexpr auto kPoint = static_cast<std::int32_t>(kFractionBits);
  return static_cast<float>(static_cast<double>(p) * power_of_two(k - kPoint));
}

/// What the range reduction makes of an operand: a result that needs no table, or the place where
/// the table is read and what becomes of the quadratic there.
struct Reduced {
  bool special = false;
  float value = 0;  ///< if special
  std::uint32_t page = 0, bits23 = 0;
  std::int32_t scale = 0;   ///< k
  bool negative = false;    ///< the result
  bool complement = false;  ///< 1 - f(-x)
};
Reduced special(float value) { return {true, value}; }

Reduced reduce_exponential(std::uint32_t bits) {
  const bool negative = (bits & kSignBit) != 0;
  const std::uint32_t t = bits & ~kSignBit;
  const auto exponent = static_cast<std::int32_t>(t >> kMantissaBits) - 127;
  if (exponent >= 7) return special(negative ? 0.0f : kInfinity);
  if (exponent < -26) return special(1.0f);  // y rounds to 0
  const std::uint64_t product = ((t & (kHidden - 1)) | kHidden) * kLog2E;
  const auto shift =
      static_cast<std::uint32_t>(static_cast<std::int32_t>(kLog2EFraction) - exponent);
  const auto size = static_cast<std::int64_t>(((product >> (shift - 1)) + 1) >> 1);
  const std::int64_t y = negative ? -size : size;
  Reduced r;
  r.page = kExponentialPage;
  r.bits23 = static_cast<std::uint32_t>(y) & (kHidden - 1);
  r.scale = static_cast<std::int32_t>(y >> kMantissaBits);
  return r;
}

Reduced reduce_reciprocal(std::uint32_t bits) {
  const bool negative = (bits & kSignBit) != 0;
  const std::uint32_t t = bits & ~kSignBit;
  if (t == kInfinityBits) return special(negative ? -0.0f : 0.0f);
  if (t == 0) return special(negative ? -kInfinity : kInfinity);
  const Magnitude m = magnitude(t);
  const std::uint32_t fraction = m.significand & (kHidden - 1);
  Reduced r;
  r.page = kReciprocalPage + (fraction >> (kMantissaBits - 1));
  r.bits23 = (fraction << 1) & (kHidden - 1);
  r.scale = -m.exponent;
  r.negative = negative;
  return r;
}

Reduced reduce_reciprocal_sqrt(std::uint32_t bits) {
  const bool negative = (bits & kSignBit) != 0;
  const std::uint32_t t = bits & ~kSignBit;
  if (t == 0) return special(negative ? -kInfinity : kInfinity);
  if (negative) return special(nan_result());
  if (t == kInfinityBits) return special(0.0f);
  const Magnitude m = magnitude(t);
  Reduced r;
  r.page = kReciprocalSqrtPage + (static_cast<std::uint32_t>(m.exponent) & 1u);
  r.bits23 = m.significand & (kHidden - 1);
  r.scale = -(m.exponent >> 1);
  return r;
}

/// Of a function with f(-t) = 1 - f(t), whose f(-t) is in the table for t < 2^(octaves - 1).
Reduced reduce_symmetric(std::uint32_t bits, std::uint32_t page, std::uint32_t octaves) {
  const bool negative = (bits & kSignBit) != 0;
  const std::uint32_t t = bits & ~kSignBit;
  const auto exponent = static_cast<std::int32_t>(t >> kMantissaBits) - 127;
  if (exponent >= static_cast<std::int32_t>(octaves) - 1) return special(negative ? 0.0f : 1.0f);
  Reduced r;
  r.page = page;
  r.bits23 = t & (kHidden - 1);
  if (exponent < 0) {
    // A subnormal is 0 here.
    r.bits23 = exponent < -24 ? 0 : (r.bits23 | kHidden) >> -exponent;
  } else {
    r.page += static_cast<std::uint32_t>(exponent) + 1;
  }
  r.complement = !negative;
  return r;
}

Reduced reduce(VectorFunction function, float x) {
  const std::uint32_t bits = fp32_bits(x);
  if ((bits & ~kSignBit) > kInfinityBits) return special(nan_result());
  switch (function) {
    case VectorFunction::exponential:
      return reduce_exponential(bits);
    case VectorFunction::reciprocal:
      return reduce_reciprocal(bits);
    case VectorFunction::reciprocal_sqrt:
      return reduce_reciprocal_sqrt(bits);
    case VectorFunction::sigmoid:
      return reduce_symmetric(bits, kSigmoidPage, kSigmoidOctaves);
    default:
      return reduce_symmetric(bits, kNormalCdfPage, kNormalCdfOctaves);
  }
}

}  // namespace

float evaluate(VectorFunction function, float x) {
  const Reduced r = reduce(function, x);
  if (r.special) return r.value;
  const Interpolated f = interpolate(r.page, r.bits23);
  if (r.complement) {
    return rounded(
        (1u << kFractionBits) - static_cast<std::uint32_t>(std::uint64_t{f.p} >> f.exponent), 0);
  }
  const float result = rounded(f.p, r.scale - static_cast<std::int32_t>(f.exponent));
  return r.negative ? -result : result;
}

std::optional<std::uint32_t> table_place(VectorFunction function, float x) {
  const Reduced r = reduce(function, x);
  if (r.special) return std::nullopt;
  return r.page << kMantissaBits | r.bits23;
}

float exponential(float x) { return evaluate(VectorFunction::exponential, x); }
float reciprocal(float x) { return evaluate(VectorFunction::reciprocal, x); }
float reciprocal_sqrt(float x) { return evaluate(VectorFunction::reciprocal_sqrt, x); }
float sigmoid(float x) { return evaluate(VectorFunction::sigmoid, x); }
float normal_cdf(float x) { return evaluate(VectorFunction::normal_cdf, x); }

}  // namespace lutsim::models
