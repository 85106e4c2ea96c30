// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/sampler.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "models/vector/function_unit.h"

namespace lutsim::models {
namespace {

std::uint32_t most_likely(const float* logits, std::uint32_t n) {
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < n; ++i) {
    const bool best_is_nan = logits[best] != logits[best];
    if (logits[i] > logits[best] || (best_is_nan && logits[i] == logits[i])) best = i;
  }
  return best;
}

}  // namespace

Sampler::Sampler(const SamplingOptions& options) : options_(options), generator_(options.seed) {
  if (!(options.temperature >= 0.0)) {
    throw std::invalid_argument("temperature must be 0 or more");
  }
  if (!(options.top_p > 0.0 && options.top_p <= 1.0)) {
    throw std::invalid_argument("top_p must be greater than 0 and at most 1");
  }
}

std::uint32_t Sampler::sample(const float* logits, std::uint32_t n) {
  const std::uint32_t top = most_likely(logits, n);
  if (options_.temperature == 0.0) return top;

  std::vector<double> weight(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const double distance = (static_cast<double>(logits[i]) - logits[top]) / options_.temperature;
    const float e = exponential(static_cast<float>(distance));
    weight[i] = e == e ? e : 0.0;
  }
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return weight[a] > weight[b]; });
  double total = 0.0;
  for (const std::uint32_t i : order) total += weight[i];
  double kept_sum = 0.0;
  std::size_t kept = 0;
  while (kept < order.size() && kept_sum < options_.top_p * total) {
    kept_sum += weight[order[kept++]];
  }
  const double draw = static_cast<double>(generator_() >> 11) * 0x1p-53 * kept_sum;
  double passed = 0.0;
  for (std::size_t i = 0; i < kept; ++i) {
    passed += weight[order[i]];
    if (draw < passed) return order[i];
  }
  return top;
}

}  // namespace lutsim::models
