// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "sim/memory/command.h"

namespace lutsim::sim {

/// A contiguous run of bursts of one channel to read or write.
struct ChannelRequest {
  std::uint64_t id;  ///< comes back in the Completion
  bool write;
  std::uint64_t first;   ///< first burst in the channel's own address space
  std::uint64_t bursts;  ///< at least 1
  bool operator==(const ChannelRequest& o) const {
    return id == o.id && write == o.write && first == o.first && bursts == o.bursts;
  }
};

/// A request that is over at `slot`, which may lie after the time that the channel has reached: a
/// read when its last data are there, a write when its last burst is in the write queue. Writes are
/// posted: the controller writes them when it suits, and nobody waits for that.
struct Completion {
  std::uint64_t id;
  Slot slot;
};

}  // namespace lutsim::sim
