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

/// Nearest FP16 value. Without branches, so that loops over values vectorise.
inline float round_to_fp16(float value) {
  constexpr std::uint32_t kInfinity = 0x7f800000u;
  constexpr std::uint32_t kPastLargest = 0x47800000u;  // 2^16; rounding leads from 65520 to it
  constexpr std::uint32_t kMinNormal = 0x38800000u;    // 2^-14
  const std::uint32_t bits = fp32_bits(value);
  const std::uint32_t sign = bits & 0x80000000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  const std::uint32_t odd = (magnitude >> 13) & 1u;
  const std::uint32_t normal = (magnitude + 0xfffu + odd) & ~0x1fffu;
  // The last place of 0.5 is 2^-24, that of an FP16 subnormal: the FP32 adder does the rounding.
  const std::uint32_t subnormal = fp32_bits((fp32_from_bits(magnitude) + 0.5f) - 0.5f);
  const std::uint32_t finite = magnitude < kMinNormal ? subnormal : normal;
  const std::uint32_t rounded = finite < kPastLargest ? finite : kInfinity;
  return fp32_from_bits(magnitude > kInfinity ? kCanonicalNanFp32 : rounded | sign);
}

inline std::uint16_t fp16_bits(float value) {
  constexpr std::uint32_t kInfinity = 0x7f800000u;
  constexpr std::uint32_t kMinNormal = 0x38800000u;  // 2^-14
  constexpr std::uint32_t kBiasStep = (127u - 15u) << 23;
  const std::uint32_t bits = fp32_bits(round_to_fp16(value));
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > kInfinity) return kCanonicalNanFp16;
  if (magnitude == kInfinity) return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (magnitude < kMinNormal) {
    // A multiple of the last place of 0.5: the sum is exact, its fraction is that of FP16.
    const std::uint32_t sum = fp32_bits(fp32_from_bits(magnitude) + 0.5f);
    return static_cast<std::uint16_t>(sign | (sum - fp32_bits(0.5f)));
  }
  return static_cast<std::uint16_t>(sign | ((magnitude - kBiasStep) >> 13));
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

/// Nearest BF16 value.
inline float round_to_bf16(float value) {
  const std::uint32_t bits = fp32_bits(value);
  const std::uint32_t odd = (bits >> 16) & 1u;
  const std::uint32_t rounded = (bits + 0x7fffu + odd) & 0xffff0000u;
  return fp32_from_bits(value == value ? rounded : kCanonicalNanFp32);
}

inline std::uint16_t bf16_bits(float value) {
  return static_cast<std::uint16_t>(fp32_bits(round_to_bf16(value)) >> 16);
}

inline float bf16_from_bits(std::uint16_t bits) {
  return canonical(fp32_from_bits(std::uint32_t{bits} << 16));
}

/// The value that remains when `value` is stored in a floating-point format. Precondition, also of
/// the functions below: spec::is_float(format).
inline float round_to(spec::NumberFormat format, float value) {
  switch (format) {
    case spec::NumberFormat::fp16:
      return round_to_fp16(value);
    case spec::NumberFormat::bf16:
      return round_to_bf16(value);
    default:
      return canonical(value);
  }
}

/// Bits of round_to(format, value), right-aligned.
inline std::uint32_t bits_of(spec::NumberFormat format, float value) {
  switch (format) {
    case spec::NumberFormat::fp16:
      return fp16_bits(value);
    case spec::NumberFormat::bf16:
      return bf16_bits(value);
    default:
      return fp32_bits(canonical(value));
  }
}

/// The value of the low bits of `bits`.
inline float value_of(spec::NumberFormat format, std::uint32_t bits) {
  switch (format) {
    case spec::NumberFormat::fp16:
      return fp16_from_bits(static_cast<std::uint16_t>(bits));
    case spec::NumberFormat::bf16:
      return bf16_from_bits(static_cast<std::uint16_t>(bits));
    default:
      return canonical(fp32_from_bits(bits));
  }
}

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
