// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "sim/kernel/macro_command.h"

namespace lutsim::sim {

/// Regions of DRAM, handed out from address 0 upwards and aligned to kAlignment.
class DramRegions {
 public:
  /// A region starts on a boundary that no DRAM row of any supported standard straddles unaligned.
  static constexpr std::uint64_t kAlignment = 4096;

  explicit DramRegions(std::uint64_t capacity) : capacity_(capacity) {}

  /// Address of a new region that lives as long as the run.
  std::uint64_t reserve(std::uint64_t bytes);
  /// Address of a temporary region. Regions of equal size are reused in the order in which they
  /// were released; `waits` gets the last readers of what lay there.
  std::uint64_t borrow(std::uint64_t bytes, std::vector<CommandId>& waits);
  void release(std::uint64_t address, std::uint64_t bytes, std::vector<CommandId> readers);

  std::uint64_t used() const { return used_; }
  /// Throws spec::SpecError that says by how many bytes the regions exceed the memory.
  void check_fits() const;

 private:
  struct Freed {
    std::uint64_t address;
    std::vector<CommandId> readers;
  };
  std::uint64_t capacity_;
  std::uint64_t used_ = 0;
  std::map<std::uint64_t, std::deque<Freed>> free_;  ///< by size
};

}  // namespace lutsim::sim
