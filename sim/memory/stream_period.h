// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "sim/memory/command.h"

namespace lutsim::sim {

/// All that decides when and for whom the column commands after this slot come, while nothing else
/// uses the command bus: the runs whose rows are open, and the slots at which they may go on. Slots
/// are counted from the last column command; what is legal in the next slot already counts as 1.
struct ColumnState {
  struct Stream {
    std::uint32_t run;
    std::uint32_t bank;
    Slot group;
    Slot rank;
    Slot pseudo_channel;
    bool operator==(const Stream& o) const {
      return run == o.run && bank == o.bank && group == o.group && rank == o.rank &&
             pseudo_channel == o.pseudo_channel;
    }
  };
  /// More streams than this flow too rarely to look for their period.
  static constexpr std::size_t kMostStreams = 12;

  Command command = Command::read;
  std::uint32_t slot_of_clock = 0;
  Slot bus = 0;
  Slot data_clock = 0;
  std::uint32_t count = 0;
  std::array<Stream, kMostStreams> streams;  ///< oldest first

  bool operator==(const ColumnState& o) const {
    return command == o.command && slot_of_clock == o.slot_of_clock && bus == o.bus &&
           data_clock == o.data_clock && count == o.count &&
           std::equal(streams.begin(), streams.begin() + count, o.streams.begin());
  }
};

/// Column commands that bring a channel back to the state that they began in.
struct ColumnPeriod {
  struct Step {
    Slot offset;  ///< from the command before the period; of the last one it is the period itself
    std::uint32_t run;
    std::uint32_t bank;
  };
  ColumnState state;
  std::vector<Step> steps;
  Slot slots() const { return steps.back().offset; }
};

/// Watches the column commands of a channel for a period.
///
/// A controller is a function of its state. When the state after one column command equals that
/// after an earlier one, and nothing but column commands happened in between, then what happened in
/// between happens again, and again, until something from outside that state interferes. That is
/// a proof, not a guess; who skips periods must only see to it that nothing interferes.
class StreamPeriod {
 public:
  /// A column command for the first burst of a run was issued at `now`, and led to `state`. Returns
  /// the period that begins there, if it is known.
  const ColumnPeriod* observe(Slot now, std::uint32_t run, std::uint32_t bank,
                              const ColumnState& state) {
    if (known_ && state == period_.state) {
      recording_ = false;
      return &period_;
    }
    if (recording_) {
      steps_.push_back({now - begin_, run, bank});
      if (state == first_) {
        period_.state = state;
        period_.steps = steps_;
        known_ = true;
        recording_ = false;
        return &period_;
      }
      if (steps_.size() < kMostSteps) return nullptr;
    }
    recording_ = true;
    first_ = state;
    begin_ = now;
    steps_.clear();
    return nullptr;
  }
  /// Something else happened: what was recorded so far is no period.
  void interrupt() { recording_ = false; }

 private:
  static constexpr std::size_t kMostSteps = 16;

  ColumnPeriod period_;
  ColumnState first_;  ///< of the recording
  std::vector<ColumnPeriod::Step> steps_;
  Slot begin_ = 0;
  bool known_ = false;
  bool recording_ = false;
};

}  // namespace lutsim::sim
