// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <cmath>
#include <utility>

#include "models/numerics/float_arithmetic.h"
#include "sim/rtl_bridge/fp_blocks.h"
#include "tools/verify/block_check.h"
#include "tools/verify/float_coverage.h"

/// The blocks of rtl/arithmetic/ in every format. Expected bits come from models/numerics, whose
/// FP32 is the host's.
namespace lutsim::tools {
namespace {

using models::bits_of;
using models::value_of;
using spec::FloatEncoding;
using spec::NumberFormat;

constexpr NumberFormat kFormats[] = {NumberFormat::fp16, NumberFormat::bf16, NumberFormat::fp32};

constexpr std::initializer_list<Outcome> kNone = {};
// Of a block that rounds one exact value to a format that does not hold it.
constexpr std::initializer_list<Outcome> kAll = {
    Outcome::tie_up, Outcome::tie_down,  Outcome::sticky_alone, Outcome::sticky_breaks_tie,
    Outcome::carry,  Outcome::subnormal, Outcome::overflow,     Outcome::underflow};

std::uint32_t exponent_of(const FloatEncoding& encoding, std::uint32_t bits) {
  return (bits >> encoding.mantissa_bits) & ((1u << encoding.exponent_bits) - 1);
}

std::uint32_t with_exponent(const FloatEncoding& encoding, std::uint32_t bits,
                            std::uint32_t exponent) {
  const std::uint32_t field = ((1u << encoding.exponent_bits) - 1) << encoding.mantissa_bits;
  return (bits & ~field) | exponent << encoding.mantissa_bits;
}

/// Clears some low bits of the fraction: products of short significands are often half way between
/// two values.
std::uint32_t shortened(Random& random, const FloatEncoding& encoding, std::uint32_t bits) {
  return bits & ~((1u << (random() % (encoding.mantissa_bits + 1))) - 1);
}

/// The second summand: any float, or one close to the first so that sums cancel and distances of
/// exponents are small.
std::uint32_t second_summand(Random& random, const FloatEncoding& encoding, std::uint32_t first) {
  const std::uint32_t any = random_float_bits(random, encoding);
  switch (random() % 4) {
    case 0:
      return first ^ 1u << (encoding.width() - 1) ^ static_cast<std::uint32_t>(random() % 8);
    case 1: {
      const auto distance = static_cast<std::uint32_t>(random() % (encoding.mantissa_bits + 5));
      const std::uint32_t exponent = exponent_of(encoding, first);
      return with_exponent(encoding, any, exponent > distance ? exponent - distance : 0);
    }
    default:
      return any;
  }
}

/// The second factor: any float, or one whose product with the first is next to underflow or
/// overflow of the output format.
std::uint32_t second_factor(Random& random, const FloatEncoding& in, const FloatEncoding& out,
                            std::uint32_t first) {
  const std::uint32_t any = random_float_bits(random, in);
  const std::int64_t top = (std::int64_t{1} << out.exponent_bits) - 1;
  std::int64_t exponent;  // of the product
  switch (random() % 4) {
    case 0:
      exponent = random_int(random, -3 - std::int64_t{out.mantissa_bits}, 3);
      break;
    case 1:
      exponent = top + random_int(random, -2, 2);
      break;
    default:
      return any;
  }
  const std::int64_t wanted =
      exponent - out.bias() + std::int64_t{2} * in.bias() - exponent_of(in, first);
  const bool exists = wanted >= 0 && wanted < (std::int64_t{1} << in.exponent_bits) - 1;
  return exists ? with_exponent(in, any, static_cast<std::uint32_t>(wanted)) : any;
}

std::string unit_name(NumberFormat in, NumberFormat out) {
  const std::string name = spec::to_string_of(in);
  return in == out ? name : name + " to " + spec::to_string_of(out);
}

struct Adder {
  Adder(Comparison& comparison, NumberFormat f)
      : format(f),
        encoding(spec::float_encoding(f)),
        rtl(f),
        // A sum that is subnormal is exact, and only a cancellation gives 0.
        coverage(
            comparison, unit_name(f, f), f, f, true,
            {Outcome::cancelled, Outcome::tie_up, Outcome::tie_down, Outcome::sticky_alone,
             Outcome::sticky_breaks_tie, Outcome::carry, Outcome::subnormal, Outcome::overflow}) {}

  void check(Comparison& comparison, std::uint32_t a, std::uint32_t b) {
    const float x = value_of(format, a), y = value_of(format, b);
    const std::uint32_t expected = bits_of(format, models::fp_add(format, x, y));
    const std::uint32_t found = rtl(a, b);
    comparison.equal(expected == found, [&] {
      return fmt::format("{} {:#x} + {:#x}: expected {:#x}, found {:#x}",
                         spec::to_string_of(format), a, b, expected, found);
    });
    coverage.operands(a, b);
    if (!std::isfinite(x) || !std::isfinite(y)) return;
    coverage.result(exact_sum(x, y), expected);
    if (x != 0 && x == -y) coverage.cancelled();
  }

  NumberFormat format;
  FloatEncoding encoding;
  rtl::RtlFpAdder rtl;
  FloatCoverage coverage;
};

struct Multiplier {
  Multiplier(Comparison& comparison, NumberFormat i, NumberFormat o,
             std::initializer_list<Outcome> outcomes)
      : in(i),
        out(o),
        in_encoding(spec::float_encoding(i)),
        out_encoding(spec::float_encoding(o)),
        rtl(i, o),
        coverage(comparison, unit_name(i, o), i, o, true, outcomes) {}

  void check(Comparison& comparison, std::uint32_t a, std::uint32_t b) {
    const float x = value_of(in, a), y = value_of(in, b);
    const std::uint32_t expected = bits_of(out, models::fp_multiply(in, out, x, y));
    const std::uint32_t found = rtl(a, b);
    comparison.equal(expected == found, [&] {
      return fmt::format("{} {:#x} * {:#x}: expected {:#x}, found {:#x}", unit_name(in, out), a, b,
                         expected, found);
    });
    coverage.operands(a, b);
    if (!std::isfinite(x) || !std::isfinite(y)) return;
    // Double holds every product of FP32 values.
    coverage.result({static_cast<double>(x) * static_cast<double>(y)}, expected);
  }

  NumberFormat in, out;
  FloatEncoding in_encoding, out_encoding;
  rtl::RtlFpMultiplier rtl;
  FloatCoverage coverage;
};

struct Converter {
  Converter(Comparison& comparison, NumberFormat i, NumberFormat o,
            std::initializer_list<Outcome> outcomes)
      : in(i),
        out(o),
        encoding(spec::float_encoding(i)),
        rtl(i, o),
        coverage(comparison, unit_name(i, o), i, o, false, outcomes) {}

  void check(Comparison& comparison, std::uint32_t bits) {
    const float value = value_of(in, bits);
    const std::uint32_t expected = bits_of(out, value);
    const std::uint32_t found = rtl(bits);
    comparison.equal(expected == found, [&] {
      return fmt::format("{} {:#x}: expected {:#x}, found {:#x}", unit_name(in, out), bits,
                         expected, found);
    });
    coverage.operand(bits);
    if (std::isfinite(value)) coverage.result({static_cast<double>(value)}, expected);
  }

  NumberFormat in, out;
  FloatEncoding encoding;
  rtl::RtlFpConverter rtl;
  FloatCoverage coverage;
};

}  // namespace

void check_fp_adder(Comparison& comparison, std::uint64_t vectors, Random& random) {
  Adder adders[] = {Adder(comparison, kFormats[0]), Adder(comparison, kFormats[1]),
                    Adder(comparison, kFormats[2])};
  for (Adder& adder : adders) {
    const std::vector<std::uint32_t> corners = corner_bits(adder.encoding);
    for (const std::uint32_t a : corners) {
      for (const std::uint32_t b : corners) adder.check(comparison, a, b);
    }
  }
  for (std::uint64_t v = 0; v < vectors; ++v) {
    Adder& adder = adders[v % 3];
    std::uint32_t a = random_float_bits(random, adder.encoding);
    std::uint32_t b = second_summand(random, adder.encoding, a);
    if (one_in(random, 2)) std::swap(a, b);
    adder.check(comparison, a, b);
  }
}

void check_fp_multiplier(Comparison& comparison, std::uint64_t vectors, Random& random) {
  Multiplier multipliers[] = {
      Multiplier(comparison, NumberFormat::fp16, NumberFormat::fp16, kAll),
      Multiplier(comparison, NumberFormat::fp16, NumberFormat::fp32, kNone),  // exact
      Multiplier(comparison, NumberFormat::bf16, NumberFormat::bf16, kAll),
      Multiplier(comparison, NumberFormat::fp32, NumberFormat::fp32, kAll)};
  for (Multiplier& multiplier : multipliers) {
    const std::vector<std::uint32_t> corners = corner_bits(multiplier.in_encoding);
    for (const std::uint32_t a : corners) {
      for (const std::uint32_t b : corners) multiplier.check(comparison, a, b);
    }
  }
  for (std::uint64_t v = 0; v < vectors; ++v) {
    Multiplier& multiplier = multipliers[v % 4];
    const FloatEncoding& in = multiplier.in_encoding;
    std::uint32_t a = random_float_bits(random, in);
    std::uint32_t b = second_factor(random, in, multiplier.out_encoding, a);
    if (one_in(random, 4)) {
      a = shortened(random, in, a);
      b = shortened(random, in, b);
    }
    if (one_in(random, 2)) std::swap(a, b);
    multiplier.check(comparison, a, b);
  }
}

namespace {

/// Values half way between two neighbours of `out` that `in` can hold: among the subnormals and
/// from 1 on, below an even and below an odd one.
std::vector<std::uint32_t> ties(NumberFormat in, NumberFormat out) {
  const spec::FloatEncoding to = spec::float_encoding(out);
  const int mantissa = static_cast<int>(to.mantissa_bits);
  std::vector<std::uint32_t> all;
  for (const double below : {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}) {
    for (const double tie : {std::ldexp(below + 0.5, 1 - to.bias() - mantissa),
                             1.0 + std::ldexp(below + 0.5, -mantissa)}) {
      const std::uint32_t bits = models::bits_of(in, static_cast<float>(tie));
      if (models::value_of(in, bits) == tie) all.push_back(bits);
    }
  }
  return all;
}

}  // namespace

void check_fp_converter(Comparison& comparison, std::uint64_t vectors, Random& random) {
  Converter converters[] = {
      // Every finite FP16 value is far inside the range of the other two.
      Converter(comparison, NumberFormat::fp16, NumberFormat::bf16,
                {Outcome::tie_up, Outcome::tie_down, Outcome::sticky_alone,
                 Outcome::sticky_breaks_tie, Outcome::carry}),
      Converter(comparison, NumberFormat::fp16, NumberFormat::fp32, kNone),
      // Eight bits are rounded only where they become subnormal, and never carry through eleven.
      Converter(
          comparison, NumberFormat::bf16, NumberFormat::fp16,
          {Outcome::tie_up, Outcome::tie_down, Outcome::sticky_alone, Outcome::sticky_breaks_tie,
           Outcome::subnormal, Outcome::overflow, Outcome::underflow}),
      Converter(comparison, NumberFormat::bf16, NumberFormat::fp32, {Outcome::subnormal}),
      Converter(comparison, NumberFormat::fp32, NumberFormat::fp16, kAll),
      Converter(comparison, NumberFormat::fp32, NumberFormat::bf16, kAll)};
  for (Converter& converter : converters) {
    for (const std::uint32_t bits : corner_bits(converter.encoding)) {
      converter.check(comparison, bits);
    }
    for (const std::uint32_t bits : ties(converter.in, converter.out)) {
      converter.check(comparison, bits);
    }
  }
  for (std::uint64_t v = 0; v < vectors; ++v) {
    Converter& converter = converters[v % 6];
    std::uint32_t bits = random_float_bits(random, converter.encoding);
    // FP32: half of the values in the range of FP16 and around its ends.
    if (converter.in != NumberFormat::fp16 && one_in(random, 2)) {
      const auto exponent = static_cast<std::uint32_t>(random_int(random, 127 - 27, 127 + 17));
      bits = with_exponent(converter.encoding, bits, exponent);
    }
    if (one_in(random, 4)) bits = shortened(random, converter.encoding, bits);
    converter.check(comparison, bits);
  }
}

}  // namespace lutsim::tools
