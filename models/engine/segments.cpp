// SPDX-License-Identifier: Apache-2.0
#include "models/engine/segments.h"

#include <algorithm>

namespace lutsim::models {

std::vector<KSegment> k_segments(std::uint32_t k, std::uint32_t group_size, std::uint32_t lanes_k) {
  std::vector<KSegment> segments;
  std::uint32_t group = 0;
  for (std::uint32_t begin = 0; begin < k;) {
    const std::uint32_t group_end = begin + std::min(group_size, k - begin);
    for (; begin < group_end; begin += segments.back().length) {
      segments.push_back({begin, std::min(lanes_k, group_end - begin), group});
    }
    ++group;
  }
  return segments;
}

}  // namespace lutsim::models
