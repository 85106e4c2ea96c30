// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <cmath>
#include <vector>

#include "models/engine/engine.h"
#include "models/numerics/float_format.h"
#include "sim/rtl_bridge/rtl_blocks.h"
#include "tools/verify/block_check.h"

namespace lutsim::tools {
namespace {

using spec::NumberFormat;
using Bits = std::vector<std::uint32_t>;

float value_of(NumberFormat format, std::uint32_t bits) {
  switch (format) {
    case NumberFormat::fp16:
      return models::fp16_from_bits(static_cast<std::uint16_t>(bits));
    case NumberFormat::bf16:
      return models::bf16_from_bits(static_cast<std::uint16_t>(bits));
    default:
      return models::fp32_from_bits(bits);
  }
}

/// The block in one format: segment after segment, with idle cycles between.
class AlignerCheck {
 public:
  AlignerCheck(NumberFormat format, Comparison& comparison)
      : comparison_(comparison), aligner_(format), encoding_(spec::float_encoding(format)) {
    comparison_.declare_bins({"infinity", "NaN", "subnormal", "zero", "negative", "one element",
                              "all lanes", "every bit shifted out", "some bits shifted out",
                              "all of one exponent", "greatest exponent is the least",
                              "greatest exponent is the largest finite",
                              "kept while nothing is shifted", "kept while nothing is loaded"});
    comparison_.bin(spec::to_string_of(format));
  }

  const spec::FloatEncoding& encoding() const { return encoding_; }
  std::uint32_t lanes() const { return aligner_.spec().lanes_k(); }

  void compare(const Bits& bits) {
    const spec::MatrixSpec& spec = aligner_.spec();
    std::vector<float> x;
    for (const std::uint32_t b : bits) x.push_back(value_of(spec.act_format, b));
    const models::AlignedSegment expected =
        models::align(spec, x.data(), static_cast<std::uint32_t>(x.size()));
    // What is on the port without `load` must not matter.
    Bits other(lanes());
    for (std::uint32_t k = 0; k < lanes(); ++k)
      other[k] = ~(k < bits.size() ? bits[k] : 0u) & mask();

    aligner_.clock(bits, true, false);
    if (!last_bits_.empty()) {
      equal("kept while the next is taken", last_bits_, last_, aligner_.output(last_bits_.size()));
      comparison_.hit("kept while nothing is shifted");
    }
    aligner_.clock(other, false, true);
    equal("aligned", bits, expected, aligner_.output(bits.size()));
    // Also the ones that would show if the activations had been replaced.
    aligner_.clock(other, false, false);
    equal("kept in an idle cycle", bits, expected, aligner_.output(bits.size()));
    aligner_.clock(other, false, true);
    equal("aligned again", bits, expected, aligner_.output(bits.size()));
    comparison_.hit("kept while nothing is loaded");
    note_bins(bits, x, expected);
    last_bits_ = bits;
    last_ = expected;
  }

  std::uint32_t top_exponent() const { return (1u << encoding_.exponent_bits) - 1; }
  std::uint32_t make(std::uint32_t sign, std::uint32_t exponent, std::uint32_t fraction) const {
    return sign << (encoding_.width() - 1) | exponent << encoding_.mantissa_bits | fraction;
  }
  std::uint32_t ones() const { return (1u << encoding_.mantissa_bits) - 1; }

 private:
  std::uint32_t mask() const {
    return static_cast<std::uint32_t>((std::uint64_t{1} << encoding_.width()) - 1);
  }

  void equal(const char* when, const Bits& bits, const models::AlignedSegment& expected,
             const models::AlignedSegment& found) {
    // A segment with an infinity or NaN has no mantissas that mean anything.
    const bool same = expected.finite == found.finite &&
                      (!expected.finite || (expected.exponent == found.exponent &&
                                            expected.mantissa == found.mantissa));
    comparison_.equal(same, [&] {
      std::string text = fmt::format(
          "{} align_bits {}, {}: expected finite {} exponent {}, found finite {} exponent {};",
          spec::to_string_of(aligner_.spec().act_format), aligner_.spec().align_bits, when,
          expected.finite, expected.exponent, found.finite, found.exponent);
      for (std::size_t j = 0; expected.finite && j < bits.size(); ++j) {
        text += fmt::format(" {:#x}: {} / {}", bits[j], expected.mantissa[j], found.mantissa[j]);
      }
      return text;
    });
  }

  void note_bins(const Bits& bits, const std::vector<float>& x,
                 const models::AlignedSegment& aligned) {
    ++comparison_.bin(spec::to_string_of(aligner_.spec().act_format));
    comparison_.hit_if(bits.size() == 1, "one element");
    comparison_.hit_if(bits.size() == lanes(), "all lanes");
    std::uint32_t least = top_exponent(), greatest = 0;
    for (std::size_t j = 0; j < bits.size(); ++j) {
      const std::uint32_t exponent = (bits[j] >> encoding_.mantissa_bits) & top_exponent();
      const bool zero = x[j] == 0;
      least = std::min(least, exponent);
      greatest = std::max(greatest, exponent);
      comparison_.hit_if(zero, "zero");
      comparison_.hit_if(exponent == 0 && !zero, "subnormal");
      comparison_.hit_if(std::signbit(x[j]) && !zero, "negative");
      comparison_.hit_if(std::isinf(x[j]), "infinity");
      comparison_.hit_if(std::isnan(x[j]), "NaN");
      if (!aligned.finite || zero) continue;
      const double back = std::ldexp(aligned.mantissa[j], aligned.exponent);
      comparison_.hit_if(aligned.mantissa[j] == 0, "every bit shifted out");
      comparison_.hit_if(aligned.mantissa[j] != 0 && back != x[j], "some bits shifted out");
    }
    comparison_.hit_if(bits.size() > 1 && least == greatest, "all of one exponent");
    comparison_.hit_if(greatest <= 1, "greatest exponent is the least");
    comparison_.hit_if(greatest == top_exponent() - 1, "greatest exponent is the largest finite");
  }

  Comparison& comparison_;
  rtl::RtlPreAligner aligner_;
  spec::FloatEncoding encoding_;
  Bits last_bits_;
  models::AlignedSegment last_;
};

/// Every lane once: with the greatest exponent, as the element that is shifted by every distance,
/// as a subnormal, as an infinity and as a NaN.
void directed(AlignerCheck& check) {
  const std::uint32_t top = check.top_exponent();
  const std::uint32_t steps = std::min(top - 2, check.encoding().mantissa_bits + 20);
  check.compare({0u});
  check.compare({check.make(0, 0, 1)});
  for (std::uint32_t lane = 0; lane < check.lanes(); ++lane) {
    Bits bits(check.lanes(), check.make(lane & 1, 1, check.ones()));
    bits[lane] = check.make(lane & 1, 0, check.ones());
    check.compare(bits);  // a subnormal among the least normals
    bits.assign(check.lanes(), check.make(0, 0, 1 + lane));
    check.compare(bits);  // subnormals only
    for (std::uint32_t power = 0; power < check.encoding().exponent_bits; ++power) {
      bits.assign(check.lanes(), check.make(1, (1u << power) - 1, check.ones()));
      bits[lane] = check.make(0, 1u << power, lane);
      check.compare(bits);  // greatest by one bit of the comparison
      const std::uint32_t even = (1u << power) & ~1u;
      bits.assign(check.lanes(), check.make(1, even, check.ones()));
      bits[lane] = check.make(0, even + 1, lane);
      check.compare(bits);  // greatest by one
    }
    const std::uint32_t next = (lane + 1) % check.lanes();
    for (std::uint32_t step = 0; step <= steps; ++step) {
      bits.assign(check.lanes(), 0u);
      bits[next] = check.make(0, top - 1, 0);
      bits[lane] = check.make(step & 1, top - 1 - step, check.ones());
      check.compare(bits);
    }
    bits[lane] = check.make(0, top, 0);
    check.compare(bits);
    bits[lane] = check.make(1, top, 1u << lane % check.encoding().mantissa_bits);
    check.compare(bits);
  }
}

Bits random_segment(AlignerCheck& check, Random& random) {
  const spec::FloatEncoding& encoding = check.encoding();
  // Of a wide range of exponents nearly all mantissas are 0: half of the vectors are moderate.
  const bool moderate = one_in(random, 2);
  const bool finite = !one_in(random, 4);
  Bits bits(static_cast<std::size_t>(random_int(random, 1, check.lanes())));
  for (std::uint32_t& b : bits) {
    do {
      b = moderate ? random_moderate_bits(random, encoding) : random_float_bits(random, encoding);
    } while (finite &&
             ((b >> encoding.mantissa_bits) & check.top_exponent()) == check.top_exponent());
  }
  return bits;
}

}  // namespace

void check_pre_aligner(Comparison& comparison, std::uint64_t vectors, Random& random) {
  AlignerCheck checks[] = {{NumberFormat::fp16, comparison},
                           {NumberFormat::bf16, comparison},
                           {NumberFormat::fp32, comparison}};
  for (AlignerCheck& check : checks) directed(check);
  const std::uint64_t until = comparison.vectors() + vectors;
  while (comparison.vectors() < until) {
    AlignerCheck& check = checks[random() % 3];
    check.compare(random_segment(check, random));
  }
}

}  // namespace lutsim::tools
