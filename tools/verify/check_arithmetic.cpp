// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <cmath>

#include "models/lut/half_lut.h"
#include "models/lut/lut_i.h"
#include "models/numerics/float_format.h"
#include "sim/rtl_bridge/rtl_blocks.h"
#include "tools/verify/block_check.h"

namespace lutsim::tools {

void check_int_to_fp32(Comparison& comparison, std::uint64_t vectors, Random& random) {
  rtl::RtlIntToFp32 narrow(rtl::RtlIntToFp32::kNarrow);
  rtl::RtlIntToFp32 wide(rtl::RtlIntToFp32::kWide);
  while (comparison.vectors() < vectors) {
    const bool is_wide = one_in(random, 2);
    const std::uint32_t bits = is_wide ? rtl::RtlIntToFp32::kWide : rtl::RtlIntToFp32::kNarrow;
    // Every length of integer, and those next to a power of two (all ones: the rounding carries).
    const std::int64_t limit = std::int64_t{1} << random_int(random, 0, bits - 1);
    std::int64_t sum =
        one_in(random, 4) ? limit - random_int(random, 1, 3) : random_int(random, -limit, limit);
    sum = std::max(sum, 1 - (std::int64_t{1} << (bits - 1)));
    sum = std::min(sum, (std::int64_t{1} << (bits - 1)) - 1);
    // From results that round to zero to results that overflow.
    const auto exponent = static_cast<std::int32_t>(random_int(random, -200, 140));
    const std::uint32_t expected =
        models::fp32_bits(models::scale_by_power_of_two(models::fp32_from_int(sum), exponent));
    const std::uint32_t found = is_wide ? wide(sum, exponent) : narrow(sum, exponent);
    comparison.equal(expected == found, [&] {
      return fmt::format("{} * 2^{} ({} bits): expected {:#010x}, found {:#010x}", sum, exponent,
                         bits, expected, found);
    });
  }
}

void check_pre_aligner(Comparison& comparison, std::uint64_t vectors, Random& random) {
  using spec::NumberFormat;
  rtl::RtlPreAligner aligners[] = {rtl::RtlPreAligner(NumberFormat::fp16),
                                   rtl::RtlPreAligner(NumberFormat::bf16),
                                   rtl::RtlPreAligner(NumberFormat::fp32)};
  while (comparison.vectors() < vectors) {
    rtl::RtlPreAligner& aligner = aligners[random() % 3];
    const spec::MatrixSpec& spec = aligner.spec();
    const spec::FloatEncoding encoding = spec::float_encoding(spec.act_format);
    const auto length = static_cast<std::uint32_t>(random_int(random, 1, spec.lanes_k()));
    // Of a wide range of exponents nearly all mantissas are 0: half of the vectors are moderate.
    const bool moderate = one_in(random, 2);
    const bool finite = !one_in(random, 4);
    std::vector<std::uint32_t> bits(length);
    std::vector<float> x(length);
    for (std::uint32_t j = 0; j < length; ++j) {
      do {
        bits[j] =
            moderate ? random_moderate_bits(random, encoding) : random_float_bits(random, encoding);
        x[j] = models::value_of(spec.act_format, bits[j]);
      } while (finite && !std::isfinite(x[j]));
    }
    const models::AlignedSegment expected = models::align(spec, x.data(), length);
    const models::AlignedSegment found = aligner(bits);
    // A segment with an infinity or NaN has no mantissas that mean anything.
    const bool same = expected.finite == found.finite &&
                      (!expected.finite || (expected.exponent == found.exponent &&
                                            expected.mantissa == found.mantissa));
    comparison.equal(same, [&] {
      std::string text = fmt::format(
          "{} align_bits {}: expected finite {} exponent {}, found finite {} exponent {};",
          spec::to_string_of(spec.act_format), spec.align_bits, expected.finite, expected.exponent,
          found.finite, found.exponent);
      for (std::uint32_t j = 0; expected.finite && j < length; ++j) {
        text += fmt::format(" {:#x}: {} / {}", bits[j], expected.mantissa[j], found.mantissa[j]);
      }
      return text;
    });
  }
}

void check_lut_generator(Comparison& comparison, std::uint64_t vectors, Random& random) {
  rtl::RtlLutGenerator generators[] = {rtl::RtlLutGenerator(4), rtl::RtlLutGenerator(5)};
  rtl::RtlLutPe pe;
  while (comparison.vectors() < vectors) {
    rtl::RtlLutGenerator& generator = generators[random() % 2];
    const std::int64_t limit = (std::int64_t{1} << (generator.align_bits() - 1)) - 1;
    const bool extreme = one_in(random, 4);
    std::vector<std::int32_t> a(generator.mu());
    for (std::int32_t& value : a) {
      value = static_cast<std::int32_t>(extreme ? (one_in(random, 2) ? limit : -limit)
                                                : random_int(random, -limit, limit));
    }
    const models::HalfLut golden(generator.mu(), a.data());
    const std::vector<std::int64_t> entries = generator(a);
    const auto describe = [&](std::uint32_t key, std::int64_t found) {
      std::string text = "entry of";
      for (const std::int32_t value : a) text += fmt::format(" {}", value);
      return text + fmt::format(" key {:#x}: expected {}, found {}", key, golden.entry(key), found);
    };
    for (std::uint32_t key = 0; key < entries.size(); ++key) {
      comparison.equal(entries[key] == golden.entry(key),
                       [&] { return describe(key, entries[key]); });
    }
    if (generator.mu() != 4) continue;

    // The readers of a PE with these entries, under every key.
    pe.load_entries(entries);
    for (std::uint32_t key = 0; key < 16; key += rtl::RtlLutPe::kReaders) {
      std::vector<std::uint32_t> keys;
      for (std::uint32_t r = 0; r < rtl::RtlLutPe::kReaders; ++r) keys.push_back(key + r);
      pe.load_keys(keys);
      const std::vector<std::int64_t> values = pe.values();
      for (std::uint32_t r = 0; r < rtl::RtlLutPe::kReaders; ++r) {
        comparison.equal(values[r] == golden.entry(key + r),
                         [&] { return "read: " + describe(key + r, values[r]); });
      }
    }
    pe.load_ones();
    for (const std::int64_t value : pe.values()) {
      comparison.equal(value == golden.entry(15),
                       [&] { return "read of the offset pass: " + describe(15, value); });
    }
  }
}

}  // namespace lutsim::tools
