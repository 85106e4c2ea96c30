// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/address_map.h"

#include <algorithm>

namespace lutsim::sim {
namespace {

/// Bursts that `mop` keeps together before the next bank: "MOP4CL".
constexpr std::uint32_t kMopColumnBits = 2;

constexpr std::uint64_t mask(std::uint32_t bits) { return (std::uint64_t{1} << bits) - 1; }

std::uint32_t take(std::uint64_t& bits, std::uint32_t count) {
  const auto low = static_cast<std::uint32_t>(bits & mask(count));
  bits >>= count;
  return low;
}

}  // namespace

AddressMap::AddressMap(const spec::MemoryStandard& standard, spec::AddressMapping mapping)
    : mapping_(mapping),
      column_bits_(spec::ceil_log2(standard.bursts_per_row())),
      pseudo_channel_bits_(spec::ceil_log2(standard.pseudo_channels)),
      rank_bits_(spec::ceil_log2(standard.ranks)),
      group_bits_(spec::ceil_log2(standard.bank_groups)),
      bank_bits_(spec::ceil_log2(standard.banks)),
      row_bits_(spec::ceil_log2(standard.rows)),
      bursts_(standard.channel_bytes() / standard.burst_bytes()) {
  const std::uint32_t unit_bits = pseudo_channel_bits_ + rank_bits_ + group_bits_ + bank_bits_;
  if (mapping == spec::AddressMapping::ro) {
    visit_ = std::uint64_t{1} << column_bits_;
    run_ = visit_;
  } else {
    // The row is XORed with the column bits that the bank bits leave over: rows change as often.
    const std::uint32_t row_xor_bits = column_bits_ > unit_bits ? column_bits_ - unit_bits : 0;
    visit_ = std::uint64_t{1} << (column_bits_ + unit_bits - row_xor_bits);
    run_ = 1;  // already bit 0 of the column is XORed into the bank
  }
}

Location AddressMap::locate(std::uint64_t burst) const {
  if (mapping_ == spec::AddressMapping::ro) {
    const std::uint32_t column = take(burst, column_bits_);
    const std::uint32_t pseudo_channel = take(burst, pseudo_channel_bits_);
    const std::uint32_t rank = take(burst, rank_bits_);
    const std::uint32_t group = take(burst, group_bits_);
    const std::uint32_t bank = take(burst, bank_bits_);
    const auto row = static_cast<std::uint32_t>(burst);
    return {
        (((((pseudo_channel << rank_bits_) | rank) << group_bits_) | group) << bank_bits_) | bank,
        row, column};
  }
  const std::uint32_t low_bits = std::min(kMopColumnBits, column_bits_);
  std::uint32_t column = take(burst, low_bits);
  std::uint32_t pseudo_channel = take(burst, pseudo_channel_bits_);
  std::uint32_t rank = take(burst, rank_bits_);
  std::uint32_t group = take(burst, group_bits_);
  std::uint32_t bank = take(burst, bank_bits_);
  column |= take(burst, column_bits_ - low_bits) << low_bits;
  auto row = static_cast<std::uint32_t>(burst);
  std::uint64_t key = column;
  pseudo_channel ^= take(key, pseudo_channel_bits_);
  rank ^= take(key, rank_bits_);
  group ^= take(key, group_bits_);
  bank ^= take(key, bank_bits_);
  row ^= static_cast<std::uint32_t>(key & mask(row_bits_));
  return {(((((pseudo_channel << rank_bits_) | rank) << group_bits_) | group) << bank_bits_) | bank,
          row, column};
}

}  // namespace lutsim::sim
