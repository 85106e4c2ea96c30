// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "models/numerics/float_format.h"
#include "sim/rtl_bridge/rtl_blocks.h"
#include "tools/verify/block_check.h"

namespace lutsim::tools {
namespace {

using models::fp32_bits;
using models::fp32_from_bits;

const spec::FloatEncoding kFp32 = spec::float_encoding(spec::NumberFormat::fp32);

/// The second operand: any float, or one close to the first so that sums cancel and distances of
/// exponents are small.
std::uint32_t second_operand(Random& random, std::uint32_t first) {
  switch (random() % 4) {
    case 0:
      return first ^ 0x80000000u ^ static_cast<std::uint32_t>(random() % 8);
    case 1: {
      const auto distance = static_cast<std::uint32_t>(random() % 28);
      const std::uint32_t exponent = (first >> 23) & 0xffu;
      const std::uint32_t near = exponent > distance ? exponent - distance : distance;
      return (random_float_bits(random, kFp32) & 0x807fffffu) | near << 23;
    }
    default:
      return random_float_bits(random, kFp32);
  }
}

/// A factor: any float, or one whose product with the first is next to underflow or overflow.
std::uint32_t second_factor(Random& random, std::uint32_t first) {
  const auto exponent = static_cast<std::int64_t>((first >> 23) & 0xffu);
  std::int64_t wanted;
  switch (random() % 4) {
    case 0:
      wanted = 127 - exponent + random_int(random, -26, 3);
      break;
    case 1:
      wanted = 254 + 127 - exponent + random_int(random, -2, 2);
      break;
    default:
      return random_float_bits(random, kFp32);
  }
  if (wanted < 0 || wanted > 254) return random_float_bits(random, kFp32);
  return (static_cast<std::uint32_t>(random()) & 0x807fffffu) | static_cast<std::uint32_t>(wanted)
                                                                    << 23;
}

}  // namespace

void check_fp32_adder(Comparison& comparison, std::uint64_t vectors, Random& random) {
  rtl::RtlFp32Adder adder;
  while (comparison.vectors() < vectors) {
    std::uint32_t a = random_float_bits(random, kFp32);
    std::uint32_t b = second_operand(random, a);
    if (one_in(random, 2)) std::swap(a, b);
    const std::uint32_t expected =
        fp32_bits(models::canonical(fp32_from_bits(a) + fp32_from_bits(b)));
    const std::uint32_t found = adder(a, b);
    comparison.equal(expected == found, [&] {
      return fmt::format("{:#010x} + {:#010x}: expected {:#010x}, found {:#010x}", a, b, expected,
                         found);
    });
  }
}

void check_fp32_multiplier(Comparison& comparison, std::uint64_t vectors, Random& random) {
  rtl::RtlFp32Multiplier multiplier;
  while (comparison.vectors() < vectors) {
    std::uint32_t a = random_float_bits(random, kFp32);
    std::uint32_t b = second_factor(random, a);
    if (one_in(random, 2)) std::swap(a, b);
    const std::uint32_t expected =
        fp32_bits(models::canonical(fp32_from_bits(a) * fp32_from_bits(b)));
    const std::uint32_t found = multiplier(a, b);
    comparison.equal(expected == found, [&] {
      return fmt::format("{:#010x} * {:#010x}: expected {:#010x}, found {:#010x}", a, b, expected,
                         found);
    });
  }
}

}  // namespace lutsim::tools
