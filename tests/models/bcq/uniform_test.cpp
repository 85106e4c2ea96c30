// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/bcq/uniform_view.h"
#include "models/numerics/float_format.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

std::vector<float> random_weights(std::uint32_t seed, std::size_t count, float scale) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> w(count);
  for (float& value : w) value = normal(random) * scale;
  return w;
}

/// Text of the SpecError that `call` throws, empty if it throws none.
template <class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const spec::SpecError& error) {
    return error.what();
  }
  return "";
}

TEST(UniformToBcq, WeightsAgreeBitForBitForEveryWidthGroupAndScale) {
  std::mt19937 random(31);
  for (std::uint32_t bits = 1; bits <= 8; ++bits) {
    for (const std::uint32_t group : {1u, 8u, 32u, 64u, 65u, 172u}) {
      UniformMatrix m{172, 5, bits, group, {}, {}, {}};
      m.scale.resize(std::size_t{m.groups()} * m.n);
      m.zero.resize(m.scale.size());
      m.q.resize(std::size_t{m.n} * m.k);
      // Any FP16 scale up to where 2^(bits-2) of it overflows, subnormal ones included.
      for (auto& scale : m.scale) scale = static_cast<std::uint16_t>(random() % 0x6400u);
      round_scales_for_bcq(m);
      for (auto& zero : m.zero) zero = static_cast<std::int32_t>(random() % (1u << bits));
      m.zero.front() = kMaxZeroPoint;
      m.zero.back() = -kMaxZeroPoint;
      for (auto& q : m.q) q = static_cast<std::uint8_t>(random() % (1u << bits));
      const BcqMatrix bcq = to_bcq(m);
      validate(bcq);
      for (std::uint32_t row = 0; row < m.n; ++row) {
        for (std::uint32_t col = 0; col < m.k; ++col) {
          const std::size_t index = std::size_t{col / group} * m.n + row;
          const double level = m.q[std::size_t{row} * m.k + col] - m.zero[index];
          const double exact = static_cast<double>(fp16_from_bits(m.scale[index])) * level;
          const float expected = static_cast<float>(exact);
          ASSERT_EQ(static_cast<double>(expected), exact);  // the uniform weight itself is exact
          ASSERT_EQ(fp32_bits(m.weight(row, col) + 0.0f), fp32_bits(expected + 0.0f));
          ASSERT_EQ(fp32_bits(bcq.weight(row, col)), fp32_bits(expected + 0.0f))
              << bits << " bits, group " << group << ", row " << row << ", column " << col;
        }
      }
    }
  }
}

TEST(UniformToBcq, EveryFp16ScaleEitherConvertsExactlyOrIsRefused) {
  for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
    UniformMatrix m{2, 1, 4, 2, {static_cast<std::uint16_t>(bits)}, {3}, {0, 15}};
    const float scale = fp16_from_bits(static_cast<std::uint16_t>(bits));
    const float units = std::fabs(scale) / 0x1p-24f;  // of the least FP16 number
    const bool odd = units < 0x1p12f && static_cast<std::uint32_t>(units) % 2 != 0;
    const bool legal = std::isfinite(scale) && !odd && std::fabs(scale) * 4 <= 65504.0f;
    const std::string error = error_of([&] { to_bcq(m); });
    ASSERT_EQ(error.empty(), legal) << scale << ": " << error;
    if (!legal) continue;
    const BcqMatrix bcq = to_bcq(m);
    ASSERT_EQ(bcq.weight(0, 0), scale * -3.0f);
    ASSERT_EQ(bcq.weight(0, 1), scale * 12.0f);
  }
}

TEST(UniformToBcq, RoundingScalesChangesOnlyThoseWithoutAnFp16HalfAndByTheLeast) {
  for (std::uint32_t bits = 0; bits < 0x7c00u; ++bits) {
    UniformMatrix m{1, 1, 1, 1, {static_cast<std::uint16_t>(bits)}, {0}, {0}};
    const float before = fp16_from_bits(static_cast<std::uint16_t>(bits));
    const bool has_half = fp16_from_bits(fp16_bits(before / 2)) == before / 2;
    ASSERT_EQ(round_scales_for_bcq(m), has_half ? 0u : 1u);
    const float after = fp16_from_bits(m.scale[0]);
    ASSERT_LE(std::fabs(after - before), has_half ? 0.0f : 0x1p-24f);
    ASSERT_EQ(after == 0.0f, before == 0.0f);
    ASSERT_EQ(fp16_from_bits(fp16_bits(after / 2)), after / 2);
  }
}

TEST(UniformToBcq, RefusesWhatItCannotRepresentAndSaysWhere) {
  const UniformMatrix good{2, 1, 2, 2, {0x3c00}, {1}, {0, 3}};
  EXPECT_EQ(error_of([&] { to_bcq(good); }), "");
  UniformMatrix m = good;
  m.q[1] = 4;
  EXPECT_NE(error_of([&] { to_bcq(m); }).find("row 0, column 1: value 4"), std::string::npos);
  m = good;
  m.zero[0] = kMaxZeroPoint + 1;
  EXPECT_NE(error_of([&] { to_bcq(m); }).find("zero point 2049"), std::string::npos);
  m = good;
  m.scale.push_back(0);
  EXPECT_NE(error_of([&] { to_bcq(m); }).find("expected 1 scales"), std::string::npos);
  m = good;
  m.scale[0] = 0x7c00;
  EXPECT_NE(error_of([&] { to_bcq(m); }).find("row 0, group 0"), std::string::npos);
}

TEST(Rtn, ErrorIsWithinAStepOfTheGridForEveryWidthAndGroup) {
  const std::uint32_t n = 7, k = 172;
  const std::vector<float> w = random_weights(32, std::size_t{n} * k, 0.05f);
  for (std::uint32_t bits = 1; bits <= 8; ++bits) {
    for (const std::uint32_t group : {1u, 32u, 100u, 172u}) {
      const UniformMatrix m = quantize_uniform(w.data(), n, k, bits, group);
      const BcqMatrix bcq = quantize_rtn(w.data(), n, k, bits, group);
      for (std::uint32_t row = 0; row < n; ++row) {
        for (std::uint32_t col = 0; col < k; ++col) {
          const float step = fp16_from_bits(m.scale[std::size_t{col / group} * n + row]);
          // Half a step for the level, half for the zero point, and what rounding the scale (to 11
          // bits, or to a multiple of 2^-23) took off each of the levels.
          const double scale_error = std::max(step * 0x1p-11, 0x1p-24);
          const double slack = step + scale_error * ((1 << bits) - 1);
          const float exact = w[std::size_t{row} * k + col];
          ASSERT_NEAR(m.weight(row, col), exact, slack);
          ASSERT_EQ(bcq.weight(row, col), m.weight(row, col));
        }
      }
    }
  }
}

TEST(Rtn, EveryWeightTakesTheNearestLevelOfItsGrid) {
  const std::uint32_t n = 3, k = 77, group = 20;
  const std::vector<float> w = random_weights(33, std::size_t{n} * k, 1.0f);
  for (std::uint32_t bits = 1; bits <= 8; ++bits) {
    const UniformMatrix m = quantize_uniform(w.data(), n, k, bits, group);
    for (std::uint32_t row = 0; row < n; ++row) {
      for (std::uint32_t col = 0; col < k; ++col) {
        const std::size_t index = std::size_t{col / group} * n + row;
        const double exact = w[std::size_t{row} * k + col];
        double best = HUGE_VAL;
        for (std::int32_t q = 0; q < (1 << bits); ++q) {
          const double level =
              static_cast<double>(fp16_from_bits(m.scale[index])) * (q - m.zero[index]);
          best = std::min(best, std::fabs(level - exact));
        }
        ASSERT_EQ(std::fabs(m.weight(row, col) - exact), best);
      }
    }
  }
}

TEST(Rtn, AGroupIsNotTouchedByItsNeighbours) {
  const std::uint32_t k = 50, group = 16;  // groups of 16, 16, 16 and 2
  const std::vector<float> w = random_weights(34, k, 1.0f);
  const UniformMatrix before = quantize_uniform(w.data(), 1, k, 4, group);
  for (const std::uint32_t changed : {32u, 47u}) {  // first and last of group 2
    std::vector<float> v = w;
    v[changed] = 100.0f;
    const UniformMatrix after = quantize_uniform(v.data(), 1, k, 4, group);
    for (std::uint32_t g = 0; g < 4; ++g) {
      EXPECT_EQ(before.scale[g] == after.scale[g], g != 2) << g;
    }
    for (std::uint32_t col = 0; col < k; ++col) {
      if (col / group == 2) continue;
      EXPECT_EQ(before.weight(0, col), after.weight(0, col)) << col;
    }
  }
}

TEST(Rtn, ZerosStayZerosAndEqualWeightsKeepTheirValueToFp16) {
  for (std::uint32_t bits = 1; bits <= 8; ++bits) {
    const std::vector<float> zeros(20, 0.0f);
    const BcqMatrix zero = quantize_rtn(zeros.data(), 2, 10, bits, 4);
    for (std::uint32_t col = 0; col < 10; ++col) EXPECT_EQ(fp32_bits(zero.weight(1, col)), 0u);
    for (const float value : {0.3f, -0.3f}) {
      const std::vector<float> equal(20, value);
      const BcqMatrix m = quantize_rtn(equal.data(), 2, 10, bits, 4);
      for (std::uint32_t col = 0; col < 10; ++col) {
        EXPECT_NEAR(m.weight(1, col), value, 0.3 * 0x1p-11);
      }
    }
  }
}

TEST(Rtn, TinyGroupsKeepTheLeastStepAndHugeOnesAreRefused) {
  const std::vector<float> tiny = {1e-7f, -1e-7f, 5e-8f, 0.0f};
  const UniformMatrix m = quantize_uniform(tiny.data(), 1, 4, 4, 4);
  EXPECT_EQ(fp16_from_bits(m.scale[0]), 0x1p-23f);
  EXPECT_EQ(to_bcq(m).alpha_of(0, 0, 0), 0x1p-24f);
  const std::vector<float> huge = {1e30f, -3e38f};
  const std::string error = error_of([&] { quantize_rtn(huge.data(), 1, 2, 4, 2); });
  EXPECT_NE(error.find("row 0, group 0"), std::string::npos) << error;
}

TEST(Quantizers, RefuseIllegalShapesAndWeightsThatAreNotFinite) {
  std::vector<float> w(12, 1.0f);
  const auto both = [&](std::uint32_t n, std::uint32_t k, std::uint32_t bits, std::uint32_t group) {
    std::string rtn = error_of([&] { quantize_rtn(w.data(), n, k, bits, group); });
    const std::string bcq = error_of([&] { quantize_bcq(w.data(), n, k, bits, group); });
    EXPECT_EQ(rtn, bcq);
    return rtn;
  };
  EXPECT_EQ(both(2, 6, 4, 6), "");
  EXPECT_EQ(both(2, 6, 4, 7), "BCQ matrix: group_size = 7: must be 1 to K = 6");
  EXPECT_EQ(both(2, 6, 4, 0), "BCQ matrix: group_size = 0: must be 1 to K = 6");
  EXPECT_EQ(both(2, 6, 0, 6), "BCQ matrix: weight_bits = 0: must be 1 to 8");
  EXPECT_EQ(both(2, 6, 9, 6), "BCQ matrix: weight_bits = 9: must be 1 to 8");
  EXPECT_EQ(both(0, 6, 4, 6), "BCQ matrix: K = 6, N = 0: both must be at least 1");
  w[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(both(2, 6, 4, 6),
            "quantiser: weight at row 1, column 1 is nan: weights must be finite");
  w[7] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(both(2, 6, 4, 6),
            "quantiser: weight at row 1, column 1 is -inf: weights must be finite");
}

TEST(UniformView, CodesOfAStretchAreThoseOfItsWeights) {
  std::mt19937 random(9);
  for (std::uint32_t bits = 1; bits <= 8; ++bits) {
    BcqMatrix m = make_bcq(200, 3, bits, 200, true);
    for (std::uint32_t plane = 0; plane < bits; ++plane) {
      for (std::uint32_t col = 0; col < m.k; ++col) {
        for (std::uint32_t row = 0; row < m.n; ++row) m.set_bit(plane, row, col, random() % 2 == 0);
      }
    }
    for (const std::uint32_t begin : {0u, 5u, 63u, 64u, 130u}) {
      for (const std::uint32_t length : {1u, 8u, 61u, 64u, 70u}) {
        std::vector<std::uint8_t> codes(80, 255);
        uniform_codes(m, 2, begin, length, codes.data());
        for (std::uint32_t j = 0; j < (length + 7) / 8 * 8; ++j) {
          ASSERT_EQ(codes[j], j < length ? uniform_code(m, 2, begin + j) : 0u)
              << bits << " bits, " << begin << " + " << j << " of " << length;
        }
        EXPECT_EQ(codes[(length + 7) / 8 * 8], 255);
      }
    }
  }
}

}  // namespace
}  // namespace lutsim::models
