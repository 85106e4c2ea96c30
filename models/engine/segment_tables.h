// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lutsim::models {

/// Sums of plus and minus aligned activations by look-up, for `kTokens` tokens at a time. The
/// integer sums are exact, so how they are formed is free: these tables are sized for the host's
/// caches and have nothing to do with the array's half LUTs.
///
/// Column c of a segment covers its elements [c*kKeyBits, (c+1)*kKeyBits); it has 2^kKeyBits
/// entries of one sum per token. `Sum` must hold the sum over the longest segment.
template <class Sum, std::uint32_t kTokens>
class SegmentTables {
 public:
  static constexpr std::uint32_t kKeyBits = 8;
  static constexpr std::uint32_t kEntries = 1u << kKeyBits;
  static constexpr std::uint32_t kColumnsPerWord = 64 / kKeyBits;

  explicit SegmentTables(std::uint32_t length)
      : columns_((length + kKeyBits - 1) / kKeyBits), sums_(bytes(length) / sizeof(Sum)) {}

  static constexpr std::size_t bytes(std::uint32_t length) {
    return std::size_t{(length + kKeyBits - 1) / kKeyBits} * kEntries * kTokens * sizeof(Sum);
  }

  /// Fills the tables. a[j * kTokens + t] is element j of token t; elements past the segment's end,
  /// up to a whole column, are 0.
  void fill(const std::int32_t* a) {
    for (std::uint32_t column = 0; column < columns_; ++column) {
      const std::int32_t* first = a + std::size_t{column} * kKeyBits * kTokens;
      Sum* entries = sums_.data() + std::size_t{column} * kEntries * kTokens;
      for (std::uint32_t t = 0; t < kTokens; ++t) {
        Sum none = 0;
        for (std::uint32_t bit = 0; bit < kKeyBits; ++bit) none -= first[bit * kTokens + t];
        entries[t] = none;
      }
      // Entries with bit `bit` set follow from those without it: twice the element is added.
      for (std::uint32_t bit = 0; bit < kKeyBits; ++bit) {
        Sum twice[kTokens];
        for (std::uint32_t t = 0; t < kTokens; ++t) {
          twice[t] = 2 * static_cast<Sum>(first[bit * kTokens + t]);
        }
        const std::size_t half = std::size_t{1} << bit;
        for (std::size_t entry = 0; entry < half; ++entry) {
          for (std::uint32_t t = 0; t < kTokens; ++t) {
            entries[(half + entry) * kTokens + t] = entries[entry * kTokens + t] + twice[t];
          }
        }
      }
    }
  }

  /// Sums of one row and plane: sums[t] for the key bits words[begin / 64 ...] from bit `begin` on.
  /// Bits past the end of the segment may be anything, words past `word_count` are not read.
  void read(const std::uint64_t* words, std::uint32_t word_count, std::uint32_t begin,
            Sum* sums) const {
    std::uint32_t word = begin / 64;
    const std::uint32_t shift = begin % 64;
    const Sum* tables = sums_.data();
    Sum total[kTokens] = {};
    for (std::uint32_t column = 0; column < columns_; column += kColumnsPerWord, ++word) {
      std::uint64_t keys = words[word] >> shift;
      if (shift != 0 && word + 1 < word_count) keys |= words[word + 1] << (64 - shift);
      if (column + kColumnsPerWord <= columns_) {
        for (std::uint32_t c = 0; c < kColumnsPerWord; ++c) add(tables, keys, c, total);
        tables += kColumnsPerWord * kEntries * kTokens;
      } else {
        for (std::uint32_t c = 0; c < columns_ - column; ++c) add(tables, keys, c, total);
      }
    }
    std::copy(total, total + kTokens, sums);
  }

 private:
  static void add(const Sum* tables, std::uint64_t keys, std::uint32_t column, Sum* total) {
    const std::size_t key = (keys >> (column * kKeyBits)) & (kEntries - 1);
    const Sum* entry = tables + (std::size_t{column} * kEntries + key) * kTokens;
    for (std::uint32_t t = 0; t < kTokens; ++t) total[t] += entry[t];
  }

  std::uint32_t columns_;
  std::vector<Sum> sums_;  ///< [column][entry][token]
};

}  // namespace lutsim::models
