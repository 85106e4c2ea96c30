// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "models/numerics/float_format.h"
#include "models/transformer/ops.h"
#include "sim/vector/sequencer_timing.h"
#include "tools/verify/block_check.h"
#include "tools/verify/vector_rows.h"

/// The sequencers of rtl/vector, each with one lane and with eight.
namespace lutsim::tools {
namespace {

using models::fp32_bits;
using models::fp32_from_bits;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> softmax_row(Comparison& comparison, Random& random, std::size_t length) {
  std::vector<float> x(length);
  // Scores; or spread so far that small ones underflow; or any values.
  const float spread = one_in(random, 2) ? 1.0f : 4.0f;
  const bool any = one_in(random, 8);
  for (float& value : x) {
    value = any ? fp32_from_bits(random_float_bits(random, kFp32)) : spread * moderate(random);
  }
  const std::size_t at = random() % length;
  switch (random() % 8) {
    case 0:
      std::fill(x.begin(), x.end(), -kInfinity);
      break;
    case 1:
      x[at] = fp32_from_bits(0xffc12345u);
      break;
    case 2:
      x[at] = kInfinity;
      break;
    case 3:
      x[at] = -kInfinity;
      break;
    case 4:
      std::fill(x.begin() + static_cast<std::ptrdiff_t>(at), x.end(), 300.0f);
      break;
    default:
      break;
  }
  const bool nan = std::any_of(x.begin(), x.end(), [](float v) { return std::isnan(v); });
  const float largest = *std::max_element(x.begin(), x.end());
  const auto least = std::count(x.begin(), x.end(), -kInfinity);
  if (nan) {
    comparison.hit("NaN in the row");
  } else if (std::isinf(largest)) {
    comparison.hit(largest > 0 ? "+infinity in the row" : "nothing but -infinity");
  } else {
    if (least > 0) comparison.hit("-infinity in the row");
    if (std::count(x.begin(), x.end(), largest) > 1) comparison.hit("equal maxima");
    if (std::any_of(x.begin(), x.end(), [=](float v) { return v - largest < -104.0f; })) {
      comparison.hit("an exponential underflows");
    }
  }
  return x;
}

std::vector<float> norm_row(Comparison& comparison, Random& random, std::size_t length) {
  std::vector<float> x(length);
  const bool any = one_in(random, 8);
  for (float& value : x) {
    value = any ? fp32_from_bits(random_float_bits(random, kFp32)) : moderate(random);
  }
  switch (random() % 8) {
    case 0:
      std::fill(x.begin(), x.end(), 0.0f);
      comparison.hit("a row of zeros");
      break;
    case 1:
      std::fill(x.begin(), x.end(), moderate(random));
      comparison.hit("equal elements");
      break;
    case 2:
      for (float& value : x) value *= 0x1p70f;
      comparison.hit("the sum overflows");
      break;
    case 3:
      for (float& value : x) value *= 0x1p-70f;
      comparison.hit("the sum underflows");
      break;
    case 4:
      x[random() % length] = fp32_from_bits(0x7f800001u);
      comparison.hit("NaN in the row");
      break;
    default:
      break;
  }
  return x;
}

}  // namespace

void check_softmax(Comparison& comparison, std::uint64_t vectors, Random& random) {
  declare_row_bins(comparison);
  comparison.declare_bins({"NaN in the row", "+infinity in the row", "nothing but -infinity",
                           "-infinity in the row", "equal maxima", "an exponential underflows"});
  rtl::RtlSoftmax blocks[] = {rtl::RtlSoftmax(rtl::kVectorLanes[0]),
                              rtl::RtlSoftmax(rtl::kVectorLanes[1])};
  while (comparison.vectors() < vectors) {
    const std::size_t which = random() % 2;
    const std::uint32_t lanes = rtl::kVectorLanes[which];
    const std::size_t length = random_length(random, blocks[which].max_elements());
    ++comparison.bin(length_bin(lanes, length));
    const std::vector<float> x = softmax_row(comparison, random, length);
    const auto count = static_cast<std::uint32_t>(length);
    std::vector<float> y(length);
    models::ops::softmax(x.data(), 1, 1, count, count - 1, y.data());
    compare_runs(
        comparison, random, fmt::format("softmax of {} elements on {} lanes", length, lanes),
        bits_of_row(y), sim::softmax_cycles(lanes, length),
        [&](const rtl::VectorPacing& p) { return blocks[which].run(bits_of_row(x), p); },
        row_values);
  }
}

void check_norm(Comparison& comparison, std::uint64_t vectors, Random& random) {
  declare_row_bins(comparison);
  comparison.declare_bins({"RMSNorm", "LayerNorm", "epsilon 0", "a row of zeros", "equal elements",
                           "the sum overflows", "the sum underflows", "NaN in the row"});
  rtl::RtlNorm blocks[] = {rtl::RtlNorm(rtl::kVectorLanes[0]), rtl::RtlNorm(rtl::kVectorLanes[1])};
  while (comparison.vectors() < vectors) {
    const std::size_t which = random() % 2;
    const std::uint32_t lanes = rtl::kVectorLanes[which];
    const std::size_t length = random_length(random, blocks[which].max_elements());
    ++comparison.bin(length_bin(lanes, length));
    const std::vector<float> x = norm_row(comparison, random, length);
    std::vector<float> weight(length), bias(length), y(length);
    std::generate(weight.begin(), weight.end(), [&] { return moderate(random); });
    std::generate(bias.begin(), bias.end(), [&] { return moderate(random); });
    const auto count = static_cast<std::uint32_t>(length);
    const float epsilon = one_in(random, 8) ? 0.0f : 1e-5f;
    if (epsilon == 0.0f) comparison.hit("epsilon 0");

    rtl::NormRow row;
    row.layer_norm = one_in(random, 2);
    comparison.hit(row.layer_norm ? "LayerNorm" : "RMSNorm");
    row.reciprocal = fp32_bits(1.0f / static_cast<float>(count));
    row.epsilon = fp32_bits(epsilon);
    row.x = bits_of_row(x);
    row.weight = bits_of_row(weight);
    row.bias = bits_of_row(bias);
    if (row.layer_norm) {
      models::ops::layer_norm(spec::NumberFormat::fp32, x.data(), 1, count, weight.data(),
                              bias.data(), epsilon, y.data());
    } else {
      models::ops::rms_norm(spec::NumberFormat::fp32, x.data(), 1, count, weight.data(), epsilon,
                            y.data());
    }
    compare_runs(
        comparison, random,
        fmt::format("{} of {} elements on {} lanes", row.layer_norm ? "LayerNorm" : "RMSNorm",
                    length, lanes),
        bits_of_row(y), sim::norm_cycles(lanes, length, row.layer_norm),
        [&](const rtl::VectorPacing& p) { return blocks[which].run(row, p); }, row_values);
  }
}

}  // namespace lutsim::tools
