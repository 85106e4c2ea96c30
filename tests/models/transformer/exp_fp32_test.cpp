// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/exp_fp32.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace lutsim::models {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Units in the last place of the FP32 result between `got` and e^x.
double error_in_ulp(float x, float got) {
  const double want = std::exp(static_cast<double>(x));
  const float rounded = static_cast<float>(want);
  const double ulp =
      std::max(static_cast<double>(std::nextafterf(rounded, kInfinity)) - rounded, 0x1p-149);
  return std::abs(got - want) / ulp;
}

TEST(ExpFp32, IsWithinOneUnitInTheLastPlaceForEveryMagnitudeAndSign) {
  // A prime stride through the bit patterns from 2^-30 to the ends of the range.
  for (const bool negative : {false, true}) {
    const float end = negative ? 103.9f : 88.72f;
    for (std::uint32_t bits = fp32_bits(0x1p-30f); bits < fp32_bits(end); bits += 211) {
      const float x = negative ? -fp32_from_bits(bits) : fp32_from_bits(bits);
      ASSERT_LE(error_in_ulp(x, exp_fp32(x)), 1.0) << "x = " << x;
    }
  }
}

TEST(ExpFp32, EndsOfTheRangeAreZeroAndInfinity) {
  EXPECT_EQ(exp_fp32(0.0f), 1.0f);
  EXPECT_EQ(exp_fp32(-0.0f), 1.0f);
  EXPECT_EQ(exp_fp32(-kInfinity), 0.0f);
  EXPECT_FALSE(std::signbit(exp_fp32(-kInfinity)));
  EXPECT_EQ(exp_fp32(-104.0f), 0.0f);
  EXPECT_EQ(exp_fp32(-103.9f), 0x1p-149f);
  EXPECT_LT(exp_fp32(88.72283f), kInfinity);
  EXPECT_EQ(exp_fp32(88.7229f), kInfinity);
  EXPECT_EQ(exp_fp32(kInfinity), kInfinity);
  EXPECT_EQ(fp32_bits(exp_fp32(std::nanf(""))), kCanonicalNanFp32);
}

TEST(ExpFp32, NeverDecreasesAtAStepOfItsReduction) {
  // Where n changes, r jumps from one end of its interval to the other.
  for (int n = -149; n <= 127; ++n) {
    const double step = (n + 0.5) * std::log(2.0);
    float x = static_cast<float>(step - 1e-5 * std::abs(step));
    for (int i = 0; i < 200; ++i) {
      const float next = std::nextafterf(x, kInfinity);
      ASSERT_LE(exp_fp32(x), std::nextafterf(exp_fp32(next), kInfinity)) << "x = " << x;
      x = next;
    }
  }
}

}  // namespace
}  // namespace lutsim::models
