// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/numerics/float_format.h"
#include "models/vector/function_unit.h"
#include "models/vector/kv_quantizer.h"
#include "sim/vector/sequencer_timing.h"
#include "tools/verify/block_check.h"
#include "tools/verify/vector_rows.h"

namespace lutsim::tools {
namespace {

using models::fp32_from_bits;
using models::KvGroup;

enum KvKind : std::uint32_t {
  kCached,  ///< values of an FP16 cache
  kModerate,
  kZeros,
  kEqual,
  kHalfSteps,       ///< the step is a power of two
  kBesideTies,      ///< one bit of the quotient tells it from a tie to the code below
  kOneBitScale,     ///< one bit of the scale tells it from 0
  kBesideScaleTie,  ///< one bit of the range tells the scale from the next
  kFarFromZero,     ///< the zero point is off by more than a step
  kSubnormalScale,  ///< or 0, of codes of 8 bits
  kNoScale,
  kLost,
  kLarge,  ///< beyond FP16
  kAny,
  kKvKinds
};

/// Elements of a group: what a KV cache holds, and what finds the corners of the arithmetic.
std::vector<float> kv_group(Random& random, std::uint32_t kind, std::size_t length,
                            std::uint32_t bits) {
  std::vector<float> x(length);
  for (float& value : x) value = moderate(random);
  const auto scale_all = [&](float factor, float offset) {
    for (float& value : x) value = value * factor + offset;
  };
  const auto limit = static_cast<float>((1u << bits) - 1);
  switch (kind) {
    case kCached:
      for (float& value : x) value = models::fp16_from_bits(models::fp16_bits(value));
      break;
    case kZeros:
      x.assign(length, one_in(random, 2) ? 0.0f : -0.0f);
      x[random() % length] = 0.0f;
      break;
    case kEqual:
      x.assign(length, x[0]);
      break;
    case kHalfSteps:
      for (float& value : x) {
        value = std::min(static_cast<float>(random() % (2u << bits)) * 0.5f, limit);
      }
      x[0] = 0.0f;
      x.back() = limit;
      break;
    case kBesideTies:
      for (std::size_t i = 0; i < length; ++i) {
        x[i] = fp32_from_bits(models::fp32_bits(i % 2 == 0 ? 0.5f : 2.5f) | 1u << (i % 21));
      }
      x[0] = 0.0f;
      x.back() = limit;
      break;
    case kOneBitScale: {
      const float step = models::fp16_from_bits(static_cast<std::uint16_t>(1u << random() % 15));
      for (float& value : x) value = step * static_cast<float>(random() % (1u << bits));
      x[0] = 0.0f;
      x.back() = step * limit;
      break;
    }
    case kBesideScaleTie: {
      // The least range with this scale, or the greatest with the one below.
      const auto scale = static_cast<std::uint16_t>(0x2c00u + random() % 0x0c00u);
      const auto step_of = [&](float range) { return models::fp16_bits(range * (1.0f / limit)); };
      float range = models::fp16_from_bits(scale) * limit;
      while (step_of(std::nextafter(range, 0.0f)) == scale) range = std::nextafter(range, 0.0f);
      if (one_in(random, 2)) range = std::nextafter(range, 0.0f);
      for (float& value : x) value = std::min(std::abs(value), range);
      x[0] = 0.0f;
      x.back() = range;
      break;
    }
    case kFarFromZero:
      scale_all(0x1p-9f, 1000.3f);
      break;
    case kSubnormalScale:
      scale_all(0x1p-20f, 0.0f);
      break;
    case kNoScale:
      scale_all(0x1p-40f, 0.0f);
      break;
    case kLost:
      x[random() % length] = fp32_from_bits(one_in(random, 2) ? 0x7fc00001u : 0xff800000u);
      break;
    case kLarge:
      scale_all(0x1p14f, 0.0f);
      break;
    case kAny:
      for (float& value : x) value = fp32_from_bits(random_float_bits(random, kFp32));
      break;
    default:
      break;
  }
  return x;
}

/// Bins of a group by what its golden codes went through.
void hit_bins(Comparison& comparison, const std::vector<float>& x, std::uint32_t bits,
              const KvGroup& group) {
  const float scale = models::fp16_from_bits(group.scale);
  const float zero = models::fp16_from_bits(group.zero);
  if (std::isnan(scale)) {
    comparison.hit("lost group");
    return;
  }
  comparison.hit(bits == 4 ? "4 bits" : "8 bits");
  if (scale == 0.0f) {
    const bool equal = std::all_of(x.begin(), x.end(), [&](float v) { return v == x[0]; });
    comparison.hit(x[0] == 0.0f && equal ? "zero group" : equal ? "equal elements" : "scale 0");
    return;
  }
  if (group.scale < 0x0400u) comparison.hit("subnormal scale");
  const auto limit = static_cast<float>((1u << bits) - 1);
  const float factor = models::reciprocal(scale);
  for (const float value : x) {
    const float q = (value - zero) * factor;
    if (q > limit + 0.5f) comparison.hit("saturates above");
    if (q < -0.5f) comparison.hit("saturates below");
    if (q > 0.0f && q < limit && q - std::floor(q) == 0.5f) {
      comparison.hit(std::fmod(std::floor(q), 2.0f) == 0.0f ? "tie to the code below"
                                                            : "tie to the code above");
    }
  }
}

/// Scale, zero point and codes in one row.
std::vector<std::uint32_t> words(const KvGroup& group) {
  std::vector<std::uint32_t> row{group.scale, group.zero};
  row.insert(row.end(), group.codes.begin(), group.codes.end());
  return row;
}

}  // namespace

void check_kv_quantizer(Comparison& comparison, std::uint64_t vectors, Random& random) {
  declare_row_bins(comparison);
  comparison.declare_bins({"4 bits", "8 bits", "lost group", "zero group", "equal elements",
                           "scale 0", "subnormal scale", "saturates above", "saturates below",
                           "tie to the code below", "tie to the code above"});
  rtl::RtlKvQuantizer blocks[] = {rtl::RtlKvQuantizer(rtl::kVectorLanes[0]),
                                  rtl::RtlKvQuantizer(rtl::kVectorLanes[1])};
  const auto check = [&](const RowCase& row, Random& source, const rtl::VectorPacing& pacing) {
    const std::uint32_t lanes = rtl::kVectorLanes[row.block];
    const std::uint32_t bits = row.variant == 0 ? 4 : 8;
    const std::vector<float> x = kv_group(source, row.kind, row.length, bits);
    const KvGroup group = models::quantize_kv_group(x.data(), row.length, bits);
    hit_bins(comparison, x, bits, group);
    compare_runs(
        comparison, pacing,
        fmt::format("{} codes of {} bits on {} lanes (results: scale, zero point, codes)",
                    row.length, bits, lanes),
        words(group), sim::kv_quantizer_cycles(lanes, row.length),
        [&](const rtl::VectorPacing& p) { return blocks[row.block].run(bits_of_row(x), bits, p); },
        [](const rtl::RtlKvQuantizer::Outcome& outcome) { return words(outcome.group); });
  };
  check_rows(comparison, vectors, random, kKvKinds, 2, blocks[0].max_elements(), check);
}

}  // namespace lutsim::tools
