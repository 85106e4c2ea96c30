// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"
#include "sim/memory/address_map.h"
#include "sim/memory/command.h"

namespace lutsim::sim {

/// A contiguous run of bursts of one channel to read or write.
struct ChannelRequest {
  std::uint64_t id;  ///< comes back in the Completion; unique among requests in flight
  bool write;
  std::uint64_t first;   ///< first burst in the channel's own address space
  std::uint64_t bursts;  ///< at least 1
};

/// A request that is over at `slot`, which may lie after the time that the channel has reached: a
/// read when its last data are there, a write when its last burst is in the write queue. Writes are
/// posted: the controller writes them when it suits, and nobody waits for that.
struct Completion {
  std::uint64_t id;
  Slot slot;
};

/// What a channel did. Counts are bursts unless said.
struct ChannelStatistics {
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t row_hits = 0;       ///< found their row open
  std::uint64_t row_misses = 0;     ///< found their bank closed
  std::uint64_t row_conflicts = 0;  ///< found another row open
  std::uint64_t activates = 0;      ///< commands
  std::uint64_t refreshes = 0;  ///< all-bank refreshes that fell due (per-bank ones add up to it)
  double read_latency_slots = 0.0;  ///< sum over reads, from entering the read queue to last data
  Slot last_data = 0;               ///< end of the last burst scheduled
};

/// The controller and the DRAM behind one channel, without SystemC. Time moves forward only through
/// advance(); what happens before is final, what comes after may still change with new requests.
///
/// Requests arrive at ports. A port is served in order; ports take turns, one row visit each
/// (AddressMap::visit_bursts), and their bursts enter the read or the write queue in that one
/// order: a burst that finds its queue full holds up all behind it.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Hands over a request at slot `at`. Precondition: `at` is not before a slot advanced to.
  virtual void submit(std::uint32_t port, const ChannelRequest& request, Slot at) = 0;
  /// Plays everything up to and including slot `until`.
  virtual void advance(Slot until) = 0;
  /// A slot before which no further request can complete, and at which it is worth advancing to
  /// know more; kNever when there is nothing to do, posted writes included.
  virtual Slot next_wake() const = 0;
  /// Requests completed since the last call.
  std::vector<Completion> take_completions() { return std::exchange(completions_, {}); }

  const ChannelStatistics& statistics() const { return statistics_; }

 protected:
  std::vector<Completion> completions_;
  ChannelStatistics statistics_;
};

/// How finely a channel is resolved.
enum class DramPath {
  burst,  ///< every command and every burst
  row,    ///< one calculation per row visit, bursts flow at the rate that the constraints leave
};

/// Throws SpecError for a standard that contradicts itself and for per-bank refresh of a standard
/// without it.
std::unique_ptr<Channel> make_channel(const spec::MemoryStandard& standard,
                                      spec::AddressMapping mapping, spec::Refresh refresh,
                                      DramPath path);

}  // namespace lutsim::sim
