// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

namespace lutsim::models {

/// Partial sums of a long reduction on the vector unit. A single accumulator would take one
/// addition after another; kSumLanes of them run side by side and a tree joins them.
constexpr std::uint32_t kSumLanes = 64;

/// Sum of term(0) .. term(count - 1) in FP32, in the order of the hardware: partial p starts from
/// +0 and takes the terms p, p + kSumLanes, p + 2 kSumLanes, ...; then partial i takes partial i +
/// h for h = kSumLanes/2, kSumLanes/4, ..., 1. Every addition rounds to nearest even.
template <class Term>
float lane_sum(std::uint64_t count, Term&& term) {
  std::array<float, kSumLanes> partial{};
  std::uint64_t i = 0;
  for (; i + kSumLanes <= count; i += kSumLanes) {
    for (std::uint32_t p = 0; p < kSumLanes; ++p) partial[p] += term(i + p);
  }
  for (std::uint32_t p = 0; p < kSumLanes && i + p < count; ++p) partial[p] += term(i + p);
  for (std::uint32_t half = kSumLanes / 2; half > 0; half /= 2) {
    for (std::uint32_t p = 0; p < half; ++p) partial[p] += partial[p + half];
  }
  return partial[0];
}

}  // namespace lutsim::models
