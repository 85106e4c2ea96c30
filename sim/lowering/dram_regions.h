// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lutsim::sim {

/// Regions of DRAM, handed out from address 0 upwards and aligned to kAlignment.
class DramRegions {
 public:
  /// A region starts on a boundary that no DRAM row of any supported standard straddles unaligned.
  static constexpr std::uint64_t kAlignment = 4096;

  explicit DramRegions(std::uint64_t capacity) : capacity_(capacity) {}

  /// Address of a new region that lives as long as the run.
  std::uint64_t reserve(std::uint64_t bytes);
  /// Address of a temporary region; regions of equal size are reused after release().
  std::uint64_t borrow(std::uint64_t bytes);
  void release(std::uint64_t address, std::uint64_t bytes);

  std::uint64_t used() const { return used_; }
  /// Throws spec::SpecError that says by how many bytes the regions exceed the memory.
  void check_fits() const;

 private:
  std::uint64_t capacity_;
  std::uint64_t used_ = 0;
  std::map<std::uint64_t, std::vector<std::uint64_t>> free_;  ///< size -> addresses
};

}  // namespace lutsim::sim
