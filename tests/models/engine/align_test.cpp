// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "models/engine/engine.h"
#include "models/numerics/float_format.h"
#include "tests/models/engine/reference_lut_i.h"

namespace lutsim::models {
namespace {

using spec::MatrixSpec;
using spec::NumberFormat;

constexpr NumberFormat kActFormats[] = {NumberFormat::fp16, NumberFormat::bf16, NumberFormat::fp32};

MatrixSpec spec_of(NumberFormat format, std::uint32_t align_bits) {
  MatrixSpec spec;
  spec.act_format = format;
  spec.align_bits = align_bits;
  return spec;
}

TEST(Align, SegmentsEndAtGroupBoundariesAndAfterLanesK) {
  const std::vector<KSegment> segments = k_segments(172, 32, 24);
  ASSERT_EQ(segments.size(), 11u);
  const std::uint32_t expected[11][3] = {{0, 24, 0},   {24, 8, 0},  {32, 24, 1}, {56, 8, 1},
                                         {64, 24, 2},  {88, 8, 2},  {96, 24, 3}, {120, 8, 3},
                                         {128, 24, 4}, {152, 8, 4}, {160, 12, 5}};
  for (std::size_t i = 0; i < segments.size(); ++i) {
    EXPECT_EQ(segments[i].k_begin, expected[i][0]);
    EXPECT_EQ(segments[i].length, expected[i][1]);
    EXPECT_EQ(segments[i].group, expected[i][2]);
  }
}

TEST(Align, SegmentsCoverKOnceInOrder) {
  for (const std::uint32_t k : {1u, 7u, 64u, 172u, 513u}) {
    for (std::uint32_t group = 1; group <= k; group += 1 + group / 3) {
      for (const std::uint32_t lanes : {1u, 2u, 15u, 64u, 2048u}) {
        std::uint32_t next = 0;
        for (const KSegment& segment : k_segments(k, group, lanes)) {
          ASSERT_EQ(segment.k_begin, next);
          ASSERT_GE(segment.length, 1u);
          ASSERT_LE(segment.length, lanes);
          ASSERT_EQ(segment.group, segment.k_begin / group);
          ASSERT_EQ(segment.group, (segment.k_begin + segment.length - 1) / group);
          next += segment.length;
        }
        ASSERT_EQ(next, k);
      }
    }
  }
}

// One worked by hand: A = 8, p = 11, E = 16 of the 3.0, one unit is 2^(16 - 15 - 8 + 2) = 2^-5.
TEST(Align, TruncatesTheMagnitudeOfBothSigns) {
  const std::vector<float> x = {3.0f, -3.0f, 0.0937f, -0.0937f, 0.03f, -0.03f, -0.0f};
  const AlignedSegment aligned =
      align(spec_of(NumberFormat::fp16, 8), x.data(), static_cast<std::uint32_t>(x.size()));
  EXPECT_TRUE(aligned.finite);
  EXPECT_EQ(aligned.exponent, -5);
  EXPECT_EQ(aligned.mantissa, (std::vector<std::int32_t>{96, -96, 2, -2, 0, 0, 0}));
}

TEST(Align, AllZeroAndSubnormalSegmentsUseExponentOne) {
  const std::vector<float> zeros = {0.0f, -0.0f, 0.0f};
  const AlignedSegment aligned = align(spec_of(NumberFormat::fp16, 16), zeros.data(), 3);
  EXPECT_EQ(aligned.exponent, 1 - 15 - 16 + 2);
  EXPECT_EQ(aligned.mantissa, (std::vector<std::int32_t>{0, 0, 0}));
  const float least = 0x1p-24f;
  const AlignedSegment tiny = align(spec_of(NumberFormat::fp16, 16), &least, 1);
  EXPECT_EQ(tiny.exponent, aligned.exponent);
  EXPECT_EQ(tiny.mantissa[0], 16);  // 2^-24 / 2^-28
}

TEST(Align, EqualsTruncationOfTheRealNumberInEveryFormatAndWidth) {
  std::mt19937 random(11);
  for (const NumberFormat format : kActFormats) {
    for (std::uint32_t bits = 4; bits <= 32; ++bits) {
      const MatrixSpec spec = spec_of(format, bits);
      for (int trial = 0; trial < 200; ++trial) {
        std::vector<float> x(1 + random() % 64);
        const auto center = static_cast<std::int32_t>(random() % 300) - 160;
        for (float& value : x) {
          const auto spread = static_cast<std::int32_t>(random() % 20);
          const auto significand = static_cast<float>(static_cast<std::int32_t>(random()));
          value = round_to(format, scale_by_power_of_two(significand, center - 31 - spread));
          if (std::isinf(value)) value = 0;
        }
        const auto length = static_cast<std::uint32_t>(x.size());
        const AlignedSegment aligned = align(spec, x.data(), length);
        const test::ReferenceSegment expected = test::reference_align(spec, x.data(), length);
        ASSERT_TRUE(aligned.finite);
        ASSERT_EQ(aligned.exponent, expected.exponent);
        for (std::uint32_t j = 0; j < length; ++j) {
          ASSERT_EQ(aligned.mantissa[j], expected.a[j]) << x[j] << " at " << bits << " bits";
          ASSERT_LT(std::abs(std::int64_t{aligned.mantissa[j]}), std::int64_t{1} << (bits - 1));
        }
      }
    }
  }
}

TEST(Align, OneInfinityOrNanMarksTheWholeSegment) {
  for (const NumberFormat format : kActFormats) {
    for (const float bad : {std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity(), std::nanf("")}) {
      const std::vector<float> x = {1.0f, bad, 2.0f};
      EXPECT_FALSE(align(spec_of(format, 16), x.data(), 3).finite);
    }
  }
}

TEST(Align, AValueThatOverflowsTheActivationFormatIsInfinite) {
  const float large = 65520.0f;
  EXPECT_FALSE(align(spec_of(NumberFormat::fp16, 16), &large, 1).finite);
  EXPECT_TRUE(align(spec_of(NumberFormat::bf16, 16), &large, 1).finite);
}

}  // namespace
}  // namespace lutsim::models
