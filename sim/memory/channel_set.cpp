// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/channel_set.h"

#include <algorithm>
#include <numeric>

namespace lutsim::sim {

ChannelSet::ChannelSet(const spec::MemorySpec& memory, const spec::MemoryStandard& standard,
                       DramPath path) {
  if (memory.channels == 0) throw spec::SpecError("memory.channels = 0: expected at least 1");
  const Channel fresh(standard, memory.mapping, memory.refresh, path);
  std::vector<std::uint32_t> all(memory.channels);
  std::iota(all.begin(), all.end(), 0u);
  group_of_.resize(memory.channels, 0);
  if (path == DramPath::row) {
    groups_.push_back({fresh, all, kNever});
    return;
  }
  for (const std::uint32_t c : all) {
    group_of_[c] = groups_.size();
    groups_.push_back({fresh, {c}, kNever});
  }
}

std::uint32_t ChannelSet::submit(std::uint32_t port, const BurstRequest& request, Slot at) {
  if (!alike_in_all(request)) {
    const std::size_t before = groups_.size();
    for (std::size_t g = 0; g < before; ++g) split(g, request);
  }
  std::uint32_t channels = 0;
  for (Group& group : groups_) {
    const BurstRequest share = part(request, group.members.front());
    if (share.ranges.empty()) continue;
    channels += static_cast<std::uint32_t>(group.members.size());
    group.channel.submit(port, share, at);
    collect(group);
  }
  return channels;
}

bool ChannelSet::alike_in_all(const BurstRequest& request) const {
  return std::all_of(request.ranges.begin(), request.ranges.end(), [&](const BurstRange& range) {
    return range.first % size() == 0 && range.bursts % size() == 0;
  });
}

BurstRequest ChannelSet::part(const BurstRequest& request, std::uint32_t channel) const {
  const std::uint64_t n = size();
  BurstRequest part{request.id, request.write, {}};
  part.ranges.reserve(request.ranges.size());
  for (const BurstRange& range : request.ranges) {
    const std::uint64_t skipped = (channel + n - range.first % n) % n;
    if (range.bursts <= skipped) continue;
    part.ranges.push_back({(range.first + skipped) / n, (range.bursts - skipped + n - 1) / n});
  }
  return part;
}

void ChannelSet::split(std::size_t group, const BurstRequest& request) {
  const BurstRequest first = part(request, groups_[group].members.front());
  const auto same_as_first = [&](std::uint32_t channel) {
    const BurstRequest other = part(request, channel);
    return std::equal(other.ranges.begin(), other.ranges.end(), first.ranges.begin(),
                      first.ranges.end(), [](const BurstRange& a, const BurstRange& b) {
                        return a.first == b.first && a.bursts == b.bursts;
                      });
  };
  auto& members = groups_[group].members;
  const auto end = std::stable_partition(members.begin(), members.end(), same_as_first);
  if (end == members.end()) return;
  std::vector<std::uint32_t> others(end, members.end());
  members.erase(end, members.end());
  for (const std::uint32_t c : others) group_of_[c] = groups_.size();
  groups_.push_back({groups_[group].channel, std::move(others), groups_[group].wake});
  // The others may differ among themselves.
  split(groups_.size() - 1, request);
}

void ChannelSet::advance(Slot until) {
  for (Group& group : groups_) {
    if (group.wake > until) continue;
    group.channel.advance(until);
    collect(group);
  }
}

Slot ChannelSet::next_wake() const {
  Slot wake = kNever;
  for (const Group& group : groups_) wake = std::min(wake, group.wake);
  return wake;
}

void ChannelSet::collect(Group& group) {
  for (const Completion& completion : group.channel.take_completions()) {
    done_.push_back({completion, static_cast<std::uint32_t>(group.members.size())});
  }
  group.wake = group.channel.next_wake();
}

}  // namespace lutsim::sim
