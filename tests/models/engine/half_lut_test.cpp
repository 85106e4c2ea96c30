// SPDX-License-Identifier: Apache-2.0
#include "models/engine/half_lut.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "models/spec/arch_spec.h"

namespace lutsim::models {
namespace {

std::int64_t signed_sum(const std::vector<std::int32_t>& a, std::uint32_t key) {
  std::int64_t sum = 0;
  for (std::size_t t = 0; t < a.size(); ++t)
    sum += ((key >> t) & 1u) != 0 ? a[t] : -std::int64_t{a[t]};
  return sum;
}

class HalfLutOfMu : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  std::vector<std::int32_t> random_elements(std::uint32_t seed) const {
    std::mt19937 random(seed);
    std::vector<std::int32_t> a(GetParam());
    for (std::int32_t& value : a) value = static_cast<std::int32_t>(random());
    return a;
  }
};

TEST_P(HalfLutOfMu, EveryKeyReadsTheSignedSumOfTheElements) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const std::vector<std::int32_t> a = random_elements(seed);
    const HalfLut lut(GetParam(), a.data());
    for (std::uint32_t key = 0; key < (1u << GetParam()); ++key) {
      ASSERT_EQ(lut.entry(key), signed_sum(a, key)) << "key " << key;
    }
  }
}

TEST_P(HalfLutOfMu, StoresOnlyTheKeysWhoseMostSignificantBitIsZero) {
  const std::vector<std::int32_t> a = random_elements(1);
  spec::MatrixSpec spec;
  spec.mu = GetParam();
  const HalfLut lut(GetParam(), a.data());
  ASSERT_EQ(lut.stored().size(), spec.lut_entries());
  for (std::uint32_t key = 0; key < lut.stored().size(); ++key) {
    EXPECT_EQ(lut.stored()[key], signed_sum(a, key));
  }
}

TEST_P(HalfLutOfMu, GeneratorMakesTheAdditionsThatItIsSaidToMake) {
  const HalfLut lut(GetParam(), random_elements(2).data());
  EXPECT_EQ(lut.additions(), generator_additions(GetParam()));
  const std::uint32_t one_by_one = (1u << (GetParam() - 1)) * (GetParam() - 1);
  EXPECT_LE(lut.additions(), one_by_one);
}

INSTANTIATE_TEST_SUITE_P(Mu, HalfLutOfMu, ::testing::Range(2u, 9u));

TEST(HalfLut, GeneratorOfFourElementsTakesFourteenAdditions) {
  EXPECT_EQ(generator_additions(4), 14u);  // FIGLUT, arXiv 2503.06862, III-E
  EXPECT_EQ(generator_additions(2), 2u);   // -a1 - a0 and -a1 + a0
}

}  // namespace
}  // namespace lutsim::models
