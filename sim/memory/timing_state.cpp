// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/timing_state.h"

namespace lutsim::sim {

static_assert(kConstrainedCommands <= 8, "a Ready row holds eight commands");

TimingState::TimingState(const spec::MemoryStandard& standard)
    : table_(standard),
      split_bus_(standard.split_command_bus),
      slots_per_clock_(standard.slots_per_clock),
      ranks_per_pseudo_channel_(standard.ranks) {
  const std::uint32_t banks = standard.banks_per_channel();
  for (std::uint32_t bank = 0; bank < banks; ++bank) {
    nodes_of_.push_back({bank / standard.banks, bank / standard.banks_per_rank(),
                         bank / (standard.banks_per_rank() * standard.ranks)});
  }
  banks_.resize(banks, Ready{});
  groups_.resize(banks / standard.banks, Ready{});
  ranks_.resize(banks / standard.banks_per_rank(), Ready{});
  pseudo_channels_.resize(standard.pseudo_channels, Ready{});
  activates_.resize(standard.pseudo_channels);
}

void TimingState::issue(Command command, std::uint32_t bank, Slot slot) {
  bus_free_[bus_of(command)] = slot + table_.length(command);
  const Nodes& n = nodes_of_[bank];
  for (const Constraint& c : table_.after(command)) {
    const auto next = static_cast<std::size_t>(c.next);
    const auto raise = [&](Ready& ready) { ready[next] = std::max(ready[next], slot + c.slots); };
    switch (c.scope) {
      case Scope::bank:
        raise(banks_[bank]);
        break;
      case Scope::bank_group:
        raise(groups_[n.group]);
        break;
      case Scope::rank:
        raise(ranks_[n.rank]);
        break;
      case Scope::pseudo_channel:
        raise(pseudo_channels_[n.pseudo_channel]);
        break;
      case Scope::other_rank: {
        const std::uint32_t first = n.pseudo_channel * ranks_per_pseudo_channel_;
        for (std::uint32_t r = first; r < first + ranks_per_pseudo_channel_; ++r) {
          if (r != n.rank) raise(ranks_[r]);
        }
        break;
      }
    }
  }
  if (command == Command::activate) {
    ActivateWindow& window = activates_[n.pseudo_channel];
    window.slots[window.oldest] = slot;
    window.oldest = (window.oldest + 1) % window.slots.size();
    Slot& ready = pseudo_channels_[n.pseudo_channel][static_cast<std::size_t>(Command::activate)];
    ready = std::max(ready, window.slots[window.oldest] + table_.four_activates());
  }
}

}  // namespace lutsim::sim
