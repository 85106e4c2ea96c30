// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/numerics/float_format.h"

namespace lutsim::models {

/// e^x in FP32 by additions and multiplications alone, so that every machine gets the same bits.
/// Within 1 ulp of the exact value for every x (tests/models/transformer/exp_fp32_test.cpp), +0 and
/// infinity where e^x rounds to them, NaN for NaN. Every operation below rounds to FP32, nearest
/// even, in the order that the parentheses give:
///
///   x = min(max(x, -104), 89)
///   n = x * log2(e) rounded to an integer, nearest even
///   r = (x - n * ln2_high) - n * ln2_low             |r| <= 0.3467
///   p = 1/5040; p = p * r + c for c = 1/720, 1/120, 1/24, 1/6, 1/2       (Taylor; rest < 6e-9)
///   y = ((p * (r * r)) + r) + 1
///   e^x = (y * 2^(n - h)) * 2^h,  h = floor(n / 2)   only the last product can round
inline float exp_fp32(float x) {
  constexpr float kLog2E = 0x1.715476p+0f;
  constexpr float kLn2High = 0x1.63p-1f;         // 355/512: 9 bits, so n * kLn2High is exact
  constexpr float kLn2Low = -0x1.bd0106p-13f;    // ln 2 - 355/512
  constexpr float kToInteger = 0x1.8p+23f;       // x + 1.5 * 2^23 has no fraction bits
  constexpr std::uint32_t kOnePowerBits = 127u;  // biased exponent of 1
  x = x < -104.0f ? -104.0f : x;
  x = x > 89.0f ? 89.0f : x;
  const float shifted = x * kLog2E + kToInteger;
  const std::uint32_t n_bits = fp32_bits(shifted) - fp32_bits(kToInteger);
  const float n = shifted - kToInteger;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  float p = 1.0f / 5040.0f;
  p = p * r + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  const float y = (p * (r * r) + r) + 1.0f;
  const std::uint32_t half = ((n_bits + 256u) >> 1) - 128u;  // floor(n/2), modulo 2^32; |n| <= 151
  const float low = fp32_from_bits((kOnePowerBits + (n_bits - half)) << 23);
  const float high = fp32_from_bits((kOnePowerBits + half) << 23);
  return canonical((y * low) * high);
}

}  // namespace lutsim::models
