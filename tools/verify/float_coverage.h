// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "models/spec/number_format.h"
#include "tools/verify/block_check.h"

/// Functional coverage of a floating-point block: which classes of operands it met, and in which
/// ways its results were rounded.
namespace lutsim::tools {

/// At least 40 values of a format in bits: both signs of zero, infinity, NaNs, the least and the
/// greatest subnormal and normal values, and powers of two with their neighbours: around one, a
/// significand away from one, half way to the limits of the exponent, and at them.
std::vector<std::uint32_t> corner_bits(const spec::FloatEncoding& encoding);

/// A real number as a sum: `low` is less than half of the last place of `high`.
struct ExactValue {
  double high;
  double low = 0;
};

/// a + b for any two finite FP32 values.
ExactValue exact_sum(float a, float b);

/// What a result can be besides the plain nearest value.
enum class Outcome {
  cancelled,          ///< +0 from operands other than 0
  tie_up,             ///< half way, the even neighbour is the greater magnitude
  tie_down,           ///< half way, the even neighbour is the lesser magnitude
  sticky_alone,       ///< guard and round bit 0, bits further down set
  sticky_breaks_tie,  ///< guard 1, round bit 0: only bits further down make it round up
  carry,              ///< rounding carries into the exponent
  subnormal,          ///< the result is subnormal
  overflow,           ///< a finite value becomes infinity
  underflow,          ///< a value other than 0 becomes 0
};

class FloatCoverage {
 public:
  /// Declares the bins of the unit called `unit`: the classes of its operand or, if `binary`, of
  /// pairs of them, and `possible` outcomes.
  FloatCoverage(Comparison& comparison, const std::string& unit, spec::NumberFormat in,
                spec::NumberFormat out, bool binary, std::initializer_list<Outcome> possible);

  void operand(std::uint32_t bits) { ++*classes_[class_of(bits)]; }
  void operands(std::uint32_t a, std::uint32_t b) {
    ++*classes_[class_of(a) * kClasses + class_of(b)];
  }
  /// `bits` is the correct result of a finite `exact` value in the output format. Throws
  /// std::logic_error if the outcome was not among the possible ones.
  void result(const ExactValue& exact, std::uint32_t bits);
  void cancelled() { hit(Outcome::cancelled); }

 private:
  static constexpr std::size_t kClasses = 5, kOutcomes = 9;
  std::size_t class_of(std::uint32_t bits) const;
  void hit(Outcome outcome);

  std::string unit_;
  spec::FloatEncoding in_, out_;
  std::vector<std::uint64_t*> classes_;
  std::array<std::uint64_t*, kOutcomes> outcomes_{};
};

}  // namespace lutsim::tools
