// SPDX-License-Identifier: Apache-2.0
#include "models/vector/kv_quantizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "models/numerics/float_format.h"

namespace lutsim::models {
namespace {

using testing::ElementsAre;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> normal_values(std::size_t count, float scale, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.3f * scale, scale);
  std::vector<float> values(count);
  // What an FP16 cache would hold.
  for (float& value : values) value = fp16_from_bits(fp16_bits(normal(random)));
  return values;
}

class KvBits : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Widths, KvBits, testing::Values(4u, 8u));

TEST_P(KvBits, AnElementComesBackWithinHalfAStep) {
  const std::uint32_t bits = GetParam();
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const std::vector<float> x = normal_values(64, seed % 2 == 0 ? 1.0f : 40.0f, seed);
    const KvGroup group = quantize_kv_group(x.data(), x.size(), bits);
    std::vector<float> y(x.size());
    dequantize_kv_group(group, y.data());
    const float step = fp16_from_bits(group.scale);
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    EXPECT_NEAR(step, (*high - *low) / static_cast<float>((1u << bits) - 1), step * 0x1p-11f);
    EXPECT_EQ(fp16_from_bits(group.zero), *low);
    for (std::size_t i = 0; i < x.size(); ++i) {
      // The rounding of the step to FP16 adds up over the codes below the greatest.
      const float rounding = static_cast<float>(1u << bits) * step * 0x1p-12f;
      ASSERT_NEAR(y[i], x[i], 0.5f * step + rounding + 1e-6f) << "seed " << seed;
    }
    EXPECT_EQ(*std::min_element(group.codes.begin(), group.codes.end()), 0);
    EXPECT_GE(*std::max_element(group.codes.begin(), group.codes.end()), (1u << bits) - 2);
  }
}

TEST(KvQuantizer, LevelsComeBackExactly) {
  const std::vector<float> x{-2.0f, -1.5f, 5.5f, 3.0f};
  const KvGroup group = quantize_kv_group(x.data(), x.size(), 4);
  EXPECT_EQ(fp16_from_bits(group.scale), 0.5f);
  EXPECT_EQ(fp16_from_bits(group.zero), -2.0f);
  EXPECT_THAT(group.codes, ElementsAre(0, 1, 15, 10));
  std::vector<float> y(4);
  dequantize_kv_group(group, y.data());
  EXPECT_EQ(y, x);
}

TEST(KvQuantizer, TiesGoToTheEvenCode) {
  const std::vector<float> x{0.0f, 0.5f, 1.5f, 2.5f, 14.5f, 15.0f};
  EXPECT_THAT(quantize_kv_group(x.data(), x.size(), 4).codes, ElementsAre(0, 0, 2, 2, 14, 15));
}

TEST(KvQuantizer, EqualElementsAreTheirZeroPoint) {
  for (const float value : {0.0f, -0.0f, 3.25f}) {
    const std::vector<float> x(5, value);
    const KvGroup group = quantize_kv_group(x.data(), x.size(), 8);
    EXPECT_EQ(group.scale, 0);
    EXPECT_EQ(group.zero, fp16_bits(std::abs(value)));
    std::vector<float> y(5);
    dequantize_kv_group(group, y.data());
    EXPECT_THAT(y, testing::Each(value));
  }
}

TEST(KvQuantizer, AZeroPointThatIsRoundedAwaySaturatesTheCodes) {
  // 1000.3 becomes 1000.5 in FP16: elements below it are code 0; the step is far smaller.
  const std::vector<float> below{1000.3f, 1000.31f};
  EXPECT_THAT(quantize_kv_group(below.data(), 2, 4).codes, ElementsAre(0, 0));
  const std::vector<float> above{1000.7f, 1000.8f};
  EXPECT_THAT(quantize_kv_group(above.data(), 2, 4).codes, ElementsAre(15, 15));
}

TEST(KvQuantizer, AGroupThatIsNotFiniteIsLostAndNoOther) {
  std::vector<float> x{1.0f, 2.0f, std::nanf(""), 1.0f, 3.0f, 4.0f, 1e6f, 0.0f, -kInfinity, 0.0f};
  const std::vector<KvGroup> groups = quantize_kv_row(x.data(), x.size(), 8, 2);
  ASSERT_EQ(groups.size(), 5u);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::vector<float> y(2);
    dequantize_kv_group(groups[g], y.data());
    const bool lost = g == 1 || g == 4;
    EXPECT_EQ(groups[g].scale == kCanonicalNanFp16, lost) << g;
    EXPECT_EQ(std::isnan(y[0]) && std::isnan(y[1]), lost) << g;
  }
  // 10^7 / 15 is infinite in FP16.
  x = {0.0f, 1e7f};
  EXPECT_EQ(quantize_kv_group(x.data(), 2, 4).zero, kCanonicalNanFp16);
}

TEST(KvQuantizer, TheLastGroupOfARowMayBeShorter) {
  const std::vector<float> x = normal_values(70, 1.0f, 5);
  const auto groups = quantize_kv_row(x.data(), x.size(), 4, 32);
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups[2].codes.size(), 6u);
  EXPECT_EQ(groups[2].codes, quantize_kv_group(x.data() + 64, 6, 4).codes);
}

}  // namespace
}  // namespace lutsim::models
