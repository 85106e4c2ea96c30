// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/memory/command.h"

namespace lutsim::sim {

/// Consecutive bursts, by their numbers in the address space of a channel or of a whole memory.
struct BurstRange {
  std::uint64_t first;
  std::uint64_t bursts;  ///< at least 1
};

/// Bursts to read or write, as one or more ranges that are in flight together.
struct BurstRequest {
  std::uint64_t id;  ///< comes back in the Completion
  bool write;
  std::vector<BurstRange> ranges;
};

/// A request that is over at `slot`, which may lie after the time that the channel has reached: a
/// read when its last data are there, a write when its last burst is in the write queue. Writes are
/// posted: the controller writes them when it suits, and nobody waits for that.
struct Completion {
  std::uint64_t id;
  Slot slot;
};

}  // namespace lutsim::sim
