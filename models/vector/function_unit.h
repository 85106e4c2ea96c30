// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "models/numerics/float_format.h"
#include "models/spec/field.h"

/// The functions of the vector unit: exp, 1/x, 1/sqrt(x), the logistic sigmoid and the cumulative
/// normal distribution of an FP32 number, by range reduction, a table of piecewise quadratics and
/// one rounding. Integer arithmetic only: this is the definition of the exact path and of
/// rtl/vector/function_unit.sv, bit for bit.
///
/// With |x| = m * 2^E, m in [1, 2) of 23 fraction bits (a subnormal is normalised), every function
/// finds a page of the table, a segment s (6 bits), a remainder d (17 bits) and a scale k:
///
///   exp           y = x * log2(e): m times 0x1.71547653 (log2(e) of 32 fraction bits), rounded to
///   23
///                 fraction bits, half away from zero. Page 0, s and d the fraction of y
///                 (y - floor(y)), k = floor(y)
///   reciprocal    pages 1, 2 by the first bit of m's fraction, s the next 6 bits, d the last 16
///   bits
///                 and a zero; k = -E
///   reciprocal_sqrt   pages 3, 4 by E modulo 2; s and d the fraction of m; k = -floor(E / 2)
///   sigmoid, normal_cdf    t = |x|. t < 1: first page, s and d its first 23 fraction bits, the
///   others
///                 dropped. t in [1, 2), [2, 4), ...: the page of the octave, s and d the fraction
///                 of m. k = minus the exponent of the segment
///
/// and computes, in units of 2^-28, every product shifted right with the lost bits dropped (floor):
///
///   c = c1 + ((c2 * d) >> 17)       24 bits
///   p = c0 + ((c * d) >> 17)        29 bits
///   sigmoid and normal_cdf of x > 0:  p = 2^28 - (p >> exponent), k = 0      (1 - f(-x))
///
/// The result is p * 2^(k - 28), with the sign of x for reciprocal, rounded once to FP32: nearest
/// even, subnormals kept, overflow to infinity.
///
/// Special operands (a NaN result is the canonical quiet NaN):
///
///   x                  exp           reciprocal   reciprocal_sqrt   sigmoid     normal_cdf
///   NaN                NaN           NaN          NaN               NaN         NaN
///   +0, -0             1             +inf, -inf   +inf, -inf        0.5         0.5
///   +inf               +inf          +0           +0                1           1
///   -inf               +0            -0           NaN               +0          +0
///   other negatives                               NaN
///   |x| large          >= 128: +inf, +0                             >= 32: 1, +0   >= 8: 1, +0
///
/// Errors (tests/models/vector/function_unit_test.cpp): exp 1.4 ulp, reciprocal 0.9 ulp,
/// reciprocal_sqrt 1.25 ulp; sigmoid and normal_cdf 2^-23 absolute, their errors relative to small
/// values are in docs/units/vector.md.
namespace lutsim::models {

enum class VectorFunction : std::uint32_t {
  exponential,
  reciprocal,
  reciprocal_sqrt,
  sigmoid,
  normal_cdf,
};
constexpr std::uint32_t kVectorFunctions = 5;

inline auto enum_names(VectorFunction) {
  return std::array<spec::EnumName<VectorFunction>, kVectorFunctions>{
      {{VectorFunction::exponential, "exp"},
       {VectorFunction::reciprocal, "reciprocal"},
       {VectorFunction::reciprocal_sqrt, "reciprocal_sqrt"},
       {VectorFunction::sigmoid, "sigmoid"},
       {VectorFunction::normal_cdf, "normal_cdf"}}};
}

/// e^x
float exponential(float x);
/// 1 / x
float reciprocal(float x);
/// 1 / sqrt(x)
float reciprocal_sqrt(float x);
/// 1 / (1 + e^-x)
float sigmoid(float x);
/// P(a standard normal variable < x) = (1 + erf(x / sqrt(2))) / 2
float normal_cdf(float x);

float evaluate(VectorFunction function, float x);

/// Where the function reads its table at x: the index of the segment in function_tables(), then the
/// kRemainderBits bits of the remainder. Nothing if the result is special.
std::optional<std::uint32_t> table_place(VectorFunction function, float x);

/// Activation functions: the function unit, then one FP32 multiplication.
/// SiLU (swish), x * sigmoid(x).
inline float silu(float x) { return canonical(x * sigmoid(x)); }
/// GELU in its exact form x * normal_cdf(x), not the approximation by tanh: D. Hendrycks, K.
/// Gimpel, "Gaussian Error Linear Units", arXiv:1606.08415, section 2.
inline float gelu(float x) { return canonical(x * normal_cdf(x)); }

}  // namespace lutsim::models
