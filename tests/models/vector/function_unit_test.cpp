// SPDX-License-Identifier: Apache-2.0
#include "models/vector/function_unit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <string>

#include "models/numerics/float_format.h"
#include "models/vector/function_tables.h"

namespace lutsim::models {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const float kNan = std::nanf("");

/// The function in extended precision (80 bits on x86).
long double exact(VectorFunction function, float operand) {
  const long double x = operand;
  switch (function) {
    case VectorFunction::exponential:
      return std::exp(x);
    case VectorFunction::reciprocal:
      return 1.0L / x;
    case VectorFunction::reciprocal_sqrt:
      return 1.0L / std::sqrt(x);
    case VectorFunction::sigmoid:
      return x < 0 ? std::exp(x) / (1.0L + std::exp(x)) : 1.0L / (1.0L + std::exp(-x));
    default:
      return std::erfc(-x / std::sqrt(2.0L)) / 2.0L;
  }
}

/// Units in the last place of the exact value, as an FP32 number, between it and `got`.
double error_in_ulp(long double want, float got) {
  int exponent;
  std::frexp(want, &exponent);
  return static_cast<double>(std::abs(got - want) /
                             std::ldexp(1.0L, std::max(exponent - 24, -149)));
}

/// Calls `check(x)` for a prime stride through the bit patterns of [from, to] with one sign.
template <class Check>
void sweep(float from, float to, bool negative, const Check& check) {
  for (std::uint32_t bits = fp32_bits(from); bits <= fp32_bits(to); bits += 397) {
    check(fp32_from_bits(bits | (negative ? 0x80000000u : 0u)));
  }
}

// ---- within a few units in the last place -----------------------------------------------------

struct Accurate {
  VectorFunction function;
  float from, to;
  bool both_signs;
  double ulp;
};
void PrintTo(const Accurate& p, std::ostream* out) { *out << spec::to_string_of(p.function); }

class IsAccurate : public testing::TestWithParam<Accurate> {};

TEST_P(IsAccurate, OverTheWholeRange) {
  const Accurate& p = GetParam();
  double worst = 0.0;
  for (const bool negative : {false, true}) {
    if (negative && !p.both_signs) continue;
    sweep(p.from, p.to, negative, [&](float x) {
      const double error = error_in_ulp(exact(p.function, x), evaluate(p.function, x));
      ASSERT_LE(error, p.ulp) << "x = " << x;
      worst = std::max(worst, error);
    });
  }
  // The bound is one that is reached, not a loose one.
  EXPECT_GT(worst, p.ulp - 0.2);
  RecordProperty("worst_ulp", std::to_string(worst));
}

// The reciprocal from the least operand whose reciprocal is finite.
INSTANTIATE_TEST_SUITE_P(VectorFunctions, IsAccurate,
                         testing::Values(Accurate{VectorFunction::exponential, 0x1p-30f, 88.72f,
                                                  true, 1.4},
                                         Accurate{VectorFunction::reciprocal, 0x1.0001p-128f,
                                                  0x1.fffffep127f, true, 0.9},
                                         Accurate{VectorFunction::reciprocal_sqrt, 0x1p-149f,
                                                  0x1.fffffep127f, false, 1.25}),
                         [](const auto& info) { return spec::to_string_of(info.param.function); });

TEST(IsAccurateForEverySignificand, ReciprocalAndReciprocalSqrt) {
  // Both depend on the significand, and the root on the exponent modulo 2: [1, 4) is everything
  // but results that are subnormal.
  double worst = 0.0;
  double worst_root = 0.0;
  for (std::uint32_t bits = fp32_bits(1.0f); bits < fp32_bits(4.0f); ++bits) {
    const float x = fp32_from_bits(bits);
    worst = std::max(worst, error_in_ulp(exact(VectorFunction::reciprocal, x), reciprocal(x)));
    worst_root = std::max(
        worst_root, error_in_ulp(exact(VectorFunction::reciprocal_sqrt, x), reciprocal_sqrt(x)));
  }
  EXPECT_LE(worst, 0.9);
  EXPECT_LE(worst_root, 1.25);
  RecordProperty("reciprocal_ulp", std::to_string(worst));
  RecordProperty("reciprocal_sqrt_ulp", std::to_string(worst_root));
}

TEST(Reciprocal, OfAPowerOfTwoIsExact) {
  for (int e = -126; e <= 126; ++e) {
    const float x = std::ldexp(1.0f, e);
    EXPECT_EQ(reciprocal(x), std::ldexp(1.0f, -e));
    EXPECT_EQ(reciprocal(-x), -std::ldexp(1.0f, -e));
  }
}

// ---- sigmoid and normal_cdf: octave by octave -------------------------------------------------

/// Bounds over 2^(octave-1) <= |x| < 2^octave (octave 0: all of |x| < 1), as powers of two.
struct Octave {
  VectorFunction function;
  int octave;
  bool negative;
  double relative, absolute;
};
void PrintTo(const Octave& p, std::ostream* out) {
  *out << spec::to_string_of(p.function) << (p.negative ? " negative" : " positive") << " octave "
       << p.octave;
}

class SymmetricFunction : public testing::TestWithParam<Octave> {};

TEST_P(SymmetricFunction, KeepsTheErrorOfItsOctave) {
  const Octave& p = GetParam();
  const float from = p.octave == 0 ? 0x1p-30f : std::ldexp(1.0f, p.octave - 1);
  double relative = 0.0;
  double absolute = 0.0;
  sweep(from, std::nextafter(std::ldexp(1.0f, p.octave), 0.0f), p.negative, [&](float x) {
    const long double want = exact(p.function, x);
    const long double error = std::abs(evaluate(p.function, x) - want);
    relative = std::max(relative, static_cast<double>(error / want));
    absolute = std::max(absolute, static_cast<double>(error));
  });
  EXPECT_LE(std::log2(relative), p.relative);
  EXPECT_LE(std::log2(absolute), p.absolute);
  EXPECT_GT(std::log2(relative), p.relative - 0.3) << "a loose bound";
  EXPECT_GT(std::log2(absolute), p.absolute - 0.3) << "a loose bound";
}

// The table of docs/units/vector.md.
INSTANTIATE_TEST_SUITE_P(Octaves, SymmetricFunction,
                         testing::Values(Octave{VectorFunction::sigmoid, 0, false, -22.9, -23.8},
                                         Octave{VectorFunction::sigmoid, 1, false, -24.2, -24.6},
                                         Octave{VectorFunction::sigmoid, 2, false, -24.2, -24.4},
                                         Octave{VectorFunction::sigmoid, 3, false, -24.0, -24.0},
                                         Octave{VectorFunction::sigmoid, 4, false, -24.6, -24.6},
                                         Octave{VectorFunction::sigmoid, 5, false, -24.7, -24.7},
                                         Octave{VectorFunction::sigmoid, 0, true, -23.0, -24.3},
                                         Octave{VectorFunction::sigmoid, 1, true, -23.6, -25.7},
                                         Octave{VectorFunction::sigmoid, 2, true, -22.0, -26.2},
                                         Octave{VectorFunction::sigmoid, 3, true, -19.3, -25.4},
                                         Octave{VectorFunction::sigmoid, 4, true, -16.4, -28.1},
                                         Octave{VectorFunction::sigmoid, 5, true, -13.4, -36.7},
                                         Octave{VectorFunction::normal_cdf, 0, false, -22.4, -23.4},
                                         Octave{VectorFunction::normal_cdf, 1, false, -24.5, -24.5},
                                         Octave{VectorFunction::normal_cdf, 2, false, -24.0, -24.0},
                                         Octave{VectorFunction::normal_cdf, 3, false, -24.7, -24.7},
                                         Octave{VectorFunction::normal_cdf, 0, true, -22.5, -23.5},
                                         Octave{VectorFunction::normal_cdf, 1, true, -22.1, -26.6},
                                         Octave{VectorFunction::normal_cdf, 2, true, -16.4, -25.0},
                                         Octave{VectorFunction::normal_cdf, 3, true, -10.2, -28.5}),
                         [](const auto& info) {
                           const Octave& p = info.param;
                           return spec::to_string_of(p.function) +
                                  (p.negative ? "_negative_" : "_positive_") +
                                  std::to_string(p.octave);
                         });

TEST(Sigmoid, ValuesOfBothSignsAddUpToOne) {
  sweep(0x1p-10f, 20.0f, false,
        [](float x) { ASSERT_NEAR(sigmoid(x) + sigmoid(-x), 1.0f, 0x1p-23f) << x; });
}

TEST(Silu, KeepsItsAbsoluteErrorAndTheRelativeOneOfTheSigmoid) {
  double worst = 0.0;
  for (const bool negative : {false, true}) {
    sweep(0x1p-30f, 64.0f, negative, [&](float x) {
      const long double error = std::abs(silu(x) - x * exact(VectorFunction::sigmoid, x));
      worst = std::max(worst, static_cast<double>(error / std::max(1.0f, std::abs(x))));
    });
  }
  EXPECT_LE(worst, 0x1p-22f);
  EXPECT_EQ(silu(0.0f), 0.0f);
  EXPECT_TRUE(std::isnan(silu(-kInfinity)));
}

TEST(Gelu, IsTheExactFormNotTheOneByTanh) {
  double worst = 0.0;
  double from_tanh = 0.0;
  for (const bool negative : {false, true}) {
    sweep(0x1p-30f, 64.0f, negative, [&](float x) {
      const long double want = x * exact(VectorFunction::normal_cdf, x);
      worst = std::max(worst, static_cast<double>(std::abs(gelu(x) - want)) /
                                  std::max(1.0, std::abs(static_cast<double>(x))));
      const double tanh_form =
          0.5 * x * (1.0 + std::tanh(0.7978845608 * (x + 0.044715 * x * x * x)));
      from_tanh = std::max(from_tanh, std::abs(gelu(x) - tanh_form));
    });
  }
  EXPECT_LE(worst, 0x1p-22f);
  EXPECT_GT(from_tanh, 4e-4);
}

// ---- special operands, the table of function_unit.h -------------------------------------------

struct Special {
  VectorFunction function;
  float x;
  float y;
};

TEST(SpecialOperands, GiveWhatTheTableSays) {
  using F = VectorFunction;
  const float least = 0x1p-149f;
  for (const Special& p : {
           Special{F::exponential, 0.0f, 1.0f},
           {F::exponential, -0.0f, 1.0f},
           {F::exponential, kInfinity, kInfinity},
           {F::exponential, -kInfinity, 0.0f},
           {F::exponential, 128.0f, kInfinity},
           {F::exponential, -128.0f, 0.0f},
           {F::exponential, 88.7229f, kInfinity},
           {F::exponential, -104.0f, 0.0f},
           {F::exponential, -103.9f, least},
           {F::exponential, least, 1.0f},
           {F::exponential, -least, 1.0f},
           {F::reciprocal, 0.0f, kInfinity},
           {F::reciprocal, -0.0f, -kInfinity},
           {F::reciprocal, kInfinity, 0.0f},
           {F::reciprocal, -kInfinity, -0.0f},
           {F::reciprocal, least, kInfinity},
           {F::reciprocal, 0x1p-127f, 0x1p127f},
           {F::reciprocal, -0x1p-128f, -kInfinity},
           {F::reciprocal, 0x1p127f, 0x1p-127f},
           {F::reciprocal_sqrt, 0.0f, kInfinity},
           {F::reciprocal_sqrt, -0.0f, -kInfinity},
           {F::reciprocal_sqrt, kInfinity, 0.0f},
           {F::reciprocal_sqrt, -kInfinity, kNan},
           {F::reciprocal_sqrt, -1.0f, kNan},
           {F::reciprocal_sqrt, -least, kNan},
           {F::reciprocal_sqrt, 0x1p-148f, 0x1.fffffep73f},
           {F::sigmoid, 0.0f, 0.5f},
           {F::sigmoid, -0.0f, 0.5f},
           {F::sigmoid, least, 0.5f},
           {F::sigmoid, kInfinity, 1.0f},
           {F::sigmoid, -kInfinity, 0.0f},
           {F::sigmoid, 32.0f, 1.0f},
           {F::sigmoid, -32.0f, 0.0f},
           {F::normal_cdf, 0.0f, 0.5f},
           {F::normal_cdf, -0.0f, 0.5f},
           {F::normal_cdf, kInfinity, 1.0f},
           {F::normal_cdf, -kInfinity, 0.0f},
           {F::normal_cdf, 8.0f, 1.0f},
           {F::normal_cdf, -8.0f, 0.0f},
       }) {
    EXPECT_EQ(fp32_bits(evaluate(p.function, p.x)), fp32_bits(p.y))
        << spec::to_string_of(p.function) << " of " << p.x;
  }
  for (std::uint32_t f = 0; f < kVectorFunctions; ++f) {
    for (const std::uint32_t nan : {0x7fc00000u, 0xff800001u, 0x7fffffffu}) {
      EXPECT_EQ(fp32_bits(evaluate(static_cast<VectorFunction>(f), fp32_from_bits(nan))),
                kCanonicalNanFp32);
    }
  }
}

// ---- the table --------------------------------------------------------------------------------

TEST(FunctionTables, EveryValueOfTheDatapathHasItsWidth) {
  for (const Segment& s : function_tables()) {
    ASSERT_LT(s.c0, 1u << kC0Bits);
    ASSERT_LT(s.exponent, 1u << kSegmentExponentBits);
    ASSERT_LT(std::abs(s.c2), 1 << (kC2Bits - 1));
    for (std::int64_t d = 0; d < 1 << kRemainderBits; d += (1 << kRemainderBits) - 1) {
      const std::int64_t c = s.c1 + ((s.c2 * d) >> kRemainderBits);
      ASSERT_LT(std::abs(c), 1 << (kC1Bits - 1));
      const std::int64_t p = s.c0 + ((c * d) >> kRemainderBits);
      ASSERT_GT(p, 0);
      ASSERT_LT(p, 1 << kC0Bits);
    }
  }
}

// Must not change with machine, compiler or optimisation. FNV-1a.
constexpr std::uint64_t kHashBegin = 14695981039346656037u;
void hash_word(std::uint64_t& hash, std::uint32_t word) { hash = (hash ^ word) * 1099511628211u; }

TEST(FunctionTables, TheirBitsArePinned) {
  std::uint64_t hash = kHashBegin;
  for (const Segment& s : function_tables()) {
    for (const std::uint32_t word :
         {s.c0, static_cast<std::uint32_t>(s.c1), static_cast<std::uint32_t>(s.c2), s.exponent}) {
      hash_word(hash, word);
    }
  }
  EXPECT_EQ(hash, 553232980403513083u);
}

TEST(VectorFunctions, SayWhereTheyReadTheirTable) {
  const auto place = [](std::uint32_t page, double fraction) {
    return page * (1u << 23) + static_cast<std::uint32_t>(fraction * 0x1p23);
  };
  EXPECT_EQ(table_place(VectorFunction::exponential, 0x1p-20f), place(0, 12 * 0x1p-23));
  EXPECT_EQ(table_place(VectorFunction::reciprocal, -1.25f), place(1, 0.5));
  EXPECT_EQ(table_place(VectorFunction::reciprocal, 3.0f), place(2, 0.0));
  EXPECT_EQ(table_place(VectorFunction::reciprocal_sqrt, 2.5f), place(4, 0.25));
  EXPECT_EQ(table_place(VectorFunction::sigmoid, -2.5f), place(7, 0.25));
  EXPECT_EQ(table_place(VectorFunction::normal_cdf, 0.75f), place(11, 0.75));
  EXPECT_EQ(table_place(VectorFunction::normal_cdf, 8.0f), std::nullopt);
  EXPECT_EQ(table_place(VectorFunction::exponential, kNan), std::nullopt);
}

TEST(VectorFunctions, TheirResultsArePinned) {
  std::uint64_t hash = kHashBegin;
  for (std::uint32_t f = 0; f < kVectorFunctions; ++f) {
    for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += 65521) {
      hash_word(hash, fp32_bits(evaluate(static_cast<VectorFunction>(f),
                                         fp32_from_bits(static_cast<std::uint32_t>(bits)))));
    }
  }
  EXPECT_EQ(hash, 15672575240668008264u);
}

}  // namespace
}  // namespace lutsim::models
