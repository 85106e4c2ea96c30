// SPDX-License-Identifier: Apache-2.0
#include "models/vector/kv_quantizer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "models/numerics/float_format.h"
#include "models/vector/function_unit.h"

namespace lutsim::models {
namespace {

/// Nearest integer, ties to even, limited to 0 .. limit.
std::uint8_t code_of(float q, std::uint32_t limit) {
  if (!(q > 0.0f)) return 0;
  if (q >= static_cast<float>(limit)) return static_cast<std::uint8_t>(limit);
  // Below 256: q + 1.5 * 2^23 has no fraction bits.
  constexpr float kToInteger = 0x1.8p+23f;
  return static_cast<std::uint8_t>((q + kToInteger) - kToInteger);
}

}  // namespace

KvGroup quantize_kv_group(const float* x, std::size_t count, std::uint32_t bits) {
  assert(count > 0 && (bits == 4 || bits == 8));
  const std::uint32_t limit = (1u << bits) - 1;
  float low = std::numeric_limits<float>::infinity();
  float high = -low;
  bool finite = true;
  for (std::size_t i = 0; i < count; ++i) {
    low = low > x[i] ? x[i] : low;
    high = x[i] > high ? x[i] : high;
    finite = finite && std::isfinite(x[i]);
  }
  KvGroup group;
  group.codes.resize(count);
  group.zero = fp16_bits(low == 0.0f ? 0.0f : low);
  group.scale = fp16_bits((high - low) * (1.0f / static_cast<float>(limit)));
  const float zero = fp16_from_bits(group.zero);
  const float scale = fp16_from_bits(group.scale);
  if (!finite || !std::isfinite(zero) || !std::isfinite(scale)) {
    group.zero = group.scale = kCanonicalNanFp16;
    return group;
  }
  const float factor = scale == 0.0f ? 0.0f : reciprocal(scale);
  for (std::size_t i = 0; i < count; ++i) group.codes[i] = code_of((x[i] - zero) * factor, limit);
  return group;
}

void dequantize_kv_group(const KvGroup& group, float* y) {
  const float scale = fp16_from_bits(group.scale);
  const float zero = fp16_from_bits(group.zero);
  for (std::size_t i = 0; i < group.codes.size(); ++i) {
    y[i] = canonical(static_cast<float>(group.codes[i]) * scale + zero);
  }
}

std::vector<KvGroup> quantize_kv_row(const float* x, std::size_t count, std::uint32_t bits,
                                     std::size_t group_size) {
  std::vector<KvGroup> groups;
  for (std::size_t i = 0; i < count; i += group_size) {
    groups.push_back(quantize_kv_group(x + i, std::min(group_size, count - i), bits));
  }
  return groups;
}

}  // namespace lutsim::models
