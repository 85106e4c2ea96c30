// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "models/numerics/float_arithmetic.h"
#include "models/spec/field.h"
#include "sim/rtl_bridge/fp_blocks.h"
#include "tools/verify/float_coverage.h"
#include "tools/verify/verify.h"

/// The blocks of rtl/arithmetic/ in every format: docs/numerics.md.
namespace lutsim::test {
namespace {

using models::bits_of;
using models::fp32_bits;
using models::fp32_from_bits;
using models::value_of;
using spec::NumberFormat;

constexpr NumberFormat kFormats[] = {NumberFormat::fp16, NumberFormat::bf16, NumberFormat::fp32};

std::vector<std::uint32_t> corners(NumberFormat format) {
  return tools::corner_bits(spec::float_encoding(format));
}

class EveryFormat : public testing::TestWithParam<NumberFormat> {};

TEST_P(EveryFormat, HasCornersOfEveryClass) {
  const auto all = corners(GetParam());
  EXPECT_GE(all.size(), 40u);
  std::size_t zeros = 0, subnormals = 0, infinities = 0, nans = 0;
  const spec::FloatEncoding encoding = spec::float_encoding(GetParam());
  for (const std::uint32_t bits : all) {
    const float value = value_of(GetParam(), bits);
    const std::uint32_t magnitude = bits & ((1u << (encoding.width() - 1)) - 1);
    zeros += value == 0;
    nans += std::isnan(value);
    infinities += std::isinf(value);
    subnormals += magnitude != 0 && magnitude >> encoding.mantissa_bits == 0;
  }
  EXPECT_EQ(zeros, 2u);
  EXPECT_EQ(infinities, 2u);
  EXPECT_GE(nans, 6u);
  EXPECT_GE(subnormals, 10u);
}

TEST_P(EveryFormat, TheAdderAddsEveryPairOfCorners) {
  const NumberFormat format = GetParam();
  rtl::RtlFpAdder adder(format);
  for (const std::uint32_t a : corners(format)) {
    for (const std::uint32_t b : corners(format)) {
      const float sum = models::fp_add(format, value_of(format, a), value_of(format, b));
      ASSERT_EQ(adder(a, b), bits_of(format, sum)) << std::hex << a << " + " << b;
    }
  }
}

TEST_P(EveryFormat, TheMultiplierMultipliesEveryPairOfCorners) {
  const NumberFormat format = GetParam();
  rtl::RtlFpMultiplier multiplier(format, format);
  for (const std::uint32_t a : corners(format)) {
    for (const std::uint32_t b : corners(format)) {
      const float product =
          models::fp_multiply(format, format, value_of(format, a), value_of(format, b));
      ASSERT_EQ(multiplier(a, b), bits_of(format, product)) << std::hex << a << " * " << b;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat, testing::ValuesIn(kFormats),
                         [](const auto& test) { return spec::to_string_of(test.param); });

TEST(FpMultiplier, ProductsOfFp16AreExactInFp32) {
  rtl::RtlFpMultiplier multiplier(NumberFormat::fp16, NumberFormat::fp32);
  for (const std::uint32_t a : corners(NumberFormat::fp16)) {
    for (const std::uint32_t b : corners(NumberFormat::fp16)) {
      const double exact = static_cast<double>(value_of(NumberFormat::fp16, a)) *
                           static_cast<double>(value_of(NumberFormat::fp16, b));
      const std::uint32_t product = multiplier(a, b);
      if (std::isnan(exact)) {
        ASSERT_EQ(product, models::kCanonicalNanFp32);
      } else {
        ASSERT_EQ(static_cast<double>(fp32_from_bits(product)), exact) << std::hex << a << " " << b;
        ASSERT_EQ(product >> 31, std::signbit(exact) ? 1u : 0u) << std::hex << a << " " << b;
      }
    }
  }
}

// All 2^32 pairs take minutes each, so they run on demand only: rtl_test
// --gtest_also_run_disabled_tests --gtest_filter='*EveryPairOfFp16*'.
template <class Block, class Golden>
void compare_every_pair_of_fp16(Block& block, const Golden& golden) {
  for (std::uint32_t a = 0; a < 0x10000u; ++a) {
    const float x = value_of(NumberFormat::fp16, a);
    for (std::uint32_t b = 0; b < 0x10000u; ++b) {
      const std::uint32_t expected = golden(x, value_of(NumberFormat::fp16, b));
      ASSERT_EQ(block(a, b), expected) << std::hex << a << ", " << b;
    }
  }
}

TEST(FpAdder, DISABLED_AddsEveryPairOfFp16) {
  rtl::RtlFpAdder adder(NumberFormat::fp16);
  compare_every_pair_of_fp16(
      adder, [](float x, float y) { return std::uint32_t{models::fp16_bits(x + y)}; });
}

TEST(FpMultiplier, DISABLED_MultipliesEveryPairOfFp16) {
  rtl::RtlFpMultiplier multiplier(NumberFormat::fp16, NumberFormat::fp16);
  compare_every_pair_of_fp16(
      multiplier, [](float x, float y) { return std::uint32_t{models::fp16_bits(x * y)}; });
}

TEST(FpMultiplier, DISABLED_MultipliesEveryPairOfFp16ToFp32) {
  rtl::RtlFpMultiplier multiplier(NumberFormat::fp16, NumberFormat::fp32);
  compare_every_pair_of_fp16(multiplier,
                             [](float x, float y) { return fp32_bits(models::canonical(x * y)); });
}

/// The golden conversion is compared with integer arithmetic in tests/models/numerics.
TEST(FpConverter, ConvertsEveryValueOfTheShortFormats) {
  for (const NumberFormat in : {NumberFormat::fp16, NumberFormat::bf16}) {
    for (const NumberFormat out : kFormats) {
      if (in == out) continue;
      rtl::RtlFpConverter converter(in, out);
      for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
        ASSERT_EQ(converter(bits), bits_of(out, value_of(in, bits)))
            << spec::to_string_of(in) << " to " << spec::to_string_of(out) << std::hex << " "
            << bits;
      }
    }
  }
}

TEST(FpConverter, ConvertsFp32CornersNeighboursOfTheShortFormatsAndRandomValues) {
  for (const NumberFormat out : {NumberFormat::fp16, NumberFormat::bf16}) {
    rtl::RtlFpConverter converter(NumberFormat::fp32, out);
    const auto check = [&](std::uint32_t bits) {
      ASSERT_EQ(converter(bits), bits_of(out, fp32_from_bits(bits))) << std::hex << bits;
    };
    for (const std::uint32_t bits : corners(NumberFormat::fp32)) check(bits);
    // Every value of the short format, the point half way to the next, and their neighbours.
    const std::uint32_t half = 1u << (22 - spec::float_encoding(out).mantissa_bits);
    for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
      const std::uint32_t wide = fp32_bits(value_of(out, bits));
      for (const std::uint32_t around : {wide, wide + half}) {
        for (const std::uint32_t delta : {0u, 1u, ~0u}) check(around + delta);
      }
    }
    std::mt19937 random(20261121);
    for (int i = 0; i < 1000000; ++i) check(static_cast<std::uint32_t>(random()));
  }
}

TEST(FloatingPointBlocks, MeetEverySituationThatTheyDeclare) {
  for (const char* block : {"fp_adder", "fp_multiplier", "fp_converter"}) {
    const auto results = tools::verify_blocks({block}, 50000, 1);
    ASSERT_EQ(results.size(), 1u);
    EXPECT_TRUE(results[0].passed()) << results[0].first_mismatch;
    EXPECT_GE(results[0].bins.size(), 36u);
    for (const auto& [bin, hits] : results[0].bins) EXPECT_GT(hits, 0u) << block << ", " << bin;
  }
}

TEST(FloatingPointBlocks, RefuseFormatsThatWereNotVerilated) {
  EXPECT_THROW(rtl::RtlFpAdder(NumberFormat::int8), spec::SpecError);
  EXPECT_THROW(rtl::RtlFpMultiplier(NumberFormat::fp32, NumberFormat::fp16), spec::SpecError);
  EXPECT_THROW(rtl::RtlFpConverter(NumberFormat::fp32, NumberFormat::fp32), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::test
