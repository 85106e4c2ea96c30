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

/// Elements of a group: what a KV cache holds, and what finds the corners of the arithmetic.
std::vector<float> kv_group(Random& random, std::size_t length, std::uint32_t bits) {
  std::vector<float> x(length);
  for (float& value : x) value = moderate(random);
  const auto scale_all = [&](float factor, float offset) {
    for (float& value : x) value = value * factor + offset;
  };
  switch (random() % 10) {
    case 0:
      x.assign(length, one_in(random, 2) ? 0.0f : -0.0f);
      break;
    case 1:
      x.assign(length, x[0]);
      break;
    case 2:  // halves of a step that is a power of two
      for (float& value : x) {
        value = static_cast<float>(random() % (2u << bits)) * 0.5f;
        value = std::min(value, static_cast<float>((1u << bits) - 1));
      }
      x[0] = 0.0f;
      x.back() = static_cast<float>((1u << bits) - 1);
      break;
    case 3:  // the zero point is off by more than a step
      scale_all(0x1p-9f, 1000.3f);
      break;
    case 4:  // the scale is subnormal or 0 in FP16
      scale_all(0x1p-20f, 0.0f);
      break;
    case 5:
      x[random() % length] = fp32_from_bits(one_in(random, 2) ? 0x7fc00001u : 0xff800000u);
      break;
    case 6:  // beyond FP16
      scale_all(0x1p14f, 0.0f);
      break;
    case 7:
      for (float& value : x) value = fp32_from_bits(random_float_bits(random, kFp32));
      break;
    default:  // values of an FP16 cache
      for (float& value : x) value = models::fp16_from_bits(models::fp16_bits(value));
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
  while (comparison.vectors() < vectors) {
    const std::size_t which = random() % 2;
    const std::uint32_t lanes = rtl::kVectorLanes[which];
    const std::uint32_t bits = one_in(random, 2) ? 4 : 8;
    const std::size_t length = random_length(random, blocks[which].max_elements());
    ++comparison.bin(length_bin(lanes, length));
    const std::vector<float> x = kv_group(random, length, bits);
    const KvGroup group = models::quantize_kv_group(x.data(), length, bits);
    hit_bins(comparison, x, bits, group);
    compare_runs(
        comparison, random,
        fmt::format("{} codes of {} bits on {} lanes (results: scale, zero point, codes)", length,
                    bits, lanes),
        words(group), sim::kv_quantizer_cycles(lanes, length),
        [&](const rtl::VectorPacing& p) { return blocks[which].run(bits_of_row(x), bits, p); },
        [](const rtl::RtlKvQuantizer::Outcome& outcome) { return words(outcome.group); });
  }
}

}  // namespace lutsim::tools
