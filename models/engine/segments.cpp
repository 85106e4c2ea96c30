// SPDX-License-Identifier: Apache-2.0
#include "models/engine/segments.h"

#include <algorithm>

namespace lutsim::models {

KSegment k_segment(std::uint32_t index, std::uint32_t k, std::uint32_t group_size,
                   std::uint32_t lanes_k) {
  // Only the last group may be shorter, so that indices count in whole groups.
  const std::uint32_t per_group = (std::min(group_size, k) - 1) / lanes_k + 1;
  const std::uint32_t group = index / per_group;
  const std::uint32_t group_begin = group * group_size;
  const std::uint32_t group_end = group_begin + std::min(group_size, k - group_begin);
  const std::uint32_t begin = group_begin + index % per_group * lanes_k;
  return {begin, std::min(lanes_k, group_end - begin), group};
}

std::vector<KSegment> k_segments(std::uint32_t k, std::uint32_t group_size, std::uint32_t lanes_k) {
  std::vector<KSegment> segments;
  for (std::uint32_t end = 0; end < k; end += segments.back().length) {
    const auto index = static_cast<std::uint32_t>(segments.size());
    segments.push_back(k_segment(index, k, group_size, lanes_k));
  }
  return segments;
}

}  // namespace lutsim::models
