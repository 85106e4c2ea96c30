// SPDX-License-Identifier: Apache-2.0
#include "models/lut/lut_i.h"

#include <algorithm>

#include "models/numerics/float_format.h"

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

float scale_accumulate(float acc, float scale, std::int64_t sum, std::int32_t exponent) {
  const float value = scale_by_power_of_two(fp32_from_int(sum), exponent);
  const float term = scale * value;
  return canonical(acc + term);
}

}  // namespace lutsim::models
