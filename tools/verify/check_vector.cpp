// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "models/numerics/float_format.h"
#include "models/vector/function_tables.h"
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

using Operands = std::vector<rtl::RtlFunctionUnit::Operand>;

struct FunctionPages {
  VectorFunction function;
  std::uint32_t first, end;
};
constexpr std::array<FunctionPages, models::kVectorFunctions> kFunctionPages{
    {{VectorFunction::exponential, models::kExponentialPage, models::kReciprocalPage},
     {VectorFunction::reciprocal, models::kReciprocalPage, models::kReciprocalSqrtPage},
     {VectorFunction::reciprocal_sqrt, models::kReciprocalSqrtPage, models::kSigmoidPage},
     {VectorFunction::sigmoid, models::kSigmoidPage, models::kNormalCdfPage},
     {VectorFunction::normal_cdf, models::kNormalCdfPage, models::kFunctionPages}}};

/// The segment of function_tables() that the function reads at x, if it reads one.
std::optional<std::uint32_t> segment_at(VectorFunction function, float x) {
  const auto place = models::table_place(function, x);
  if (!place) return std::nullopt;
  return *place >> models::kRemainderBits;
}

/// An operand whose function reads that page at about `bits23`, segment and remainder.
float operand_near(const FunctionPages& pages, std::uint32_t page, std::uint32_t bits23) {
  constexpr double kUnit = 0x1p-23;
  const auto octave = static_cast<int>(page - pages.first);
  const double fraction = bits23 * kUnit;
  switch (pages.function) {
    case VectorFunction::exponential:
      return static_cast<float>((1.0 + fraction) * 0x1.62e42fefa39efp-1);  // ln 2
    case VectorFunction::reciprocal:
      return static_cast<float>(1.0 + (octave + fraction) / 2);
    case VectorFunction::reciprocal_sqrt:
      return static_cast<float>(std::ldexp(1.0 + fraction, octave));
    default:
      return static_cast<float>(octave == 0 ? fraction : std::ldexp(1.0 + fraction, octave - 1));
  }
}

/// Operands that read every segment at its first and at its last remainder, of both signs where a
/// function has both.
Operands both_ends_of_every_segment() {
  Operands operands;
  for (const FunctionPages& pages : kFunctionPages) {
    for (std::uint32_t page = pages.first; page < pages.end; ++page) {
      for (std::uint32_t segment = 0; segment < models::kPageSegments; ++segment) {
        const std::uint32_t index = page * models::kPageSegments + segment;
        const std::uint32_t begin = segment << models::kRemainderBits;
        const std::uint32_t last = begin + (1u << models::kRemainderBits) - 1;
        for (const std::uint32_t bits23 : {begin, last}) {
          float x = operand_near(pages, page, bits23);
          // A rounding on the way may have crossed the end of the segment.
          const float inwards = bits23 == begin ? 0x1p127f : 0.0f;
          while (segment_at(pages.function, x) != index) x = std::nextafter(x, inwards);
          operands.push_back({pages.function, fp32_bits(x)});
          operands.push_back({pages.function, fp32_bits(-x)});
        }
      }
    }
  }
  return operands;
}

/// Every function of every class of value, and of values next to where its result saturates,
/// overflows, underflows or becomes subnormal.
Operands corners() {
  Operands operands;
  for (const FunctionPages& pages : kFunctionPages) {
    for (const std::uint32_t magnitude :
         {0x00000000u, 0x00000001u, 0x00000002u, 0x00200000u, 0x002aaaaau, 0x00400000u, 0x007fffffu,
          0x00800000u, 0x00ffffffu, 0x327fffffu, 0x32800000u, 0x32ffffffu, 0x33000000u, 0x337fffffu,
          0x33800000u, 0x3f000000u, 0x3f7fffffu, 0x3f800000u, 0x3fffffffu, 0x40ffffffu, 0x41000000u,
          0x41000001u, 0x41ffffffu, 0x42000000u, 0x42aeac4fu, 0x42aeac50u, 0x42b17217u, 0x42b17218u,
          0x42b20000u, 0x42cdcccdu, 0x42cff1b5u, 0x42cff1b6u, 0x42fe0000u, 0x42ffffffu, 0x43000000u,
          0x7e7fffffu, 0x7e800000u, 0x7effffffu, 0x7f000000u, 0x7f7fffffu, 0x7f800000u, 0x7f800001u,
          0x7fa00000u, 0x7fc00000u, 0x7fffffffu}) {
      operands.push_back({pages.function, magnitude});
      operands.push_back({pages.function, 0x80000000u | magnitude});
    }
  }
  return operands;
}

Operands random_operands(Random& random) {
  Operands operands(static_cast<std::size_t>(random_int(random, 1, 400)));
  for (auto& operand : operands) {
    operand.function = static_cast<VectorFunction>(random() % models::kVectorFunctions);
    operand.x = random_operand(random, operand.function);
  }
  return operands;
}

constexpr const char* kEverySegment = "every segment of every table";

void hit_bins(Comparison& comparison, const Operands& operands, std::set<std::uint32_t>& read) {
  for (const auto& [function, bits] : operands) {
    const float x = fp32_from_bits(bits);
    for (const std::size_t c : operand_classes(function, x)) {
      ++comparison.bin(operand_bin(function, c));
    }
    if (const auto segment = segment_at(function, x)) read.insert(*segment);
    if (!std::isfinite(x) || x == 0.0f) continue;
    const float y = models::evaluate(function, x);
    comparison.hit_if(std::isinf(y), "result overflows");
    comparison.hit_if(y == 0.0f, "result underflows");
    comparison.hit_if(std::fpclassify(y) == FP_SUBNORMAL, "result is subnormal");
  }
  const bool complete = read.size() == std::tuple_size_v<models::FunctionTables>;
  comparison.hit_if(complete, kEverySegment);
}

/// Compares what the unit gives at that pace; the cycles too if nothing waits.
void compare(Comparison& comparison, rtl::RtlFunctionUnit& unit, const Operands& operands,
             const rtl::VectorPacing& pacing) {
  comparison.hit_if(pacing.out < 100, "a stalled result");
  comparison.hit_if(pacing.in < 100, "a gap between operands");
  const rtl::RtlFunctionUnit::Outcome found = unit.run(operands, pacing);
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const auto& [function, bits] = operands[i];
    const std::uint32_t y = fp32_bits(models::evaluate(function, fp32_from_bits(bits)));
    comparison.equal(y == found.y[i], [&, f = function, b = bits] {
      return fmt::format("{} of {:#010x}: expected {:#010x}, found {:#010x}", spec::to_string_of(f),
                         b, y, found.y[i]);
    });
  }
  if (pacing.in < 100 || pacing.out < 100) return;
  const std::uint64_t cycles = sim::function_unit_cycles(operands.size());
  comparison.same_cycles(found.cycles == cycles, [&] {
    return fmt::format("{} operands: expected {} cycles, found {}", operands.size(), cycles,
                       found.cycles);
  });
}

}  // namespace

void check_function_unit(Comparison& comparison, std::uint64_t vectors, Random& random) {
  comparison.declare_bins({"result overflows", "result underflows", "result is subnormal",
                           "a stalled result", "a gap between operands", kEverySegment});
  for (const FunctionPages& pages : kFunctionPages) {
    for (std::size_t c = 0; c < kClasses; ++c) comparison.bin(operand_bin(pages.function, c));
  }
  std::set<std::uint32_t> segments_read;
  rtl::RtlFunctionUnit unit;
  for (const Operands& operands : {corners(), both_ends_of_every_segment()}) {
    hit_bins(comparison, operands, segments_read);
    compare(comparison, unit, operands, {});
    compare(comparison, unit, operands, slow_pacing(1));
  }
  const std::uint64_t until = comparison.vectors() + vectors;
  while (comparison.vectors() < until) {
    const Operands operands = random_operands(random);
    hit_bins(comparison, operands, segments_read);
    compare(comparison, unit, operands,
            one_in(random, 2) ? rtl::VectorPacing{} : random_pacing(random));
  }
}

}  // namespace lutsim::tools
