// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

namespace lutsim::models {

/// Everything that costs energy when it happens. A unit counts events; the energy table
/// (models/energy/energy_table.h) gives each name joules, a range and a source. A table without an
/// entry for an event that was counted is an error.
enum class Event : std::uint32_t {
#define LUTSIM_EVENT(id, name, group, doc) id,
#include "models/energy/events.def"
#undef LUTSIM_EVENT
  count_
};

constexpr std::size_t kEventCount = static_cast<std::size_t>(Event::count_);

struct EventInfo {
  const char* name;   ///< key in energy tables and reports
  const char* group;  ///< part of `energy_j` that it belongs to
  const char* doc;
};

/// Name, group and meaning of an event.
constexpr EventInfo event_info(Event e) {
  constexpr std::array<EventInfo, kEventCount> info{{
#define LUTSIM_EVENT(id, name, group, doc) EventInfo{name, group, doc},
#include "models/energy/events.def"
#undef LUTSIM_EVENT
  }};
  return info[static_cast<std::size_t>(e)];
}

/// Counts of one run or one unit. Addition merges units.
class EventCounts {
 public:
  void add(Event e, std::uint64_t n = 1) { counts_[static_cast<std::size_t>(e)] += n; }
  std::uint64_t operator[](Event e) const { return counts_[static_cast<std::size_t>(e)]; }
  EventCounts& operator+=(const EventCounts& other) {
    for (std::size_t i = 0; i < kEventCount; ++i) counts_[i] += other.counts_[i];
    return *this;
  }
  EventCounts& operator-=(const EventCounts& other) {
    for (std::size_t i = 0; i < kEventCount; ++i) counts_[i] -= other.counts_[i];
    return *this;
  }
  friend bool operator==(const EventCounts& a, const EventCounts& b) {
    return a.counts_ == b.counts_;
  }

 private:
  std::array<std::uint64_t, kEventCount> counts_{};
};

}  // namespace lutsim::models
