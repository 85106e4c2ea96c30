// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/numerics/float_format.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

constexpr std::uint32_t kRows = 6, kColumns = 172, kGroup = 32;

std::vector<float> normal_weights(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> w(std::size_t{kRows} * kColumns);
  for (float& value : w) value = normal(random) * 0.1f;
  return w;
}

double squared_error(const BcqMatrix& m, const std::vector<float>& w) {
  double sum = 0;
  for (std::uint32_t row = 0; row < m.n; ++row) {
    for (std::uint32_t col = 0; col < m.k; ++col) {
      const double error = m.weight(row, col) - w[std::size_t{row} * m.k + col];
      sum += error * error;
    }
  }
  return sum;
}

double error_of(const std::vector<float>& w, std::uint32_t bits, std::uint32_t rounds) {
  return squared_error(quantize_bcq(w.data(), kRows, kColumns, bits, kGroup, rounds), w);
}

TEST(Bcq, OnePlaneIsTheSignTimesTheMeanMagnitude) {
  const std::vector<float> w = {0.5f, -1.5f, 1.0f, -1.0f, 3.0f, -1.0f};
  const BcqMatrix m = quantize_bcq(w.data(), 1, 6, 1, 4);
  EXPECT_FALSE(m.has_offset());
  EXPECT_EQ(m.alpha_of(0, 0, 0), 1.0f);
  EXPECT_EQ(m.alpha_of(1, 0, 0), 2.0f);
  for (std::uint32_t col = 0; col < 6; ++col) EXPECT_EQ(m.bit(0, 0, col), w[col] > 0);
}

TEST(Bcq, GreedyTakesSignAndMeanOfTheResidualPlaneByPlane) {
  // r = {4, 1, -1, -2}: alpha 2; residual {2, -1, 1, 0}: alpha 1, the sign of 0 is +.
  const std::vector<float> w = {4.0f, 1.0f, -1.0f, -2.0f};
  const BcqMatrix m = quantize_bcq(w.data(), 1, 4, 2, 4, 0);
  EXPECT_EQ(m.alpha_of(0, 0, 0), 2.0f);
  EXPECT_EQ(m.alpha_of(0, 0, 1), 1.0f);
  const float expected[] = {3.0f, 1.0f, -1.0f, -1.0f};
  for (std::uint32_t col = 0; col < 4; ++col) EXPECT_EQ(m.weight(0, col), expected[col]);
}

TEST(Bcq, RefinementNeverAddsErrorAndBeatsGreedyAndRtnAtLowBits) {
  const std::vector<float> w = normal_weights(41);
  for (std::uint32_t bits = 1; bits <= 5; ++bits) {
    double before = error_of(w, bits, 0);
    const double greedy = before;
    for (const std::uint32_t rounds : {1u, 2u, 4u, 8u, 15u}) {
      const double after = error_of(w, bits, rounds);
      EXPECT_LE(after, before * 1.0001) << bits << " bits, " << rounds << " rounds";
      before = after;
    }
    if (bits > 1) {
      EXPECT_LT(before, 0.95 * greedy) << bits;
    }
    if (bits <= 2) {
      const BcqMatrix rtn = quantize_rtn(w.data(), kRows, kColumns, bits, kGroup);
      EXPECT_LT(before, squared_error(rtn, w)) << bits;
    }
  }
}

TEST(Bcq, EveryWeightTakesTheNearestSumOfItsFp16Scales) {
  const std::vector<float> w = normal_weights(42);
  for (std::uint32_t bits = 1; bits <= 8; ++bits) {
    const BcqMatrix m = quantize_bcq(w.data(), kRows, kColumns, bits, kGroup, 3);
    validate(m);
    for (std::uint32_t row = 0; row < kRows; ++row) {
      for (std::uint32_t col = 0; col < kColumns; ++col) {
        const double exact = w[std::size_t{row} * kColumns + col];
        double best = HUGE_VAL, chosen = 0;
        for (std::uint32_t code = 0; code < (1u << bits); ++code) {
          double sum = 0;
          bool same = true;
          for (std::uint32_t plane = 0; plane < bits; ++plane) {
            const bool positive = ((code >> plane) & 1u) != 0;
            const double alpha = m.alpha_of(col / kGroup, row, plane);
            sum += positive ? alpha : -alpha;
            same &= positive == m.bit(plane, row, col);
          }
          best = std::min(best, std::fabs(sum - exact));
          if (same) chosen = std::fabs(sum - exact);
        }
        ASSERT_NEAR(chosen, best, 1e-12);
      }
    }
  }
}

TEST(Bcq, ScalesAreTheLeastSquaresSolutionOnceThePlanesAreStill) {
  // At a fixed point no alpha can be moved by more than FP16 without adding error.
  const std::vector<float> w = normal_weights(43);
  BcqMatrix m = quantize_bcq(w.data(), kRows, kColumns, 3, kGroup, 200);
  const double error = squared_error(m, w);
  for (std::size_t i = 0; i < m.alpha.size(); i += 7) {
    const std::uint16_t kept = m.alpha[i];
    for (const int step : {-4, 4}) {
      m.alpha[i] = static_cast<std::uint16_t>(kept + step);
      EXPECT_GT(squared_error(m, w), error) << i;
    }
    m.alpha[i] = kept;
  }
}

/// Squared error with a factor for each column.
double weighted_error(const BcqMatrix& m, const std::vector<float>& w,
                      const std::vector<double>& importance) {
  double sum = 0;
  for (std::uint32_t row = 0; row < m.n; ++row) {
    for (std::uint32_t col = 0; col < m.k; ++col) {
      const double error = m.weight(row, col) - w[std::size_t{row} * m.k + col];
      sum += importance[col] * error * error;
    }
  }
  return sum;
}

TEST(Bcq, ImportanceLowersTheErrorThatItWeighs) {
  const std::vector<float> w = normal_weights(44);
  std::vector<double> importance(kColumns);
  for (std::uint32_t col = 0; col < kColumns; ++col) importance[col] = col % 5 == 0 ? 20.0 : 0.1;
  for (const std::uint32_t bits : {1u, 2u, 3u}) {
    const auto quantised = [&](const double* factors) {
      return quantize_bcq(w.data(), kRows, kColumns, bits, kGroup, 15, factors);
    };
    EXPECT_LT(weighted_error(quantised(importance.data()), w, importance),
              0.9 * weighted_error(quantised(nullptr), w, importance))
        << bits;
  }
}

TEST(Bcq, AlikeImportanceChangesNothing) {
  const std::vector<float> w = normal_weights(45);
  for (const double factor : {0.0, 1.0, 4.0}) {
    const std::vector<double> importance(kColumns, factor);
    const BcqMatrix m = quantize_bcq(w.data(), kRows, kColumns, 3, kGroup, 15, importance.data());
    const BcqMatrix plain = quantize_bcq(w.data(), kRows, kColumns, 3, kGroup, 15);
    EXPECT_EQ(m.alpha, plain.alpha) << factor;
    EXPECT_EQ(m.plane_words, plain.plane_words) << factor;
  }
}

TEST(Bcq, PlanesThatDependOnEachOtherAreHandled) {
  for (const float value : {0.0f, 0.75f, -0.75f}) {
    const std::vector<float> w(10, value);
    const BcqMatrix m = quantize_bcq(w.data(), 1, 10, 4, 4);
    validate(m);
    for (std::uint32_t col = 0; col < 10; ++col) EXPECT_NEAR(m.weight(0, col), value, 1e-3);
  }
}

TEST(Bcq, AScaleThatOverflowsFp16IsRefused) {
  const std::vector<float> w = {1e6f, -1e6f};
  try {
    quantize_bcq(w.data(), 1, 2, 2, 2);
    FAIL() << "no error";
  } catch (const spec::SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("row 0, group 0"), std::string::npos);
  }
}

}  // namespace
}  // namespace lutsim::models
