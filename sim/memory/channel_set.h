// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"
#include "sim/memory/channel.h"

namespace lutsim::sim {

/// All channels of a memory, without SystemC. Bursts are interleaved: burst b of the memory is
/// burst b / n of channel b mod n.
///
/// On the per-row path channels in lockstep are played once: as long as they were handed the same
/// requests at the same slots, their states are the same, and one Channel stands for all of them.
/// When a transaction gives them different parts, it is copied first. The per-burst path plays
/// every channel by itself.
class ChannelSet {
 public:
  /// A part of a transaction that is over in some channels.
  struct Done {
    Completion completion;
    std::uint32_t channels;
  };

  /// Throws as Channel does, and SpecError for no channel.
  ChannelSet(const spec::MemorySpec& memory, const spec::MemoryStandard& standard, DramPath path);

  std::uint32_t size() const { return static_cast<std::uint32_t>(group_of_.size()); }
  /// Hands the parts of a transaction to their channels, `port` and `at` as in Channel::submit().
  /// `request` counts in bursts of the memory. Returns how many channels have a part.
  std::uint32_t submit(std::uint32_t port, const BurstRequest& request, Slot at);
  /// Plays the channels that may have something to tell up to and including `until`.
  void advance(Slot until);
  /// The least Channel::next_wake().
  Slot next_wake() const;
  /// What was completed since the last call.
  std::vector<Done> take_completions() { return std::exchange(done_, {}); }
  ChannelStatistics statistics(std::uint32_t channel) const {
    return groups_[group_of_[channel]].channel.statistics();
  }
  /// Channels that are really played.
  std::size_t played() const { return groups_.size(); }

 private:
  struct Group {
    Channel channel;
    std::vector<std::uint32_t> members;
    Slot wake;
  };

  /// What a channel has of a request; no range if nothing.
  BurstRequest part(const BurstRequest& request, std::uint32_t channel) const;
  /// Whether every range lies in all channels alike.
  bool alike_in_all(const BurstRequest& request) const;
  void split(std::size_t group, const BurstRequest& request);
  void collect(Group& group);

  std::vector<Group> groups_;
  std::vector<std::size_t> group_of_;  ///< by channel
  std::vector<Done> done_;
};

}  // namespace lutsim::sim
