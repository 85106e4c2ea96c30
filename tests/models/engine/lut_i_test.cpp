// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "models/engine/engine.h"
#include "models/engine/half_lut.h"
#include "models/numerics/float_format.h"
#include "tests/models/engine/reference_lut_i.h"

namespace lutsim::models {
namespace {

using spec::MatrixSpec;
using spec::NumberFormat;

BcqMatrix random_bcq(std::mt19937& random, std::uint32_t k, std::uint32_t n, std::uint32_t bits,
                     std::uint32_t group, bool offset) {
  BcqMatrix w = make_bcq(k, n, bits, group, offset);
  for (std::uint32_t plane = 0; plane < bits; ++plane) {
    for (std::uint32_t row = 0; row < n; ++row) {
      for (std::uint32_t col = 0; col < k; ++col) w.set_bit(plane, row, col, random() % 2 != 0);
    }
  }
  std::normal_distribution<float> normal;
  // One scale in eight is an FP16 subnormal.
  for (auto& alpha : w.alpha) alpha = fp16_bits(normal(random) * (random() % 8 ? 1.0f : 1e-6f));
  for (float& value : w.offset) value = normal(random);
  validate(w);
  return w;
}

std::vector<float> random_activations(std::mt19937& random, std::size_t count, float scale) {
  std::normal_distribution<float> normal;
  std::vector<float> x(count);
  for (float& value : x) value = normal(random) * scale;
  return x;
}

void expect_same_bits(const float* actual, const std::vector<float>& expected,
                      const std::string& what) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(fp32_bits(actual[i]), fp32_bits(expected[i])) << what << ", feature " << i;
  }
}

struct Case {
  std::uint32_t k, n, bits, group, mu, cols, align_bits;
  NumberFormat format;
  float scale;
};

std::string text_of(const Case& c) {
  return "k " + std::to_string(c.k) + " n " + std::to_string(c.n) + " q " + std::to_string(c.bits) +
         " group " + std::to_string(c.group) + " mu " + std::to_string(c.mu) + " cols " +
         std::to_string(c.cols) + " align_bits " + std::to_string(c.align_bits) + " format " +
         spec::to_string_of(c.format) + " scale " + std::to_string(c.scale);
}

MatrixSpec spec_of(const Case& c) {
  MatrixSpec spec;
  spec.mu = c.mu;
  spec.array_cols = c.cols;
  spec.align_bits = c.align_bits;
  spec.act_format = c.format;
  return spec;
}

const Case kCases[] = {
    {64, 64, 4, 32, 4, 16, 16, NumberFormat::fp16, 1.0f},
    {172, 70, 4, 32, 4, 16, 16, NumberFormat::fp16, 1.0f},  // K is no multiple of mu, 8 or 64
    {173, 5, 3, 41, 3, 5, 13, NumberFormat::fp16, 1.0f},    // every boundary off every word
    {7, 3, 2, 7, 4, 16, 16, NumberFormat::fp16, 1.0f},      // one segment shorter than a key byte
    {300, 9, 2, 300, 8, 32, 16, NumberFormat::fp16, 1.0f},  // 256 lanes: several words a segment
    {2100, 2, 1, 2100, 8, 256, 31, NumberFormat::fp16, 1.0f},  // widest sums: int64
    {130, 6, 8, 65, 2, 33, 32, NumberFormat::fp32, 1.0f},
    {128, 4, 4, 128, 4, 8, 4, NumberFormat::fp16, 1.0f},    // fewer bits than the significand
    {128, 4, 4, 128, 4, 8, 28, NumberFormat::fp16, 1.0f},   // int32 sums without a spare bit
    {96, 8, 4, 32, 4, 16, 16, NumberFormat::fp16, 1e-6f},   // subnormal activations
    {96, 8, 4, 32, 4, 16, 32, NumberFormat::fp32, 1e-38f},  // scale step into subnormals
    {96, 8, 4, 32, 4, 16, 32, NumberFormat::fp32, 1e-42f},  // powers below 2^-149
    {96, 8, 4, 32, 4, 16, 20, NumberFormat::bf16, 1e-39f},
    {96, 8, 4, 32, 4, 16, 20, NumberFormat::bf16, 5e37f},  // overflow in the scale step
    {96, 8, 4, 32, 4, 16, 12, NumberFormat::bf16, 100.0f},
};

TEST(LutI, GemmEqualsTheSpecificationInRealArithmeticBitForBit) {
  std::mt19937 random(21);
  for (const Case& c : kCases) {
    for (const bool offset : {false, true}) {
      const BcqMatrix w = random_bcq(random, c.k, c.n, c.bits, c.group, offset);
      const std::uint32_t m = 11;  // a block of eight tokens and a smaller one
      const std::vector<float> x = random_activations(random, std::size_t{m} * c.k, c.scale);
      std::vector<float> y(std::size_t{m} * c.n);
      engine_gemm(spec_of(c), x.data(), m, w, y.data());
      for (std::uint32_t t = 0; t < m; ++t) {
        expect_same_bits(y.data() + std::size_t{t} * c.n,
                         test::reference_gemv(spec_of(c), x.data() + std::size_t{t} * c.k, w),
                         text_of(c) + " token " + std::to_string(t));
      }
    }
  }
}

/// The engine as the array is built: a HalfLut per column, one key per RAC, planes in order.
std::vector<float> array_gemv(const MatrixSpec& spec, const float* x, const BcqMatrix& w) {
  std::vector<float> y(w.n, 0.0f);
  for (const KSegment& seg : k_segments(w.k, w.group_size, spec.lanes_k())) {
    AlignedSegment aligned = align(spec, x + seg.k_begin, seg.length);
    aligned.mantissa.resize(spec.lanes_k(), 0);
    std::vector<HalfLut> luts;
    for (std::uint32_t column = 0; column < spec.array_cols; ++column) {
      luts.emplace_back(spec.mu, aligned.mantissa.data() + std::size_t{column} * spec.mu);
    }
    const std::uint32_t all_ones = (1u << spec.mu) - 1;
    for (std::uint32_t row = 0; row < w.n; ++row) {
      for (std::uint32_t pass = 0; pass < w.weight_bits + (w.has_offset() ? 1 : 0); ++pass) {
        const bool offset = pass == w.weight_bits;
        std::int64_t sum = 0;
        for (std::uint32_t column = 0; column < spec.array_cols; ++column) {
          std::uint32_t key = offset ? all_ones : 0;
          for (std::uint32_t t = 0; t < spec.mu && !offset; ++t) {
            const std::uint32_t lane = column * spec.mu + t;
            if (lane < seg.length && w.bit(pass, row, seg.k_begin + lane)) key |= 1u << t;
          }
          sum += luts[column].entry(key);
        }
        const float scale = offset ? w.offset_of(seg.group, row) : w.alpha_of(seg.group, row, pass);
        y[row] = scale_accumulate(y[row], scale, sum, aligned.exponent);
      }
    }
  }
  return y;
}

TEST(LutI, GemmEqualsAnArrayOfHalfLutsBitForBit) {
  std::mt19937 random(22);
  for (const Case& c : kCases) {
    const BcqMatrix w = random_bcq(random, c.k, c.n, c.bits, c.group, true);
    const std::vector<float> x = random_activations(random, c.k, c.scale);
    std::vector<float> y(c.n);
    engine_gemm(spec_of(c), x.data(), 1, w, y.data());
    expect_same_bits(y.data(), array_gemv(spec_of(c), x.data(), w), text_of(c));
  }
}

TEST(LutI, ResultsDoNotDependOnTheNumberOfTokensBesideThem) {
  std::mt19937 random(23);
  const Case c = kCases[1];
  const BcqMatrix w = random_bcq(random, c.k, c.n, c.bits, c.group, true);
  constexpr std::uint32_t kTokens = 45;
  const std::vector<float> x = random_activations(random, std::size_t{kTokens} * c.k, 1.0f);
  std::vector<float> alone(std::size_t{kTokens} * c.n);
  for (std::uint32_t t = 0; t < kTokens; ++t) {
    engine_gemm(spec_of(c), x.data() + std::size_t{t} * c.k, 1, w,
                alone.data() + std::size_t{t} * c.n);
  }
  for (std::uint32_t m = 1; m <= kTokens; ++m) {
    std::vector<float> y(std::size_t{m} * c.n);
    engine_gemm(spec_of(c), x.data(), m, w, y.data());
    expect_same_bits(y.data(), {alone.begin(), alone.begin() + std::ptrdiff_t{m} * c.n},
                     std::to_string(m) + " tokens");
  }
}

TEST(LutI, SegmentsOverTilesOfNAddUpToTheGemm) {
  std::mt19937 random(24);
  for (const Case& c : kCases) {
    const BcqMatrix w = random_bcq(random, c.k, c.n, c.bits, c.group, true);
    const std::vector<float> x = random_activations(random, c.k, c.scale);
    std::vector<float> y(c.n);
    engine_gemm(spec_of(c), x.data(), 1, w, y.data());
    std::vector<float> acc(c.n, 0.0f);
    for (const KSegment& seg : k_segments(c.k, c.group, spec_of(c).lanes_k())) {
      for (std::uint32_t n = 0; n < c.n; n += 3) {
        engine_segment(spec_of(c), x.data(), w, seg, n, std::min(n + 3, c.n), acc.data() + n);
      }
    }
    expect_same_bits(acc.data(), y, text_of(c));
  }
}

TEST(LutI, AnInfinityOrNanPoisonsEveryResultOfItsTokenAndNoOther) {
  std::mt19937 random(25);
  const Case c = kCases[1];
  const BcqMatrix w = random_bcq(random, c.k, c.n, c.bits, c.group, true);
  for (const std::uint32_t m : {1u, 5u, 17u}) {
    std::vector<float> x = random_activations(random, std::size_t{m} * c.k, 1.0f);
    std::vector<float> clean(std::size_t{m} * c.n);
    engine_gemm(spec_of(c), x.data(), m, w, clean.data());
    const std::uint32_t poisoned = m / 2;
    x[std::size_t{poisoned} * c.k + 3] = -std::numeric_limits<float>::infinity();
    std::vector<float> y(clean.size());
    engine_gemm(spec_of(c), x.data(), m, w, y.data());
    for (std::size_t i = 0; i < y.size(); ++i) {
      ASSERT_EQ(fp32_bits(y[i]), i / c.n == poisoned ? kCanonicalNanFp32 : fp32_bits(clean[i]));
    }
  }
}

TEST(LutI, InfinityMinusInfinityAndZeroTimesInfinityAreTheCanonicalNan) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(fp32_bits(scale_accumulate(-infinity, 1.0f, 1 << 20, 120)), kCanonicalNanFp32);
  EXPECT_EQ(fp32_bits(scale_accumulate(1.0f, 0.0f, 1 << 20, 120)), kCanonicalNanFp32);
  EXPECT_EQ(fp32_bits(scale_accumulate(fp32_from_bits(0xffc00001u), 1.0f, 1, 0)),
            kCanonicalNanFp32);
}

TEST(LutI, ScaleAccumulateRoundsAfterEachOfItsThreeOperations) {
  // fp32(2^24 + 1) = 2^24: the integer is rounded before it is scaled.
  EXPECT_EQ(scale_accumulate(-0x1p24f, 1.0f, (1 << 24) + 1, 0), 0.0f);
  // 1.5 * 2^-149 rounds to 2^-148 before it is multiplied by 1/2.
  EXPECT_EQ(scale_accumulate(0.0f, 0.5f, 3, -150), 0x1p-149f);
  // (1 + 2^-12)^2 loses 2^-24 before it is accumulated.
  EXPECT_EQ(scale_accumulate(-(1.0f + 0x1p-11f), 1.0f + 0x1p-12f, (1 << 12) + 1, -12), 0.0f);
  std::mt19937_64 random(26);
  for (int i = 0; i < 300000; ++i) {
    const float acc = fp32_from_bits(static_cast<std::uint32_t>(random()));
    const float scale = fp32_from_bits(static_cast<std::uint32_t>(random()));
    const std::int64_t sum = static_cast<std::int64_t>(random()) >> (20 + random() % 43);
    const auto exponent = static_cast<std::int32_t>(random() % 300) - 160;
    ASSERT_EQ(fp32_bits(scale_accumulate(acc, scale, sum, exponent)),
              fp32_bits(test::reference_scale_accumulate(acc, scale, sum, exponent)))
        << acc << " + " << scale << " * " << sum << " * 2^" << exponent;
  }
}

TEST(LutI, ZeroActivationsGiveZero) {
  std::mt19937 random(27);
  const Case c = kCases[0];
  const BcqMatrix w = random_bcq(random, c.k, c.n, c.bits, c.group, true);
  const std::vector<float> x(c.k, 0.0f);
  std::vector<float> y(c.n, 1.0f);
  engine_gemm(spec_of(c), x.data(), 1, w, y.data());
  for (const float value : y) EXPECT_EQ(fp32_bits(value), 0u);
}

// The formats' own error bounds the engine's: a check that the specification is a matrix product.
TEST(LutI, ApproximatesTheProductInDoublePrecision) {
  std::mt19937 random(28);
  const Case c = {256, 32, 4, 64, 4, 16, 20, NumberFormat::fp16, 1.0f};
  const BcqMatrix w = random_bcq(random, c.k, c.n, c.bits, c.group, true);
  const std::vector<float> x = random_activations(random, c.k, c.scale);
  std::vector<float> y(c.n);
  engine_gemm(spec_of(c), x.data(), 1, w, y.data());
  for (std::uint32_t row = 0; row < c.n; ++row) {
    double exact = 0, magnitude = 0;
    for (std::uint32_t col = 0; col < c.k; ++col) {
      const double term = static_cast<double>(round_to(c.format, x[col])) * w.weight(row, col);
      exact += term;
      magnitude += std::fabs(term);
    }
    EXPECT_NEAR(y[row], exact, 1e-4 * magnitude);
  }
}

}  // namespace
}  // namespace lutsim::models
