// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "models/lut/half_lut.h"
#include "models/numerics/float_format.h"
#include "sim/rtl_bridge/rtl_blocks.h"
#include "tools/verify/verify.h"

/// The blocks of rtl/matrix/ one by one, against the host's FP32 and models/.
namespace lutsim::test {
namespace {

using models::canonical;
using models::fp32_bits;
using models::fp32_from_bits;

struct Seeded {
  const char* block;
  std::uint64_t seed;
};
void PrintTo(const Seeded& p, std::ostream* out) { *out << p.block << " seed " << p.seed; }

class RandomVectors : public testing::TestWithParam<Seeded> {};

TEST_P(RandomVectors, EveryBitEqualsTheGoldenModel) {
  const Seeded& p = GetParam();
  const auto results = tools::verify_blocks({p.block}, 100000, p.seed);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_GE(results[0].vectors, 100000u);
  EXPECT_TRUE(results[0].passed()) << "seed " << p.seed << ", " << results[0].mismatches
                                   << " mismatches, first: " << results[0].first_mismatch;
}

std::vector<Seeded> all_blocks() {
  std::vector<Seeded> all;
  for (const char* block :
       {"fp32_adder", "fp32_multiplier", "int_to_fp32", "pre_aligner", "lut_generator", "lut_pe"}) {
    for (std::uint64_t seed : {1, 2, 3}) all.push_back({block, seed});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Blocks, RandomVectors, testing::ValuesIn(all_blocks()),
                         [](const auto& info) {
                           return std::string(info.param.block) + "_seed" +
                                  std::to_string(info.param.seed);
                         });

/// Boundaries of FP32: zeros, subnormals, the least and greatest normals, one and its neighbours,
/// values at half a unit in the last place of one, infinities, NaNs with payload and sign.
std::vector<std::uint32_t> corners() {
  std::vector<std::uint32_t> bits;
  for (std::uint32_t magnitude :
       {0x00000000u, 0x00000001u, 0x00000002u, 0x00400000u, 0x007fffffu, 0x00800000u, 0x00800001u,
        0x00ffffffu, 0x01000000u, 0x0b800000u, 0x0c000000u, 0x1f800000u, 0x20000000u, 0x33000000u,
        0x33800000u, 0x33800001u, 0x34000000u, 0x3effffffu, 0x3f000000u, 0x3f7fffffu, 0x3f800000u,
        0x3f800001u, 0x40000000u, 0x4b000000u, 0x4b800000u, 0x7e800000u, 0x7effffffu, 0x7f000000u,
        0x7f7fffffu, 0x7f800000u, 0x7f800001u, 0x7fc00000u, 0x7fffffffu}) {
    bits.push_back(magnitude);
    bits.push_back(magnitude | 0x80000000u);
  }
  return bits;
}

TEST(Fp32Adder, EveryPairOfCornersEqualsTheHost) {
  rtl::RtlFp32Adder adder;
  for (const std::uint32_t a : corners()) {
    for (const std::uint32_t b : corners()) {
      const float sum = canonical(fp32_from_bits(a) + fp32_from_bits(b));
      EXPECT_EQ(adder(a, b), fp32_bits(sum)) << std::hex << a << " + " << b;
    }
  }
}

TEST(Fp32Multiplier, EveryPairOfCornersEqualsTheHost) {
  rtl::RtlFp32Multiplier multiplier;
  for (const std::uint32_t a : corners()) {
    for (const std::uint32_t b : corners()) {
      const float product = canonical(fp32_from_bits(a) * fp32_from_bits(b));
      EXPECT_EQ(multiplier(a, b), fp32_bits(product)) << std::hex << a << " * " << b;
    }
  }
}

TEST(IntToFp32, RoundsTheIntegerBeforeItIsScaled) {
  rtl::RtlIntToFp32 wide(rtl::RtlIntToFp32::kWide);
  // A little below 2^23 + 3 units of 2^8: rounds to them. Scaled so that the last bit is lost, they
  // are a tie and go up to the even 2^22 + 2; rounded once, the exact value would go down to 2^22
  // + 1.
  const std::int64_t sum = ((std::int64_t{1} << 23) + 3) * 256 - 1;
  EXPECT_EQ(wide(sum, -158), (1u << 22) + 2);
  EXPECT_EQ(wide(-sum, -158), 0x80000000u | ((1u << 22) + 2));
}

TEST(IntToFp32, TiesOfTheIntegerGoToTheEvenNeighbour) {
  rtl::RtlIntToFp32 wide(rtl::RtlIntToFp32::kWide);
  const std::int64_t one = 1;
  for (const std::int64_t sum :
       {(one << 24) + 1, (one << 24) + 3, (one << 25) + 1, (one << 25) + 2, (one << 25) + 3,
        (one << 25) + 6, (one << 25) - 1, (one << 26) - 1, (one << 39) - 1, 1 - (one << 39)}) {
    EXPECT_EQ(wide(sum, 0), fp32_bits(static_cast<float>(sum))) << sum;
  }
}

TEST(IntToFp32, EveryShortIntegerIsExact) {
  rtl::RtlIntToFp32 narrow(rtl::RtlIntToFp32::kNarrow);
  for (std::int64_t sum = -1000; sum <= 1000; ++sum) {
    EXPECT_EQ(narrow(sum, 0), fp32_bits(static_cast<float>(sum))) << sum;
  }
}

TEST(LutGenerator, EveryEntryOfExtremeActivationsIsExact) {
  for (const std::uint32_t mu : {4u, 5u}) {
    rtl::RtlLutGenerator generator(mu);
    const std::int32_t limit = (1 << (generator.align_bits() - 1)) - 1;
    for (std::uint32_t signs = 0; signs < 1u << mu; ++signs) {
      std::vector<std::int32_t> a;
      for (std::uint32_t t = 0; t < mu; ++t) a.push_back((signs >> t) & 1u ? limit : -limit);
      const models::HalfLut golden(mu, a.data());
      EXPECT_EQ(generator(a), golden.stored()) << "mu " << mu << " signs " << signs;
    }
  }
}

TEST(PreAligner, DropsTheBitsThatAreShiftedOutOfBothSigns) {
  rtl::RtlPreAligner aligner(spec::NumberFormat::fp16);
  const std::uint32_t one = models::fp16_bits(1.0f);
  const std::uint32_t small = models::fp16_bits(2047.0f / 1024.0f / 1024.0f);
  const models::AlignedSegment aligned = aligner({one, small, small | 0x8000u});
  // 15 bits of magnitude below 2: one is 2^14 units of 2^-14, 2047 * 2^-20 is 31.98 of them.
  EXPECT_EQ(aligned.exponent, -14);
  EXPECT_EQ(aligned.mantissa, (std::vector<std::int32_t>{1 << 14, 31, -31}));
}

TEST(PreAligner, SubnormalsShareTheExponentOfTheLeastNormals) {
  rtl::RtlPreAligner aligner(spec::NumberFormat::fp16);
  const models::AlignedSegment aligned = aligner({0x0001u, 0x83ffu, 0x0400u});
  EXPECT_TRUE(aligned.finite);
  EXPECT_EQ(aligned.mantissa, (std::vector<std::int32_t>{1 << 4, -1023 * 16, 1024 * 16}));
}

TEST(PreAligner, FlagsInfinityAndNaN) {
  rtl::RtlPreAligner aligner(spec::NumberFormat::fp16);
  EXPECT_TRUE(aligner({0x7bffu}).finite);
  EXPECT_FALSE(aligner({0x3c00u, 0x7c00u}).finite);
  EXPECT_FALSE(aligner({0xfe01u, 0x3c00u}).finite);
}

}  // namespace
}  // namespace lutsim::test
