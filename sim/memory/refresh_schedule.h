// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"
#include "sim/memory/command.h"

namespace lutsim::sim {

/// When refreshes fall due and which banks each one takes.
///
/// All-bank: every refi, one refresh for each pseudo-channel, one after the other. Per-bank: every
/// refi_pb, the next of the per_bank_refreshes() sets of banks that together make the channel (two
/// banks at a time for LPDDR5, the same bank of both pseudo-channels for HBM3).
class RefreshSchedule {
 public:
  /// Throws SpecError for Refresh::per_bank of a standard without it.
  RefreshSchedule(const spec::MemoryStandard& standard, spec::Refresh mode);

  bool per_bank() const { return mode_ == spec::Refresh::per_bank; }
  /// Slot at which the next refresh falls due; kNever when refresh is off.
  Slot due() const { return due_; }
  /// The sets of banks of the refresh that is due, in the order to serve them, and moves on. An
  /// all-bank refresh names the first bank of each pseudo-channel.
  std::vector<std::vector<std::uint32_t>> take();
  /// All-bank refreshes that have been taken, per-bank ones counted in whole rounds.
  std::uint64_t rounds() const { return taken_ / per_round_; }

 private:
  spec::Refresh mode_;
  Slot interval_;
  Slot due_;
  std::uint32_t banks_;
  std::uint32_t pseudo_channels_;
  std::uint32_t per_round_;
  std::uint64_t taken_ = 0;
};

}  // namespace lutsim::sim
