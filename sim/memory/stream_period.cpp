// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/stream_period.h"

#include <cstring>
#include <type_traits>

namespace lutsim::sim {

bool ColumnState::operator==(const ColumnState& o) const {
  return count == o.count && bus_ready == o.bus_ready && slot_of_clock == o.slot_of_clock &&
         data_clock == o.data_clock &&
         std::memcmp(streams.data(), o.streams.data(), count * sizeof(Stream)) == 0;
}

std::size_t ColumnState::hash() const {
  static_assert(std::has_unique_object_representations_v<Stream>);
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  std::uint64_t h = (static_cast<std::uint64_t>(bus_ready) << 32 | count) * kOdd;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::array<std::uint64_t, sizeof(Stream) / 8> words;
    std::memcpy(words.data(), &streams[i], sizeof(Stream));
    for (const std::uint64_t word : words) {
      h = (h ^ word) * kOdd;
      h ^= h >> 32;
    }
  }
  return h;
}

const ColumnPeriod* StreamPeriods::observe(Slot now, std::uint32_t stream,
                                           const ColumnState& state) {
  const ColumnPeriod& known = place_of(state);
  if (known.count > 0 && known.state == state) {
    recording_ = false;
    return &known;
  }
  if (recording_) {
    steps_.push_back({now - begin_, stream});
    if (state == states_.front()) {
      recording_ = false;
      learn();
      return &place_of(state);
    }
    states_.push_back(state);
    if (steps_.size() < ColumnPeriod::kMostSteps) return nullptr;
  }
  recording_ = true;
  begin_ = now;
  steps_.clear();
  states_.assign(1, state);
  return nullptr;
}

void StreamPeriods::learn() {
  // The period can begin after any of its steps.
  const Slot slots = steps_.back().offset;
  for (std::size_t first = states_.size(); first-- > 0;) {
    ColumnPeriod& period = place_of(states_[first]);
    period.state = states_[first];
    period.count = static_cast<std::uint32_t>(steps_.size());
    const Slot begin = first == 0 ? 0 : steps_[first - 1].offset;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const std::size_t from = (first + i) % steps_.size();
      const Slot wrapped = first + i < steps_.size() ? 0 : slots;
      period.steps[i] = {steps_[from].offset + wrapped - begin, steps_[from].stream};
    }
  }
}

}  // namespace lutsim::sim
