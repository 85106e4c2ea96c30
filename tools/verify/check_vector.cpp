// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "models/numerics/float_format.h"
#include "models/vector/function_unit.h"
#include "sim/rtl_bridge/vector_blocks.h"
#include "sim/vector/sequencer_timing.h"
#include "tools/verify/block_check.h"
#include "tools/verify/vector_rows.h"

namespace lutsim::tools {
namespace {

using models::fp32_bits;
using models::fp32_from_bits;
using models::VectorFunction;

constexpr std::size_t kClasses = 9;
constexpr std::array<const char*, kClasses> kClassNames{"zero",    "subnormal", "infinity",
                                                        "NaN",     "positive",  "negative",
                                                        "below 1", "table end", "past the table"};

/// The bin of a function and an operand class.
std::string operand_bin(VectorFunction function, std::size_t operand_class) {
  return spec::to_string_of(function) + " of " + kClassNames[operand_class];
}

/// Every operand class that `x` is in.
std::vector<std::size_t> operand_classes(VectorFunction function, float x) {
  std::vector<std::size_t> classes;
  const std::uint32_t magnitude = fp32_bits(x) & 0x7fffffffu;
  if (magnitude == 0) return {0};
  if (std::isinf(x)) return {2};
  if (std::isnan(x)) return {3};
  if (magnitude < 0x00800000u) classes.push_back(1);
  classes.push_back(std::signbit(x) ? 5 : 4);
  if (std::abs(x) < 1.0f) classes.push_back(6);
  // The remainder of the last or first segment of an octave.
  const std::uint32_t fraction = magnitude & 0x007fffffu;
  if (fraction == 0 || fraction == 0x007fffffu) classes.push_back(7);
  const float end = function == VectorFunction::exponential  ? 128.0f
                    : function == VectorFunction::sigmoid    ? 32.0f
                    : function == VectorFunction::normal_cdf ? 8.0f
                                                             : 0x1p126f;
  if (std::abs(x) >= end) classes.push_back(8);
  return classes;
}

/// Any float, or one in the range in which the function is neither saturated nor linear.
std::uint32_t random_operand(Random& random, VectorFunction function) {
  if (one_in(random, 3)) return random_float_bits(random, kFp32);
  const bool wide =
      function == VectorFunction::reciprocal || function == VectorFunction::reciprocal_sqrt;
  const auto exponent = static_cast<std::uint32_t>(wide ? random_int(random, 1, 254)
                                                        : random_int(random, 127 - 27, 127 + 7));
  std::uint32_t fraction = static_cast<std::uint32_t>(random()) & 0x007fffffu;
  if (one_in(random, 8)) fraction = one_in(random, 2) ? 0u : 0x007fffffu;
  const std::uint32_t sign = static_cast<std::uint32_t>(random() & 1) << 31;
  return sign | exponent << 23 | fraction;
}

}  // namespace

void check_function_unit(Comparison& comparison, std::uint64_t vectors, Random& random) {
  comparison.declare_bins({"result overflows", "result underflows", "result is subnormal",
                           "a stalled result", "a gap between operands"});
  for (std::uint32_t f = 0; f < models::kVectorFunctions; ++f) {
    for (std::size_t c = 0; c < kClasses; ++c) {
      comparison.bin(operand_bin(static_cast<VectorFunction>(f), c));
    }
  }
  rtl::RtlFunctionUnit unit;
  while (comparison.vectors() < vectors) {
    std::vector<rtl::RtlFunctionUnit::Operand> operands(
        static_cast<std::size_t>(random_int(random, 1, 400)));
    for (auto& operand : operands) {
      operand.function = static_cast<VectorFunction>(random() % models::kVectorFunctions);
      operand.x = random_operand(random, operand.function);
    }
    const bool in_time = one_in(random, 2);
    const rtl::VectorPacing pacing = in_time ? rtl::VectorPacing{} : random_pacing(random);
    if (pacing.out < 100) comparison.hit("a stalled result");
    if (pacing.in < 100) comparison.hit("a gap between operands");
    const rtl::RtlFunctionUnit::Outcome found = unit.run(operands, pacing);
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const auto& [function, bits] = operands[i];
      const float x = fp32_from_bits(bits);
      const float y = models::evaluate(function, x);
      for (const std::size_t c : operand_classes(function, x)) {
        ++comparison.bin(operand_bin(function, c));
      }
      if (std::isfinite(x) && x != 0.0f) {
        if (std::isinf(y)) comparison.hit("result overflows");
        if (y == 0.0f) comparison.hit("result underflows");
        if (std::fpclassify(y) == FP_SUBNORMAL) comparison.hit("result is subnormal");
      }
      comparison.equal(fp32_bits(y) == found.y[i], [&, f = function, b = bits] {
        return fmt::format("{} of {:#010x}: expected {:#010x}, found {:#010x}",
                           spec::to_string_of(f), b, fp32_bits(y), found.y[i]);
      });
    }
    if (!in_time) continue;
    const std::uint64_t cycles = sim::function_unit_cycles(operands.size());
    comparison.same_cycles(found.cycles == cycles, [&] {
      return fmt::format("{} operands: expected {} cycles, found {}", operands.size(), cycles,
                         found.cycles);
    });
  }
}

}  // namespace lutsim::tools
