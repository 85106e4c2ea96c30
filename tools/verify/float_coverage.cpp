// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/float_coverage.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace lutsim::tools {
namespace {

constexpr const char* kClassNames[] = {"zero", "subnormal", "normal", "infinity", "NaN"};
constexpr const char* kOutcomeNames[] = {
    "exact cancellation", "tie to even, up",      "tie to even, down",
    "sticky alone",       "sticky breaks tie",    "carry out of rounding",
    "result subnormal",   "overflow to infinity", "underflow to zero"};

std::uint32_t magnitude_mask(const spec::FloatEncoding& encoding) {
  return (1u << (encoding.width() - 1)) - 1;
}

}  // namespace

std::vector<std::uint32_t> corner_bits(const spec::FloatEncoding& encoding) {
  const std::uint32_t man = encoding.mantissa_bits;
  const std::uint32_t one = 1u << man;  // the least normal value, and a step of the exponent
  const std::uint32_t infinity = ((1u << encoding.exponent_bits) - 1) << man;
  const auto bias = static_cast<std::uint32_t>(encoding.bias());
  std::set<std::uint32_t> magnitudes = {0,
                                        1,
                                        2,
                                        3,
                                        one / 2,
                                        one / 2 + 1,
                                        one - 1,
                                        infinity - 1,
                                        infinity - 2,
                                        infinity,
                                        infinity + 1,
                                        infinity + one / 2,
                                        infinity + one - 1};
  for (const std::uint32_t exponent :
       {1u, 2u, bias - bias / 2, bias - man - 2, bias - man - 1, bias - man, bias - 1, bias,
        bias + 1, bias + man, bias + man + 1, bias + bias / 2, 2 * bias - 1, 2 * bias}) {
    for (const std::uint32_t bits : {exponent * one - 1, exponent * one, exponent * one + 1}) {
      magnitudes.insert(std::min(bits, infinity));
    }
  }
  for (const std::uint32_t fraction : {3u, one / 2 - 1, one / 2, one / 2 + 1}) {
    magnitudes.insert(bias * one + fraction);
  }
  std::vector<std::uint32_t> corners;
  for (const std::uint32_t magnitude : magnitudes) {
    corners.push_back(magnitude);
    corners.push_back(magnitude | 1u << (encoding.width() - 1));
  }
  return corners;
}

ExactValue exact_sum(float a, float b) {
  // Knuth's two-sum: the error of a sum of doubles is a double.
  const double x = a, y = b;
  const double sum = x + y;
  const double from_y = sum - x;
  return {sum, (x - (sum - from_y)) + (y - from_y)};
}

FloatCoverage::FloatCoverage(Comparison& comparison, const std::string& unit, spec::NumberFormat in,
                             spec::NumberFormat out, bool binary,
                             std::initializer_list<Outcome> possible)
    : unit_(unit), in_(spec::float_encoding(in)), out_(spec::float_encoding(out)) {
  for (const char* a : kClassNames) {
    const std::string name = unit + ": " + a;
    if (!binary) {
      classes_.push_back(&comparison.bin(name));
      continue;
    }
    for (const char* b : kClassNames) classes_.push_back(&comparison.bin(name + ", " + b));
  }
  for (const Outcome outcome : possible) {
    const auto index = static_cast<std::size_t>(outcome);
    outcomes_[index] = &comparison.bin(unit + ": " + kOutcomeNames[index]);
  }
}

std::size_t FloatCoverage::class_of(std::uint32_t bits) const {
  const std::uint32_t magnitude = bits & magnitude_mask(in_);
  const std::uint32_t least_normal = 1u << in_.mantissa_bits;
  const std::uint32_t infinity = magnitude_mask(in_) & ~(least_normal - 1);
  if (magnitude == 0) return 0;
  if (magnitude < least_normal) return 1;
  if (magnitude < infinity) return 2;
  return magnitude == infinity ? 3 : 4;
}

void FloatCoverage::hit(Outcome outcome) {
  const auto index = static_cast<std::size_t>(outcome);
  if (outcomes_[index] == nullptr) {
    throw std::logic_error(unit_ + " cannot have an outcome '" + kOutcomeNames[index] + "'");
  }
  ++*outcomes_[index];
}

void FloatCoverage::result(const ExactValue& exact, std::uint32_t bits) {
  if (exact.high == 0) return;
  const double magnitude = std::fabs(exact.high);
  // -1, 0 or 1: the exact magnitude is below, at or above that of `high`.
  const double low = exact.low == 0 ? 0 : (exact.low < 0) == (exact.high < 0) ? 1 : -1;

  // Binade of the exact value, and the last place of the format there.
  int fraction_bits;
  const bool power_of_two = std::frexp(magnitude, &fraction_bits) == 0.5;
  const int exponent = fraction_bits - 1 - (power_of_two && low < 0 ? 1 : 0);
  const int least = 1 - out_.bias();
  const auto man = static_cast<int>(out_.mantissa_bits);
  const double places = std::ldexp(magnitude, man - std::max(exponent, least));

  double kept = std::floor(places);
  double rest = places - kept;
  if (rest == 0 && low < 0) {
    kept -= 1;
    rest = 1;
  }
  // Where the bits that are dropped stand against a fraction of the last place: -1, 0 or 1.
  const auto against = [&](double fraction) {
    return rest < fraction ? -1.0 : rest > fraction ? 1.0 : low;
  };
  const bool odd = std::fmod(kept, 2) != 0;
  const bool tie = against(0.5) == 0;
  if (tie) hit(odd ? Outcome::tie_up : Outcome::tie_down);
  if (against(0) > 0 && against(0.25) < 0) hit(Outcome::sticky_alone);
  if (!odd && against(0.5) > 0 && against(0.75) < 0) hit(Outcome::sticky_breaks_tie);
  const bool up = against(0.5) > 0 || (tie && odd);
  const double all_ones = std::ldexp(1, exponent < least ? man : man + 1) - 1;
  if (up && kept == all_ones) hit(Outcome::carry);

  const std::uint32_t result = bits & magnitude_mask(out_);
  const std::uint32_t least_normal = 1u << out_.mantissa_bits;
  if (result == 0) hit(Outcome::underflow);
  if (result != 0 && result < least_normal) hit(Outcome::subnormal);
  if (result == (magnitude_mask(out_) & ~(least_normal - 1))) hit(Outcome::overflow);
}

}  // namespace lutsim::tools
