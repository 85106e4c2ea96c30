// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/refresh_schedule.h"

namespace lutsim::sim {

RefreshSchedule::RefreshSchedule(const spec::MemoryStandard& standard, spec::Refresh mode)
    : mode_(mode),
      interval_(Slot{mode == spec::Refresh::per_bank ? standard.refi_pb : standard.refi} *
                standard.slots_per_clock),
      due_(mode == spec::Refresh::off ? kNever : interval_),
      banks_(standard.banks_per_channel()),
      pseudo_channels_(standard.pseudo_channels),
      per_round_(mode == spec::Refresh::per_bank ? standard.per_bank_refreshes() : 1) {
  if (mode == spec::Refresh::per_bank && standard.refi_pb == 0) {
    throw spec::SpecError("memory standard " + standard.name +
                          " has no per-bank refresh (refi_pb is 0)");
  }
}

std::vector<std::vector<std::uint32_t>> RefreshSchedule::take() {
  std::vector<std::vector<std::uint32_t>> sets;
  if (per_bank()) {
    sets.emplace_back();
    for (auto bank = static_cast<std::uint32_t>(taken_ % per_round_); bank < banks_;
         bank += per_round_) {
      sets.back().push_back(bank);
    }
  } else {
    for (std::uint32_t p = 0; p < pseudo_channels_; ++p) {
      sets.push_back({p * (banks_ / pseudo_channels_)});
    }
  }
  ++taken_;
  due_ += interval_;
  return sets;
}

}  // namespace lutsim::sim
