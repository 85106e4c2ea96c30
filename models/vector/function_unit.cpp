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

/// f of x for f(-t) = 1 - f(t), whose f(-t) is in the table for t < 2^(octaves - 1).
float symmetric(float x, std::uint32_t page, std::uint32_t octaves) {
  const std::uint32_t bits = fp32_bits(x);
  const bool negative = (bits & kSignBit) != 0;
  const std::uint32_t t = bits & ~kSignBit;
  if (t > kInfinityBits) return nan_result();
  const auto exponent = static_cast<std::int32_t>(t >> kMantissaBits) - 127;
  if (exponent >= static_cast<std::int32_t>(octaves) - 1) return negative ? 0.0f : 1.0f;
  std::uint32_t fraction = t & (kHidden - 1);
  if (exponent < 0) {
    fraction = exponent < -24 ? 0 : (fraction | kHidden) >> -exponent;  // a subnormal is 0 here
  } else {
    page += static_cast<std::uint32_t>(exponent) + 1;
  }
  const Interpolated f = interpolate(page, fraction);
  if (negative) return rounded(f.p, -static_cast<std::int32_t>(f.exponent));
  return rounded(
      (1u << kFractionBits) - static_cast<std::uint32_t>(std::uint64_t{f.p} >> f.exponent), 0);
}

}  // namespace

float exponential(float x) {
  const std::uint32_t bits = fp32_bits(x);
  const bool negative = (bits & kSignBit) != 0;
  const std::uint32_t t = bits & ~kSignBit;
  if (t > kInfinityBits) return nan_result();
  const auto exponent = static_cast<std::int32_t>(t >> kMantissaBits) - 127;
  if (exponent >= 7) return negative ? 0.0f : kInfinity;
  if (exponent < -26) return 1.0f;  // y rounds to 0
  const std::uint64_t product = ((t & (kHidden - 1)) | kHidden) * kLog2E;
  const auto shift =
      static_cast<std::uint32_t>(static_cast<std::int32_t>(kLog2EFraction) - exponent);
  const auto size = static_cast<std::int64_t>(((product >> (shift - 1)) + 1) >> 1);
  const std::int64_t y = negative ? -size : size;
  const auto fraction = static_cast<std::uint32_t>(y) & (kHidden - 1);
  return rounded(interpolate(kExponentialPage, fraction).p,
                 static_cast<std::int32_t>(y >> kMantissaBits));
}

float reciprocal(float x) {
  const std::uint32_t bits = fp32_bits(x);
  const bool negative = (bits & kSignBit) != 0;
  const std::uint32_t t = bits & ~kSignBit;
  if (t > kInfinityBits) return nan_result();
  if (t == kInfinityBits) return negative ? -0.0f : 0.0f;
  if (t == 0) return negative ? -kInfinity : kInfinity;
  const Magnitude m = magnitude(t);
  const std::uint32_t fraction = m.significand & (kHidden - 1);
  const std::uint32_t half = fraction >> (kMantissaBits - 1);
  const Interpolated f = interpolate(kReciprocalPage + half, (fraction << 1) & (kHidden - 1));
  const float result = rounded(f.p, -m.exponent);
  return negative ? -result : result;
}

float reciprocal_sqrt(float x) {
  const std::uint32_t bits = fp32_bits(x);
  const bool negative = (bits & kSignBit) != 0;
  const std::uint32_t t = bits & ~kSignBit;
  if (t > kInfinityBits) return nan_result();
  if (t == 0) return negative ? -kInfinity : kInfinity;
  if (negative) return nan_result();
  if (t == kInfinityBits) return 0.0f;
  const Magnitude m = magnitude(t);
  const std::uint32_t odd = static_cast<std::uint32_t>(m.exponent) & 1u;
  const Interpolated f = interpolate(kReciprocalSqrtPage + odd, m.significand & (kHidden - 1));
  return rounded(f.p, -(m.exponent >> 1));
}

float sigmoid(float x) { return symmetric(x, kSigmoidPage, kSigmoidOctaves); }
float normal_cdf(float x) { return symmetric(x, kNormalCdfPage, kNormalCdfOctaves); }

float evaluate(VectorFunction function, float x) {
  switch (function) {
    case VectorFunction::exponential:
      return exponential(x);
    case VectorFunction::reciprocal:
      return reciprocal(x);
    case VectorFunction::reciprocal_sqrt:
      return reciprocal_sqrt(x);
    case VectorFunction::sigmoid:
      return sigmoid(x);
    default:
      return normal_cdf(x);
  }
}

}  // namespace lutsim::models
