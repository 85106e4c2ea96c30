// SPDX-License-Identifier: Apache-2.0
#include "models/lut/half_lut.h"

namespace lutsim::models {
namespace {

/// The tree splits `count` elements into a high part, not the smaller one, and a low part.
constexpr std::uint32_t low_part(std::uint32_t count) { return count / 2; }

/// Additions behind all 2^count signed sums. A single element and its negation need none.
constexpr std::uint32_t full_additions(std::uint32_t count) {
  if (count <= 1) return 0;
  const std::uint32_t low = low_part(count);
  return full_additions(count - low) + full_additions(low) + (1u << count);
}

/// Additions behind the 2^(count-1) sums whose most significant element is subtracted.
constexpr std::uint32_t half_additions(std::uint32_t count) {
  if (count <= 1) return 0;
  const std::uint32_t low = low_part(count);
  return half_additions(count - low) + full_additions(low) + (1u << (count - 1));
}

}  // namespace

HalfLut::HalfLut(std::uint32_t mu, const std::int32_t* a) : mu_(mu), stored_(half_sums(a, mu)) {}

std::int64_t HalfLut::entry(std::uint32_t key) const {
  const std::uint32_t mask = (1u << mu_) - 1;
  const bool negate = (key >> (mu_ - 1)) != 0;
  const std::int64_t value = stored_[negate ? ~key & mask : key];
  return negate ? -value : value;
}

std::vector<std::int64_t> HalfLut::full_sums(const std::int32_t* a, std::uint32_t count) {
  if (count == 0) return {0};
  if (count == 1) return {-std::int64_t{a[0]}, std::int64_t{a[0]}};
  const std::uint32_t low = low_part(count);
  return combine(full_sums(a + low, count - low), full_sums(a, low));
}

std::vector<std::int64_t> HalfLut::half_sums(const std::int32_t* a, std::uint32_t count) {
  if (count == 1) return {-std::int64_t{a[0]}};
  const std::uint32_t low = low_part(count);
  return combine(half_sums(a + low, count - low), full_sums(a, low));
}

std::vector<std::int64_t> HalfLut::combine(const std::vector<std::int64_t>& high,
                                           const std::vector<std::int64_t>& low) {
  std::vector<std::int64_t> sums;
  sums.reserve(high.size() * low.size());
  for (const std::int64_t h : high) {
    for (const std::int64_t l : low) {
      sums.push_back(h + l);
      ++additions_;
    }
  }
  return sums;
}

std::uint32_t generator_additions(std::uint32_t mu) { return half_additions(mu); }

}  // namespace lutsim::models
