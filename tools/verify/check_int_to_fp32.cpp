// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "models/numerics/float_format.h"
#include "sim/rtl_bridge/rtl_blocks.h"
#include "tools/verify/block_check.h"

namespace lutsim::tools {
namespace {

using models::fp32_bits;

/// The block in both widths, compared operand by operand.
class IntToFp32Check {
 public:
  explicit IntToFp32Check(Comparison& comparison) : comparison_(comparison) {
    comparison_.declare_bins({"narrow sum", "wide sum", "zero", "negative", "integer exact",
                              "integer rounded down", "integer rounded up", "tie to even, down",
                              "tie to even, up", "rounding carries into a new bit",
                              "result subnormal", "result subnormal and rounded",
                              "result rounds to zero", "result overflows", "least sum"});
  }

  void compare(bool is_wide, std::int64_t sum, std::int32_t exponent) {
    const float integer = models::fp32_from_int(sum);
    const float value = models::scale_by_power_of_two(integer, exponent);
    const std::uint32_t expected = fp32_bits(value);
    const std::uint32_t found = is_wide ? wide_(sum, exponent) : narrow_(sum, exponent);
    comparison_.equal(expected == found, [&] {
      return fmt::format("{} * 2^{} ({} bits): expected {:#010x}, found {:#010x}", sum, exponent,
                         bits(is_wide), expected, found);
    });
    note_bins(is_wide, sum, exponent, integer, value);
  }

  static std::uint32_t bits(bool is_wide) {
    return is_wide ? rtl::RtlIntToFp32::kWide : rtl::RtlIntToFp32::kNarrow;
  }

 private:
  void note_bins(bool is_wide, std::int64_t sum, std::int32_t exponent, float integer,
                 float value) {
    comparison_.hit(is_wide ? "wide sum" : "narrow sum");
    comparison_.hit_if(sum == 0, "zero");
    comparison_.hit_if(sum < 0, "negative");
    comparison_.hit_if(sum == -(std::int64_t{1} << (bits(is_wide) - 1)), "least sum");

    const std::int64_t magnitude = sum < 0 ? -sum : sum;
    const auto rounded = static_cast<std::int64_t>(std::fabs(integer));
    int length = 0;
    while (magnitude >> length != 0) ++length;
    const int dropped = std::max(0, length - 24);
    const std::int64_t lost = magnitude & ((std::int64_t{1} << dropped) - 1);
    const bool tie = dropped > 0 && lost == std::int64_t{1} << (dropped - 1);
    comparison_.hit_if(rounded == magnitude, "integer exact");
    comparison_.hit_if(rounded < magnitude && !tie, "integer rounded down");
    comparison_.hit_if(rounded > magnitude && !tie, "integer rounded up");
    comparison_.hit_if(rounded < magnitude && tie, "tie to even, down");
    comparison_.hit_if(rounded > magnitude && tie, "tie to even, up");
    comparison_.hit_if(rounded >> length != 0, "rounding carries into a new bit");

    const bool subnormal = value != 0 && std::fabs(value) < models::fp32_from_bits(0x00800000u);
    const bool exact = std::ldexp(static_cast<double>(integer), exponent) == value;
    comparison_.hit_if(subnormal, "result subnormal");
    comparison_.hit_if(subnormal && !exact, "result subnormal and rounded");
    comparison_.hit_if(sum != 0 && value == 0, "result rounds to zero");
    comparison_.hit_if(std::isinf(value), "result overflows");
  }

  Comparison& comparison_;
  rtl::RtlIntToFp32 narrow_{rtl::RtlIntToFp32::kNarrow};
  rtl::RtlIntToFp32 wide_{rtl::RtlIntToFp32::kWide};
};

/// Every length of integer: a single bit, all ones, halves of the last place above even and odd
/// neighbours, one beside them.
void directed(IntToFp32Check& check) {
  for (const bool is_wide : {false, true}) {
    const std::uint32_t bits = IntToFp32Check::bits(is_wide);
    const std::int64_t limit = std::int64_t{1} << (bits - 1);
    std::vector<std::int64_t> sums = {0, limit - 1, -limit, 1 - limit};
    for (std::uint32_t length = 1; length < bits; ++length) {
      const std::int64_t one = std::int64_t{1} << (length - 1);
      sums.insert(sums.end(), {one, 2 * one - 1, one + one / 3});
      if (length < 26) continue;
      const std::int64_t half = std::int64_t{1} << (length - 25);
      sums.insert(sums.end(), {one + half, one + 3 * half, one + half - 1, one + half + 1,
                               2 * one - half, 2 * one - half - 1});
    }
    for (const std::int64_t sum : sums) {
      // The limits of the 10 bits, both ends of the subnormals, one, overflow.
      for (const std::int32_t exponent :
           {-512, -190, -172, -150, -149, -126, 0, 88, 104, 127, 511}) {
        check.compare(is_wide, sum, exponent);
        if (sum > 0) check.compare(is_wide, -sum, exponent);
      }
    }
    // Subnormals that lose `lost` places: a tie, and ties that the last place alone breaks.
    const std::uint32_t significant = std::min(bits - 1, 24u);
    for (std::uint32_t lost = 2; lost + 1 < significant; ++lost) {
      const std::int64_t one = std::int64_t{1} << (significant - 1);
      const std::int64_t half = std::int64_t{1} << (lost - 1);
      for (const std::int64_t sum : {one + half, one + half + 1, one + 3 * half, one + half - 1}) {
        check.compare(is_wide, sum, -149 - static_cast<std::int32_t>(lost));
        check.compare(is_wide, -sum, -149 - static_cast<std::int32_t>(lost));
      }
    }
    // Across the subnormals one by one.
    for (std::int32_t exponent = -180; exponent <= -110; ++exponent) {
      check.compare(is_wide, limit / 3, exponent);
      check.compare(is_wide, 1 - limit, exponent);
    }
  }
}

}  // namespace

void check_int_to_fp32(Comparison& comparison, std::uint64_t vectors, Random& random) {
  IntToFp32Check check(comparison);
  directed(check);
  const std::uint64_t until = comparison.vectors() + vectors;
  while (comparison.vectors() < until) {
    const bool is_wide = one_in(random, 2);
    const std::uint32_t bits = IntToFp32Check::bits(is_wide);
    // Every length of integer, and those next to a power of two (all ones: the rounding carries).
    const std::int64_t limit = std::int64_t{1} << random_int(random, 0, bits - 1);
    std::int64_t sum =
        one_in(random, 4) ? limit - random_int(random, 1, 3) : random_int(random, -limit, limit);
    sum = std::max(sum, -(std::int64_t{1} << (bits - 1)));
    sum = std::min(sum, (std::int64_t{1} << (bits - 1)) - 1);
    // From results that round to zero to results that overflow.
    check.compare(is_wide, sum, static_cast<std::int32_t>(random_int(random, -200, 140)));
  }
}

}  // namespace lutsim::tools
