// SPDX-License-Identifier: Apache-2.0
#include "models/bcq/uniform_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace lutsim::models {
namespace {

bool is_uniform(const BcqMatrix& w, std::uint32_t group, std::uint32_t row) {
  const float half = w.alpha_of(group, row, 0);
  for (std::uint32_t plane = 1; plane < w.weight_bits; ++plane) {
    if (w.alpha_of(group, row, plane) != std::ldexp(half, static_cast<int>(plane))) return false;
  }
  const float offset = w.offset_of(group, row);
  if (half == 0) return offset == 0;
  // Whatever the quotient is, only an integer in this range gives the offset back exactly.
  const std::int32_t most = (1 << w.weight_bits) - 1;
  const float odd = std::round(offset / half);
  if (!(std::abs(odd) <= static_cast<float>(most)) || odd * half != offset) return false;
  return (most - static_cast<std::int32_t>(odd)) % 2 == 0;
}

/// Bit i of the index as byte i, 0 or 1, in memory order.
std::array<std::array<std::uint8_t, 8>, 256> spread_bytes() {
  std::array<std::array<std::uint8_t, 8>, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    for (std::uint32_t bit = 0; bit < 8; ++bit) table[byte][bit] = (byte >> bit) & 1u;
  }
  return table;
}

}  // namespace

void uniform_codes(const BcqMatrix& w, std::uint32_t row, std::uint32_t begin, std::uint32_t length,
                   std::uint8_t* codes) {
  static const auto kSpread = spread_bytes();
  for (std::uint32_t first = 0; first < length; first += 64) {
    const std::uint32_t count = std::min(64u, length - first);
    std::array<std::uint64_t, kMaxWeightBits> keys;
    for (std::uint32_t plane = 0; plane < w.weight_bits; ++plane) {
      keys[plane] = w.bits(plane, row, begin + first, count);
    }
    for (std::uint32_t byte = 0; byte < (count + 7) / 8; ++byte) {
      // Eight codes at once: planes are bits 0..7 of a byte, so shifts do not cross it.
      std::uint64_t eight = 0;
      for (std::uint32_t plane = 0; plane < w.weight_bits; ++plane) {
        std::uint64_t bits;
        std::memcpy(&bits, kSpread[(keys[plane] >> (8 * byte)) & 255].data(), sizeof bits);
        eight |= bits << plane;
      }
      std::memcpy(codes + first + 8 * byte, &eight, sizeof eight);
    }
  }
}

void require_uniform(const BcqMatrix& w, const std::string& name) {
  for (std::uint32_t group = 0; group < w.groups(); ++group) {
    for (std::uint32_t row = 0; row < w.n; ++row) {
      if (is_uniform(w, group, row)) continue;
      throw spec::SpecError(name + ": the scales of row " + std::to_string(row) + ", group " +
                            std::to_string(group) +
                            " are not those of uniform weights with a zero point of 0.." +
                            std::to_string((1 << w.weight_bits) - 1));
    }
  }
}

}  // namespace lutsim::models
