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

std::uint32_t ChannelSet::submit(std::uint32_t port, const ChannelRequest& request, Slot at) {
  const std::size_t before = groups_.size();
  for (std::size_t g = 0; g < before; ++g) split(g, request);
  for (Group& group : groups_) {
    const ChannelRequest share = part(request, group.members.front());
    if (share.bursts > 0) hand_over(group, port, share, at);
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(request.bursts, size()));
}

ChannelRequest ChannelSet::part(const ChannelRequest& request, std::uint32_t channel) const {
  const std::uint64_t n = size();
  const std::uint64_t skipped = (channel + n - request.first % n) % n;
  const std::uint64_t bursts =
      request.bursts > skipped ? (request.bursts - skipped + n - 1) / n : 0;
  return {request.id, request.write, (request.first + skipped) / n, bursts};
}

void ChannelSet::split(std::size_t group, const ChannelRequest& request) {
  const ChannelRequest first = part(request, groups_[group].members.front());
  std::vector<std::uint32_t> others;
  const auto same = [](const ChannelRequest& a, const ChannelRequest& b) {
    return a.bursts == b.bursts && (a.bursts == 0 || a.first == b.first);
  };
  auto& members = groups_[group].members;
  const auto end = std::stable_partition(members.begin(), members.end(), [&](std::uint32_t c) {
    return same(part(request, c), first);
  });
  if (end == members.end()) return;
  others.assign(end, members.end());
  members.erase(end, members.end());
  for (const std::uint32_t c : others) group_of_[c] = groups_.size();
  groups_.push_back({groups_[group].channel, std::move(others), groups_[group].wake});
  // The others may differ among themselves.
  split(groups_.size() - 1, request);
}

void ChannelSet::hand_over(Group& group, std::uint32_t port, const ChannelRequest& part, Slot at) {
  group.channel.submit(port, part, at);
  collect(group);
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
