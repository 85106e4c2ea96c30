// SPDX-License-Identifier: Apache-2.0
#include "models/numerics/float_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace lutsim::models {
namespace {

using spec::FloatEncoding;
using spec::NumberFormat;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The value of a bit pattern by the definition of the format, in double: exact for 16-bit formats.
double value_of(FloatEncoding encoding, std::uint32_t bits) {
  const auto mantissa_bits = static_cast<int>(encoding.mantissa_bits);
  const std::uint32_t fraction = bits & ((1u << mantissa_bits) - 1);
  const std::uint32_t top = (1u << encoding.exponent_bits) - 1;
  const std::uint32_t exponent = (bits >> mantissa_bits) & top;
  const double sign = (bits >> (encoding.width() - 1)) != 0 ? -1.0 : 1.0;
  if (exponent == top) return fraction != 0 ? std::nan("") : sign * HUGE_VAL;
  const int hidden = exponent == 0 ? 0 : 1;
  const int scale = static_cast<int>(exponent) + 1 - hidden - encoding.bias() - mantissa_bits;
  return sign * std::ldexp(fraction + std::ldexp(hidden, mantissa_bits), scale);
}

struct Narrow {
  const char* name;
  NumberFormat format;
  std::uint16_t (*encode)(float);
  float (*decode)(std::uint16_t);
  std::uint16_t nan;
};

class NarrowFormat : public ::testing::TestWithParam<Narrow> {
 protected:
  FloatEncoding encoding() const { return spec::float_encoding(GetParam().format); }
  std::uint32_t infinity_bits() const {
    return ((1u << encoding().exponent_bits) - 1) << encoding().mantissa_bits;
  }
};

TEST_P(NarrowFormat, EveryPatternHasTheValueOfItsDefinitionAndRoundTrips) {
  for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
    const float value = GetParam().decode(static_cast<std::uint16_t>(bits));
    const double expected = value_of(encoding(), bits);
    if (std::isnan(expected)) {
      ASSERT_EQ(fp32_bits(value), kCanonicalNanFp32) << std::hex << bits;
      ASSERT_EQ(GetParam().encode(value), GetParam().nan) << std::hex << bits;
      continue;
    }
    ASSERT_EQ(static_cast<double>(value), expected) << std::hex << bits;
    ASSERT_EQ(GetParam().encode(value), bits) << std::hex << bits;
    ASSERT_EQ(fp32_bits(round_to(GetParam().format, value)), fp32_bits(value)) << std::hex << bits;
  }
}

// The boundary between two neighbours is exact in FP32, so this pins the rounding of every FP32
// value.
TEST_P(NarrowFormat, EveryBoundaryBetweenNeighboursGoesToTheEvenOneAndItsSidesToTheNearest) {
  const double past_largest = std::ldexp(1.0, encoding().bias() + 1);  // where infinity would stand
  for (std::uint32_t low = 0; low < infinity_bits(); ++low) {
    const std::uint32_t high = low + 1;
    const double upper = high == infinity_bits() ? past_largest : value_of(encoding(), high);
    const auto middle = static_cast<float>((value_of(encoding(), low) + upper) / 2);
    ASSERT_EQ(2 * static_cast<double>(middle), value_of(encoding(), low) + upper);
    const std::uint32_t even = low % 2 == 0 ? low : high;
    const std::uint32_t minus = 1u << (encoding().width() - 1);
    ASSERT_EQ(GetParam().encode(middle), even) << std::hex << low;
    ASSERT_EQ(GetParam().encode(-middle), even | minus) << std::hex << low;
    ASSERT_EQ(GetParam().encode(std::nextafter(middle, 0.0f)), low) << std::hex << low;
    ASSERT_EQ(GetParam().encode(-std::nextafter(middle, 0.0f)), low | minus) << std::hex << low;
    ASSERT_EQ(GetParam().encode(std::nextafter(middle, kInfinity)), high) << std::hex << low;
    ASSERT_EQ(GetParam().encode(std::nextafter(-middle, -kInfinity)), high | minus)
        << std::hex << low;
  }
}

TEST_P(NarrowFormat, OverflowIsInfinityAndEveryNanIsCanonical) {
  const float largest = std::numeric_limits<float>::max();
  EXPECT_EQ(GetParam().encode(largest), infinity_bits());
  EXPECT_EQ(GetParam().encode(-largest), infinity_bits() | 0x8000u);
  EXPECT_EQ(GetParam().encode(kInfinity), infinity_bits());
  EXPECT_EQ(GetParam().encode(-kInfinity), infinity_bits() | 0x8000u);
  for (const std::uint32_t nan :
       {0x7f800001u, 0x7fc00000u, 0x7fffffffu, 0xff800001u, 0xffc12345u}) {
    EXPECT_EQ(GetParam().encode(fp32_from_bits(nan)), GetParam().nan);
    EXPECT_EQ(fp32_bits(round_to(GetParam().format, fp32_from_bits(nan))), kCanonicalNanFp32);
  }
}

TEST_P(NarrowFormat, RandomFp32IsTheNearestByDoubleArithmetic) {
  std::mt19937 random(20261121);
  for (int i = 0; i < 200000; ++i) {
    const float value = fp32_from_bits(static_cast<std::uint32_t>(random()));
    if (!std::isfinite(value)) continue;
    // Last place of the format at this magnitude, then round to a whole number of them.
    const int smallest = 1 - encoding().bias();
    const int exponent = value == 0 ? smallest : std::max(std::ilogb(value), smallest);
    const double place = std::ldexp(1.0, exponent - static_cast<int>(encoding().mantissa_bits));
    const double rounded = std::nearbyint(static_cast<double>(value) / place) * place;
    const bool overflows = std::fabs(rounded) >= std::ldexp(1.0, encoding().bias() + 1);
    const double expected = overflows ? std::copysign(HUGE_VAL, rounded) : rounded;
    ASSERT_EQ(static_cast<double>(round_to(GetParam().format, value)), expected) << value;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, NarrowFormat,
                         ::testing::Values(Narrow{"fp16", NumberFormat::fp16, fp16_bits,
                                                  fp16_from_bits, kCanonicalNanFp16},
                                           Narrow{"bf16", NumberFormat::bf16, bf16_bits,
                                                  bf16_from_bits, kCanonicalNanBf16}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Fp32, RoundToFp32KeepsEverythingButThePayloadOfNans) {
  std::mt19937 random(1);
  for (int i = 0; i < 100000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    const float value = fp32_from_bits(bits);
    const std::uint32_t expected = std::isnan(value) ? kCanonicalNanFp32 : bits;
    ASSERT_EQ(fp32_bits(round_to(NumberFormat::fp32, value)), expected) << std::hex << bits;
    ASSERT_EQ(fp32_bits(canonical(value)), expected) << std::hex << bits;
  }
}

TEST(Fp32, HostArithmeticKeepsSubnormalsAndDoesNotFuse) {
  volatile float smallest = std::numeric_limits<float>::denorm_min();
  volatile float half = 0.5f;
  EXPECT_EQ(fp32_bits(smallest + smallest), 2u);
  EXPECT_EQ(fp32_bits(smallest * half), 0u);  // a tie, to even
  volatile float a = 1.0f + 0x1p-12f;
  volatile float minus_square = -(1.0f + 0x1p-11f);
  EXPECT_EQ(a * a + minus_square, 0.0f);  // fused it would be 2^-24
}

/// Nearest FP32 of an integer by integer arithmetic alone, ties to even.
double nearest_of_int(std::int64_t value) {
  const bool negative = value < 0;
  std::uint64_t magnitude =
      negative ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  int shift = 0;
  while ((magnitude >> shift) >= (1u << 24)) ++shift;
  if (shift > 0) {
    const std::uint64_t rest = magnitude & ((std::uint64_t{1} << shift) - 1);
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    std::uint64_t kept = magnitude >> shift;
    if (rest > half || (rest == half && kept % 2 == 1)) ++kept;
    return (negative ? -1 : 1) * std::ldexp(static_cast<double>(kept), shift);
  }
  return static_cast<double>(value);
}

TEST(IntegerToFp32, IsTheNearestAndTiesGoToEven) {
  EXPECT_EQ(fp32_from_int(16777217), 16777216.0f);
  EXPECT_EQ(fp32_from_int(16777219), 16777220.0f);
  EXPECT_EQ(fp32_from_int(-16777219), -16777220.0f);
  EXPECT_EQ(fp32_bits(fp32_from_int(0)), 0u);
  std::mt19937_64 random(2);
  for (int i = 0; i < 200000; ++i) {
    const auto value = static_cast<std::int64_t>(random()) >> (random() % 63);
    ASSERT_EQ(static_cast<double>(fp32_from_int(value)), nearest_of_int(value)) << value;
    const std::int64_t odd_place = (value | 1) % (std::int64_t{1} << 38);  // many exact ties
    ASSERT_EQ(static_cast<double>(fp32_from_int(odd_place)), nearest_of_int(odd_place));
    const std::int64_t tie = ((value % (1 << 24)) * 2 + 1) * (std::int64_t{1} << (random() % 38));
    ASSERT_EQ(static_cast<double>(fp32_from_int(tie)), nearest_of_int(tie)) << tie;
  }
}

TEST(ScaleByPowerOfTwo, RoundsOnceEvenIntoSubnormals) {
  // long double has 64 significant bits and 15 of exponent: its ldexp is exact here.
  std::mt19937 random(3);
  for (int i = 0; i < 400000; ++i) {
    const float value = fp32_from_bits(static_cast<std::uint32_t>(random()));
    const auto exponent = static_cast<std::int32_t>(random() % 620) - 310;
    const float scaled = scale_by_power_of_two(value, exponent);
    if (std::isnan(value)) {
      ASSERT_EQ(fp32_bits(scaled), kCanonicalNanFp32);
      continue;
    }
    const auto expected = static_cast<float>(std::ldexp(static_cast<long double>(value), exponent));
    ASSERT_EQ(fp32_bits(scaled), fp32_bits(expected)) << value << " * 2^" << exponent;
  }
}

TEST(ScaleByPowerOfTwo, EveryTieOfTheSubnormalRangeGoesToEven) {
  for (std::uint32_t odd = 1; odd < (1u << 16); odd += 2) {
    const float scaled = scale_by_power_of_two(static_cast<float>(odd), -150);
    const std::uint32_t even = odd / 2 + (odd / 2) % 2;
    ASSERT_EQ(fp32_bits(scaled), even) << odd;
  }
}

TEST(ScaleByPowerOfTwo, HoldsAtTheEndsOfTheExponent) {
  const float largest = std::numeric_limits<float>::max();
  const float smallest = std::numeric_limits<float>::denorm_min();
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(scale_by_power_of_two(smallest, kMax), kInfinity);
  EXPECT_EQ(scale_by_power_of_two(-smallest, kMax), -kInfinity);
  EXPECT_EQ(fp32_bits(scale_by_power_of_two(-largest, -kMax)), 0x80000000u);
  EXPECT_EQ(fp32_bits(scale_by_power_of_two(-0.0f, kMax)), 0x80000000u);
  EXPECT_EQ(scale_by_power_of_two(kInfinity, -kMax), kInfinity);
  EXPECT_EQ(scale_by_power_of_two(smallest, 276), 0x1p127f);
  EXPECT_EQ(scale_by_power_of_two(smallest, 277), kInfinity);
  EXPECT_EQ(scale_by_power_of_two(0x1.8p127f, -277), 0x1p-149f);  // nearer to 2^-149 than to 0
  EXPECT_EQ(scale_by_power_of_two(0x1p127f, -277), 0.0f);         // a tie: to even
}

}  // namespace
}  // namespace lutsim::models
