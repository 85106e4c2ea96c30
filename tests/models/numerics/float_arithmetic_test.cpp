// SPDX-License-Identifier: Apache-2.0
#include "models/numerics/float_arithmetic.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/models/numerics/exact_rounding.h"

namespace lutsim::models {
namespace {

using spec::NumberFormat;

constexpr NumberFormat kFormats[] = {NumberFormat::fp16, NumberFormat::bf16, NumberFormat::fp32};

std::uint32_t golden_add(NumberFormat format, std::uint32_t a, std::uint32_t b) {
  return bits_of(format, fp_add(format, value_of(format, a), value_of(format, b)));
}
std::uint32_t golden_multiply(NumberFormat in, NumberFormat out, std::uint32_t a, std::uint32_t b) {
  return bits_of(out, fp_multiply(in, out, value_of(in, a), value_of(in, b)));
}

/// Every exponent, with fractions at both ends, in the middle and next to them; both signs.
std::vector<std::uint32_t> grid(NumberFormat format) {
  const spec::FloatEncoding encoding = spec::float_encoding(format);
  const std::uint32_t one = 1u << encoding.mantissa_bits;
  std::vector<std::uint32_t> bits;
  for (std::uint32_t field = 0; field < 1u << encoding.exponent_bits; ++field) {
    // All exponents of FP16; of the others those at the limits and around one.
    const std::uint32_t from_one = field > 127 ? field - 127 : 127 - field;
    const bool wide = encoding.exponent_bits == 8;
    if (wide && from_one > 10 && from_one < 118 && from_one % 21 != 0) continue;
    for (const std::uint32_t fraction : {0u, 1u, one / 2, one / 2 + 1, one - 1}) {
      bits.push_back(field << encoding.mantissa_bits | fraction);
      bits.push_back(bits.back() | test::sign_bit(format, true));
    }
  }
  return bits;
}

std::uint32_t random_bits(std::mt19937& random, NumberFormat format) {
  return static_cast<std::uint32_t>(random()) >> (32 - spec::width_bits(format));
}

class InFormat : public testing::TestWithParam<NumberFormat> {};

TEST_P(InFormat, SumsAreTheExactOnesRoundedOnce) {
  const NumberFormat format = GetParam();
  const std::vector<std::uint32_t> values = grid(format);
  for (const std::uint32_t a : values) {
    for (const std::uint32_t b : values) {
      ASSERT_EQ(golden_add(format, a, b), test::exact_add(format, a, b))
          << std::hex << a << " + " << b;
    }
  }
  std::mt19937 random(1);
  const std::uint32_t man = spec::float_encoding(format).mantissa_bits;
  for (int i = 0; i < 300000; ++i) {
    const std::uint32_t a = random_bits(random, format);
    // Half of the second operands are a few places away, so that the sums have a rest.
    const std::uint32_t near = a + ((random() % (2 * man + 4)) << man) - ((man + 2) << man);
    const std::uint32_t b = i % 2 == 0 ? random_bits(random, format)
                                       : (near ^ random_bits(random, format) % (1u << man)) &
                                             (test::sign_bit(format, true) * 2 - 1);
    ASSERT_EQ(golden_add(format, a, b), test::exact_add(format, a, b))
        << std::hex << a << " + " << b;
  }
}

TEST_P(InFormat, ProductsAreTheExactOnesRoundedOnceToEveryFormat) {
  const NumberFormat in = GetParam();
  const std::vector<std::uint32_t> values = grid(in);
  for (const NumberFormat out : kFormats) {
    for (const std::uint32_t a : values) {
      for (const std::uint32_t b : values) {
        ASSERT_EQ(golden_multiply(in, out, a, b), test::exact_multiply(in, out, a, b))
            << spec::to_string_of(out) << std::hex << " " << a << " * " << b;
      }
    }
    std::mt19937 random(2);
    for (int i = 0; i < 200000; ++i) {
      const std::uint32_t a = random_bits(random, in), b = random_bits(random, in);
      ASSERT_EQ(golden_multiply(in, out, a, b), test::exact_multiply(in, out, a, b))
          << spec::to_string_of(out) << std::hex << " " << a << " * " << b;
    }
  }
}

TEST_P(InFormat, ConversionsAreTheNearestValue) {
  const NumberFormat in = GetParam();
  std::mt19937 random(3);
  for (std::uint32_t i = 0; i < 0x10000u; ++i) {
    const std::uint32_t bits = in == NumberFormat::fp32 ? static_cast<std::uint32_t>(random()) : i;
    for (const NumberFormat out : kFormats) {
      ASSERT_EQ(bits_of(out, value_of(in, bits)), test::exact_convert(in, out, bits))
          << spec::to_string_of(out) << std::hex << " " << bits;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, InFormat, testing::ValuesIn(kFormats),
                         [](const auto& test) { return spec::to_string_of(test.param); });

TEST(Fp16Sum, EveryValueAndEveryNeighbourOfItsNegativeCancel) {
  for (std::uint32_t a = 0; a < 0x10000u; ++a) {
    for (const std::uint32_t flip : {0x8000u, 0x8001u, 0x8002u, 0x8003u}) {
      ASSERT_EQ(golden_add(NumberFormat::fp16, a, a ^ flip),
                test::exact_add(NumberFormat::fp16, a, a ^ flip))
          << std::hex << a;
    }
  }
}

/// The argument of float_arithmetic.h for BF16, on every pair of significands.
TEST(Bf16Product, IsRoundedOnceWhereFp32Underflows) {
  for (std::uint32_t a = 0; a < 0x80; ++a) {
    for (std::uint32_t b = a; b < 0x80; ++b) {
      // Products from 2^-152 to 2^-125: 2^-74 times 2^(field - 127).
      const std::uint32_t x = (127u - 74u) << 7 | a;
      for (std::uint32_t field = 127 - 78; field <= 127 - 51; ++field) {
        const std::uint32_t y = field << 7 | b;
        ASSERT_EQ(golden_multiply(NumberFormat::bf16, NumberFormat::bf16, x, y),
                  test::exact_multiply(NumberFormat::bf16, NumberFormat::bf16, x, y))
            << std::hex << x << " * " << y;
      }
    }
  }
}

TEST(Fp32ProductInBf16, IsRoundedOnce) {
  // 2^-31 to each side of a point half way between two BF16 values: FP32 would lose it.
  const float below = (1.0f + 0x3p-8f + 0x1p-23f) * (1.0f - 0x1p-23f);
  EXPECT_EQ(below, 1.0f + 0x3p-8f);
  EXPECT_EQ(fp_multiply(NumberFormat::fp32, NumberFormat::bf16, 1.0f + 0x3p-8f + 0x1p-23f,
                        1.0f - 0x1p-23f),
            1.0f + 0x2p-8f);
  EXPECT_EQ(fp_multiply(NumberFormat::fp32, NumberFormat::bf16, 1.0f + 0x1p-8f - 0x1p-23f,
                        1.0f + 0x1p-23f),
            1.0f + 0x2p-8f);
}

TEST(RoundOnce, HoldsAtTheEndsOfDouble) {
  for (const NumberFormat format : kFormats) {
    EXPECT_EQ(bits_of(format, round_once(format, 0x1p-1074)), 0u);
    EXPECT_EQ(bits_of(format, round_once(format, -0x1p-1074)), test::sign_bit(format, true));
    EXPECT_EQ(bits_of(format, round_once(format, 0x1p1023)), test::infinity_bits(format));
    EXPECT_EQ(bits_of(format, round_once(format, std::nan(""))), test::nan_bits(format));
  }
  // Just past half of the least BF16 subnormal.
  EXPECT_EQ(round_once(NumberFormat::bf16, 0x1p-134), 0.0f);
  EXPECT_EQ(round_once(NumberFormat::bf16, 0x1.0000000000001p-134), 0x1p-133f);
  EXPECT_EQ(round_once(NumberFormat::fp16, 0x1.0000000000001p-25), 0x1p-24f);
}

}  // namespace
}  // namespace lutsim::models
