// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace lutsim::models {

/// One half LUT of the array with the structure of the hardware (docs/units/matrix.md, "Half LUT"):
///
///   entry(key) = sum over t < mu of (key[t] ? +a[t] : -a[t])
///
/// Entries are stored for the keys whose most significant bit is 0; the others are read as
/// -entry(~key). The generator is a tree of adders: the signed sums of the high half of the
/// elements, those of the low half, and one addition for every stored pair.
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
  std::vector<std::int64_t> full_sums(const std::int32_t* a, std::uint32_t count);
  std::vector<std::int64_t> half_sums(const std::int32_t* a, std::uint32_t count);
  std::vector<std::int64_t> combine(const std::vector<std::int64_t>& high,
                                    const std::vector<std::int64_t>& low);

  std::uint32_t mu_;
  std::uint32_t additions_ = 0;
  std::vector<std::int64_t> stored_;
};

/// Additions of the generator: 14 for mu = 4 (FIGLUT, arXiv 2503.06862, III-E: 14 instead of 24).
std::uint32_t generator_additions(std::uint32_t mu);

}  // namespace lutsim::models
