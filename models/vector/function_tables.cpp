// SPDX-License-Identifier: Apache-2.0
#include "models/vector/function_tables.h"

#include <cmath>
#include <stdexcept>

#include "models/numerics/float_format.h"

namespace lutsim::models {
namespace {

/// e^x by halving x eight times, a Taylor series, and squaring: |x| <= 40.
double exponential(double x) {
  const double reduced = x / 256.0;
  double term = 1.0;
  double sum = 1.0;
  for (int n = 1; n <= 18; ++n) {
    term = term * reduced / n;
    sum += term;
  }
  for (int i = 0; i < 8; ++i) sum *= sum;
  return sum;
}

double two_to_the(double f) { return exponential(f * 0.693147180559945309); }
double reciprocal(double m) { return 1.0 / m; }
double reciprocal_sqrt(double m) { return 1.0 / std::sqrt(m); }
double sigmoid_of_minus(double t) { return 1.0 / (1.0 + exponential(t)); }

/// Probability that a standard normal variable exceeds t: below 2 by the series
/// 1/2 - phi(t) (t + t^3/3 + t^5/(3 5) + ...), above by phi(t) / (t + 1/(t + 2/(t + 3/(t + ...)))).
double normal_cdf_of_minus(double t) {
  const double density = 0.398942280401432678 * exponential(-t * t / 2.0);
  if (t < 2.0) {
    double term = t;
    double sum = t;
    for (int n = 3; n <= 81; n += 2) {
      term = term * (t * t) / n;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  double fraction = t;
  for (int n = 200; n >= 1; --n) fraction = t + n / fraction;
  return density / fraction;
}

/// The quadratic through the function's values at the Chebyshev nodes of [begin, begin + width).
template <class Function>
struct Quadratic {
  double c0, c1, c2;
  Quadratic(const Function& function, double begin, double width) {
    constexpr double kNode = 0.433012701892219323;  // sqrt(3)/4 from the middle of [0, 1)
    const double low = function(begin + width * (0.5 - kNode));
    const double middle = function(begin + width * 0.5);
    const double high = function(begin + width * (0.5 + kNode));
    c2 = (low - 2.0 * middle + high) / (2.0 * kNode * kNode);
    c1 = (high - low) / (2.0 * kNode) - c2;
    c0 = middle - 0.5 * c1 - 0.25 * c2;
  }
};

/// In fixed point, scaled by 2^(kFractionBits + exponent).
template <class Q>
Segment fixed_point(const Q& q, std::uint32_t exponent) {
  const double scale = power_of_two(static_cast<std::int32_t>(kFractionBits + exponent));
  Segment s;
  s.c0 = static_cast<std::uint32_t>(std::llround(q.c0 * scale));
  s.c1 = static_cast<std::int32_t>(std::llround(q.c1 * scale));
  s.c2 = static_cast<std::int32_t>(std::llround(q.c2 * scale));
  s.exponent = exponent;
  return s;
}

/// Every coefficient has its width, and so has c1 + d c2 and the result.
template <class Q>
bool fits(const Q& q, std::uint32_t exponent) {
  const double scale = power_of_two(static_cast<std::int32_t>(kFractionBits + exponent));
  return std::max(q.c0, q.c0 + q.c1 + q.c2) * scale < (1u << kC0Bits) - 2.0 &&
         (std::abs(q.c1) + std::abs(q.c2)) * scale < (1u << (kC1Bits - 1)) - 2.0 &&
         std::abs(q.c2) * scale < (1u << (kC2Bits - 1)) - 2.0;
}

class Builder {
 public:
  /// One page whose argument runs over [begin, end).
  template <class Function>
  void page(std::uint32_t page, const Function& function, double begin, double end,
            bool scaled = false) {
    const double width = (end - begin) / kPageSegments;
    for (std::uint32_t s = 0; s < kPageSegments; ++s) {
      const Quadratic<Function> q(function, begin + width * s, width);
      std::uint32_t exponent = 0;
      if (!fits(q, exponent)) throw std::logic_error("a coefficient does not have its width");
      // Small values keep their precision: the largest exponent with which everything fits.
      while (scaled && exponent + 1 < 1u << kSegmentExponentBits && fits(q, exponent + 1)) {
        ++exponent;
      }
      tables[page * kPageSegments + s] = fixed_point(q, exponent);
    }
  }
  /// Pages over [0, 1), [1, 2), [2, 4), [4, 8), ...
  template <class Function>
  void octaves(std::uint32_t first, std::uint32_t count, const Function& function) {
    page(first, function, 0.0, 1.0, true);
    for (std::uint32_t i = 1; i < count; ++i) {
      const double begin = power_of_two(static_cast<std::int32_t>(i) - 1);
      page(first + i, function, begin, 2.0 * begin, true);
    }
  }

  FunctionTables tables;
};

FunctionTables build() {
  Builder builder;
  builder.page(kExponentialPage, two_to_the, 0.0, 1.0);
  builder.page(kReciprocalPage, reciprocal, 1.0, 1.5);
  builder.page(kReciprocalPage + 1, reciprocal, 1.5, 2.0);
  builder.page(kReciprocalSqrtPage, reciprocal_sqrt, 1.0, 2.0);
  builder.page(kReciprocalSqrtPage + 1, reciprocal_sqrt, 2.0, 4.0);
  builder.octaves(kSigmoidPage, kSigmoidOctaves, sigmoid_of_minus);
  builder.octaves(kNormalCdfPage, kNormalCdfOctaves, normal_cdf_of_minus);
  return builder.tables;
}

}  // namespace

const FunctionTables& function_tables() {
  static const FunctionTables tables = build();
  return tables;
}

}  // namespace lutsim::models
