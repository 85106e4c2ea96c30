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

/// The sequencers of rtl/vector, each with one lane and with four.
namespace lutsim::tools {
namespace {

using models::fp32_bits;
using models::fp32_from_bits;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

enum SoftmaxKind : std::uint32_t {
  kScores,
  kSpread,  ///< small exponentials underflow
  kAnyScores,
  kNothingButMinusInfinity,
  kNanScore,
  kInfiniteScore,
  kMaskedScore,
  kEqualMaxima,
  kCloseScores,  ///< equal but for their low bits, of every number
  kEverySize,    ///< of one sign, of sizes from 2^-50 to 2^4
  kSoftmaxKinds
};

std::vector<float> softmax_row(Random& random, std::uint32_t kind, std::size_t length) {
  std::vector<float> x(length);
  for (float& value : x) {
    value = kind == kAnyScores ? fp32_from_bits(random_float_bits(random, kFp32))
                               : (kind == kSpread ? 4.0f : 1.0f) * moderate(random);
  }
  const std::size_t at = random() % length;
  if (kind == kNothingButMinusInfinity) std::fill(x.begin(), x.end(), -kInfinity);
  if (kind == kNanScore) x[at] = fp32_from_bits(0xffc12345u);
  if (kind == kInfiniteScore) x[at] = kInfinity;
  if (kind == kMaskedScore) x[at] = -kInfinity;
  if (kind == kCloseScores) {
    const std::uint32_t low_bits = (2u << random() % 23) - 1;
    // From 1024 on, exponentials show the last bit of a score.
    const std::uint32_t bits = fp32_bits(std::copysign(1024 + 1023 * std::abs(x[0]) / 64, x[0]));
    for (float& value : x) value = fp32_from_bits(bits ^ (random() & low_bits));
  }
  if (kind == kEverySize) {
    const float sign = one_in(random, 2) ? -1.0f : 1.0f;
    for (float& value : x) {
      const float size = 1.0f + static_cast<float>(random() % 1024) / 1024;
      value = sign * std::ldexp(size, static_cast<int>(random() % 54) - 50);
    }
  }
  if (kind == kEqualMaxima) x[at] = x[0] = x[length - 1] = 300.0f;
  return x;
}

void hit_softmax_bins(Comparison& comparison, const std::vector<float>& x) {
  if (std::any_of(x.begin(), x.end(), [](float v) { return std::isnan(v); })) {
    comparison.hit("NaN in the row");
    return;
  }
  const float largest = *std::max_element(x.begin(), x.end());
  if (std::isinf(largest)) {
    comparison.hit(largest > 0 ? "+infinity in the row" : "nothing but -infinity");
    return;
  }
  const bool underflow =
      std::any_of(x.begin(), x.end(), [=](float v) { return v - largest < -104.0f; });
  comparison.hit_if(std::count(x.begin(), x.end(), -kInfinity) > 0, "-infinity in the row");
  comparison.hit_if(std::count(x.begin(), x.end(), largest) > 1, "equal maxima");
  comparison.hit_if(underflow, "an exponential underflows");
}

enum NormKind : std::uint32_t {
  kModerate,
  kAnyElements,
  kZeros,
  kEqualElements,
  kLarge,
  kSmall,
  kNanElement,
  kNormKinds
};

/// Variants of the command: RMSNorm and LayerNorm, each with every kind of epsilon.
enum Epsilon : std::uint32_t { kUsualEpsilon, kNoEpsilon, kAnyEpsilon, kEpsilons };
constexpr std::uint32_t kNormVariants = 2 * kEpsilons;

float norm_epsilon(Random& random, std::uint32_t kind) {
  if (kind == kAnyEpsilon) return fp32_from_bits(random_float_bits(random, kFp32));
  return kind == kNoEpsilon ? 0.0f : 1e-5f;
}

std::vector<float> norm_row(Random& random, std::uint32_t kind, std::size_t length) {
  std::vector<float> x(length);
  for (float& value : x) {
    value =
        kind == kAnyElements ? fp32_from_bits(random_float_bits(random, kFp32)) : moderate(random);
    // Squares beyond either end of FP32.
    if (kind == kLarge) value *= 0x1p70f;
    if (kind == kSmall) value *= 0x1p-83f;
  }
  if (kind == kZeros) {
    for (float& value : x) value = one_in(random, 2) ? -0.0f : 0.0f;
  }
  if (kind == kEqualElements) std::fill(x.begin(), x.end(), x[0]);
  if (kind == kNanElement) x[random() % length] = fp32_from_bits(0x7f800001u);
  return x;
}

void hit_norm_bins(Comparison& comparison, const std::vector<float>& x, const rtl::NormRow& row) {
  comparison.hit(row.layer_norm ? "LayerNorm" : "RMSNorm");
  comparison.hit_if(row.epsilon == 0, "epsilon 0");
  if (std::any_of(x.begin(), x.end(), [](float v) { return std::isnan(v); })) {
    comparison.hit("NaN in the row");
    return;
  }
  const bool equal = std::all_of(x.begin(), x.end(), [&](float v) { return v == x[0]; });
  comparison.hit_if(equal && x[0] == 0.0f, "a row of zeros");
  comparison.hit_if(equal && x[0] != 0.0f && x.size() > 1, "equal elements");
  if (row.layer_norm) return;
  const float sum = models::lane_sum(x.size(), [&](std::uint64_t i) { return x[i] * x[i]; });
  const bool finite = std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); });
  comparison.hit_if(finite && std::isinf(sum), "the sum overflows");
  comparison.hit_if(sum == 0.0f && !(equal && x[0] == 0.0f), "the sum underflows");
}

}  // namespace

void check_softmax(Comparison& comparison, std::uint64_t vectors, Random& random) {
  declare_row_bins(comparison);
  comparison.declare_bins({"NaN in the row", "+infinity in the row", "nothing but -infinity",
                           "-infinity in the row", "equal maxima", "an exponential underflows"});
  rtl::RtlSoftmax blocks[] = {rtl::RtlSoftmax(rtl::kVectorLanes[0]),
                              rtl::RtlSoftmax(rtl::kVectorLanes[1])};
  const auto check = [&](const RowCase& row, Random& source, const rtl::VectorPacing& pacing) {
    const std::uint32_t lanes = rtl::kVectorLanes[row.block];
    const std::vector<float> x = softmax_row(source, row.kind, row.length);
    hit_softmax_bins(comparison, x);
    const auto count = static_cast<std::uint32_t>(row.length);
    std::vector<float> y(row.length);
    models::ops::softmax(x.data(), 1, 1, count, count - 1, y.data());
    compare_runs(
        comparison, pacing, fmt::format("softmax of {} elements on {} lanes", row.length, lanes),
        bits_of_row(y), sim::softmax_cycles(lanes, row.length),
        [&](const rtl::VectorPacing& p) { return blocks[row.block].run(bits_of_row(x), p); },
        row_values);
  };
  check_rows(comparison, vectors, random, kSoftmaxKinds, 1, blocks[0].max_elements(), check);
  // Every bit of two scores alone decides which of them is the maximum.
  Random fixed(2);
  for (std::size_t block = 0; block < rtl::kVectorLanes.size(); ++block) {
    for (int row = 0; row < 100; ++row) {
      check({block, 16, kCloseScores, 0}, fixed, slow_pacing(fixed()));
    }
  }
}

void check_norm(Comparison& comparison, std::uint64_t vectors, Random& random) {
  declare_row_bins(comparison);
  comparison.declare_bins({"RMSNorm", "LayerNorm", "epsilon 0", "a row of zeros", "equal elements",
                           "the sum overflows", "the sum underflows", "NaN in the row"});
  rtl::RtlNorm blocks[] = {rtl::RtlNorm(rtl::kVectorLanes[0]), rtl::RtlNorm(rtl::kVectorLanes[1])};
  const auto check = [&](const RowCase& c, Random& source, const rtl::VectorPacing& pacing) {
    const std::uint32_t lanes = rtl::kVectorLanes[c.block];
    const std::vector<float> x = norm_row(source, c.kind, c.length);
    std::vector<float> weight(c.length), bias(c.length), y(c.length);
    std::generate(weight.begin(), weight.end(), [&] { return moderate(source); });
    std::generate(bias.begin(), bias.end(), [&] { return moderate(source); });
    const auto count = static_cast<std::uint32_t>(c.length);
    const float epsilon = norm_epsilon(source, c.variant / 2);

    rtl::NormRow row;
    row.layer_norm = c.variant % 2 == 1;
    row.reciprocal = fp32_bits(1.0f / static_cast<float>(count));
    row.epsilon = fp32_bits(epsilon);
    row.x = bits_of_row(x);
    row.weight = bits_of_row(weight);
    row.bias = bits_of_row(bias);
    hit_norm_bins(comparison, x, row);
    if (row.layer_norm) {
      models::ops::layer_norm(spec::NumberFormat::fp32, x.data(), 1, count, weight.data(),
                              bias.data(), epsilon, y.data());
    } else {
      models::ops::rms_norm(spec::NumberFormat::fp32, x.data(), 1, count, weight.data(), epsilon,
                            y.data());
    }
    compare_runs(
        comparison, pacing,
        fmt::format("{} of {} elements on {} lanes", row.layer_norm ? "LayerNorm" : "RMSNorm",
                    c.length, lanes),
        bits_of_row(y), sim::norm_cycles(lanes, c.length, row.layer_norm),
        [&](const rtl::VectorPacing& p) { return blocks[c.block].run(row, p); }, row_values);
  };
  check_rows(comparison, vectors, random, kNormKinds, kNormVariants, blocks[0].max_elements(),
             check);
}

}  // namespace lutsim::tools
