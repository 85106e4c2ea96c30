// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "models/spec/number_format.h"

/// Conversions between number formats. Every rounding of the project happens here: to nearest, ties
/// to even, subnormals kept, overflow to infinity, NaN to the canonical quiet NaN of the format.
///
/// FP32 arithmetic is the host's: IEEE-754 binary32, round to nearest, subnormals kept, no
/// contraction into fused multiply-adds (-ffp-contract=off is set for the whole tree).
/// docs/numerics.md.
namespace lutsim::models {

constexpr std::uint32_t kCanonicalNanFp32 = 0x7fc00000u;
constexpr std::uint16_t kCanonicalNanFp16 = 0x7e00u;
constexpr std::uint16_t kCanonicalNanBf16 = 0x7fc0u;

inline std::uint32_t fp32_bits(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline float fp32_from_bits(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// NaN of any payload and sign becomes the canonical quiet NaN; others pass.
inline float canonical(float value) {
  return value == value ? value : fp32_from_bits(kCanonicalNanFp32);
}

inline std::uint16_t fp16_bits(float value) {
  constexpr std::uint32_t kInfinity = 0x7f800000u;
  constexpr std::uint32_t kOverflow = 0x477ff000u;   // 65520: half way from 65504 to 2^16
  constexpr std::uint32_t kMinNormal = 0x38800000u;  // 2^-14
  constexpr std::uint32_t kBiasStep = (127u - 15u) << 23;
  const std::uint32_t bits = fp32_bits(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > kInfinity) return kCanonicalNanFp16;
  if (magnitude >= kOverflow) return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (magnitude < kMinNormal) {
    // The last place of 0.5 is 2^-24, that of an FP16 subnormal: the FP32 adder does the rounding.
    const std::uint32_t sum = fp32_bits(fp32_from_bits(magnitude) + 0.5f);
    return static_cast<std::uint16_t>(sign | (sum - fp32_bits(0.5f)));
  }
  const std::uint32_t odd = (magnitude >> 13) & 1u;
  return static_cast<std::uint16_t>(sign | ((magnitude - kBiasStep + 0xfffu + odd) >> 13));
}

// Without branches, so that loops over scales vectorise.
inline float fp16_from_bits(std::uint16_t bits) {
  constexpr std::uint32_t kInfinity = 0x1fu << 23;  // FP16's top exponent in FP32's place
  constexpr std::uint32_t kMinNormal = 1u << 23;
  constexpr std::uint32_t kBiasStep = (127u - 15u) << 23;
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t magnitude = (bits & 0x7fffu) << 13;
  // A subnormal is the fraction of a number with exponent 1, less its hidden bit: an exact
  // difference.
  const float subnormal =
      fp32_from_bits(magnitude + kBiasStep + kMinNormal) - fp32_from_bits(kBiasStep + kMinNormal);
  const std::uint32_t finite =
      magnitude < kMinNormal ? fp32_bits(subnormal) : magnitude + kBiasStep;
  const std::uint32_t value = magnitude < kInfinity ? finite | sign : 0x7f800000u | sign;
  return fp32_from_bits(magnitude > kInfinity ? kCanonicalNanFp32 : value);
}

inline std::uint16_t bf16_bits(float value) {
  const std::uint32_t bits = fp32_bits(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return kCanonicalNanBf16;
  const std::uint32_t odd = (bits >> 16) & 1u;
  return static_cast<std::uint16_t>((bits + 0x7fffu + odd) >> 16);
}

inline float bf16_from_bits(std::uint16_t bits) {
  return canonical(fp32_from_bits(std::uint32_t{bits} << 16));
}

/// The value that remains when `value` is stored in a floating-point format. Precondition:
/// spec::is_float(format).
float round_to(spec::NumberFormat format, float value);

/// Integer to FP32, nearest even.
inline float fp32_from_int(std::int64_t value) { return static_cast<float>(value); }

/// 2^exponent in double. Precondition: -1022 <= exponent <= 1023.
inline double power_of_two(std::int32_t exponent) {
  const auto bits = static_cast<std::uint64_t>(1023 + exponent) << 52;
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// value * 2^exponent rounded once to FP32 (subnormals and overflow included).
inline float scale_by_power_of_two(float value, std::int32_t exponent) {
  // The product is exact in double: |exponent| beyond 400 gives 0 or infinity for every FP32 value,
  // within it the product of the smallest and of the largest FP32 is a normal double.
  const double factor = power_of_two(std::clamp(exponent, -400, 400));
  return canonical(static_cast<float>(static_cast<double>(value) * factor));
}

}  // namespace lutsim::models
