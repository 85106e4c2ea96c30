// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace lutsim::models {

/// Sums of a half LUT, by key, in the order of the hardware's adders; add(x, y) is one addition.
/// Precondition: 1 <= mu <= 8.
///
/// Two levels. The signed sums of the low mu/2 elements and those of the high ones, whose most
/// significant element is always subtracted, grow element by element: prefixes are shared. Then one
/// addition, high + low, for every stored key.
template <class Value, class Add>
std::vector<Value> half_lut_sums(const Value* a, std::uint32_t mu, const Add& add) {
  // Appends an element as the next key bit: first all sums that subtract it.
  const auto extend = [&](const std::vector<Value>& sums, Value element) {
    std::vector<Value> longer;
    longer.reserve(2 * sums.size());
    for (const Value sum : sums) longer.push_back(add(sum, -element));
    for (const Value sum : sums) longer.push_back(add(sum, element));
    return longer;
  };
  const std::uint32_t low = mu / 2;
  std::vector<Value> highs{-a[mu - 1]};
  for (std::uint32_t t = low; t + 1 < mu; ++t) highs = extend(highs, a[t]);
  if (low == 0) return highs;
  std::vector<Value> lows{-a[0], a[0]};
  for (std::uint32_t t = 1; t < low; ++t) lows = extend(lows, a[t]);
  std::vector<Value> entries;
  entries.reserve(highs.size() * lows.size());
  for (const Value h : highs) {
    for (const Value l : lows) entries.push_back(add(h, l));
  }
  return entries;
}

/// One half LUT of the array with the structure of the hardware (docs/units/matrix.md, "Half LUT"):
///
///   entry(key) = sum over t < mu of (key[t] ? +a[t] : -a[t])
///
/// Entries are stored for the keys whose most significant bit is 0; the others are read as
/// -entry(~key).
class HalfLut {
 public:
  /// Fills the table from mu aligned activations a[0..mu). Precondition: 1 <= mu <= 8.
  HalfLut(std::uint32_t mu, const std::int32_t* a);

  /// Value read under a key. Precondition: key < 2^mu.
  std::int64_t entry(std::uint32_t key) const;

  /// Stored entries, by key: 2^(mu-1).
  const std::vector<std::int64_t>& stored() const { return stored_; }
  /// Additions that filling the table took.
  std::uint32_t additions() const { return additions_; }

 private:
  std::uint32_t mu_;
  std::uint32_t additions_ = 0;
  std::vector<std::int64_t> stored_;
};

/// Additions of the generator: 14 for mu = 4 (FIGLUT, arXiv 2503.06862, III-E: 14 instead of 24).
std::uint32_t generator_additions(std::uint32_t mu);

}  // namespace lutsim::models
