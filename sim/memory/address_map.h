// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"

namespace lutsim::sim {

/// Where one burst of a channel lies. Banks are numbered flat:
/// ((pseudo-channel * ranks + rank) * bank_groups + group) * banks + bank.
struct Location {
  std::uint32_t bank;
  std::uint32_t row;
  std::uint32_t column;  ///< in bursts
  bool operator==(const Location& o) const {
    return bank == o.bank && row == o.row && column == o.column;
  }
};

/// Address bits of a memory. Channels are interleaved burst by burst (any number of them), so a
/// contiguous range of bytes is a contiguous range of bursts in each channel; inside a channel the
/// bits of the burst number are, from least to most significant,
///
///   ro   column | pseudo-channel | rank | bank group | bank | row
///   mop  column[1:0] | pseudo-channel | rank | bank group | bank | column[..:2] | row, then
///        pseudo-channel, rank, group, bank and row are XORed, in this order, with the next bits of
///        the whole column number, from its bit 0 (minimalist open page, MOP4CLXOR of Ramulator 2).
///
/// In `ro` a whole row of one bank group comes before the next group: neighbours in address are
/// ccd_l apart, and only a controller that sees several rows at once can fill the gaps.
class AddressMap {
 public:
  AddressMap(const spec::MemoryStandard& standard, spec::AddressMapping mapping);

  /// Precondition: burst < bursts_per_channel().
  Location locate(std::uint64_t burst) const;
  std::uint64_t bursts_per_channel() const { return bursts_; }

  /// Bursts from this one on, it included, that stay in its row visit. A visit is what the
  /// controller takes from one request before it looks at the next: a row of one bank for `ro`,
  /// the rows of all banks that belong together for `mop`.
  std::uint64_t visit_bursts(std::uint64_t burst) const { return visit_ - (burst & (visit_ - 1)); }
  /// Bursts from this one on, it included, that lie in the same bank and row.
  std::uint64_t run_bursts(std::uint64_t burst) const { return run_ - (burst & (run_ - 1)); }
  /// Whether a burst lies in another bank or row than the one before it.
  bool begins_run(std::uint64_t burst) const { return (burst & (run_ - 1)) == 0; }
  /// Bursts of a whole visit.
  std::uint64_t visit_bursts() const { return visit_; }

 private:
  spec::AddressMapping mapping_;
  std::uint32_t column_bits_;
  std::uint32_t pseudo_channel_bits_;
  std::uint32_t rank_bits_;
  std::uint32_t group_bits_;
  std::uint32_t bank_bits_;
  std::uint32_t row_bits_;
  std::uint64_t bursts_;
  std::uint64_t visit_;
  std::uint64_t run_;
};

}  // namespace lutsim::sim
