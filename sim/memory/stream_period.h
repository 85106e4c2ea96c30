// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "sim/memory/command.h"

namespace lutsim::sim {

/// All that decides when and for which stream the next column commands come, while nothing else
/// interferes: which streams there are, and when each may go on. A stream is a run of bursts whose
/// row is open. Which bank it lies in does not matter, only with whom it shares a bank group, a
/// rank and a pseudo-channel. Slots count from the last column command; what is legal in the next
/// slot already counts as 1.
struct ColumnState {
  struct Stream {
    std::int32_t group_ready;
    std::int32_t rank_ready;
    std::int32_t pseudo_channel_ready;
    /// The first stream in the same one.
    std::uint8_t group;
    std::uint8_t rank;
    std::uint8_t pseudo_channel;
    std::uint8_t command;  ///< of all streams the same
  };
  /// More streams than this flow too rarely to look for their period.
  static constexpr std::uint32_t kMostStreams = 8;

  std::uint32_t slot_of_clock = 0;
  std::int32_t bus_ready = 0;
  std::int32_t data_clock = 0;
  std::uint32_t count = 0;
  std::array<Stream, kMostStreams> streams;  ///< oldest first

  bool operator==(const ColumnState& o) const;
  std::size_t hash() const;
};

/// Column commands that bring a channel back to the state that they began in.
struct ColumnPeriod {
  struct Step {
    Slot offset;           ///< from the command before the period; of the last, the whole period
    std::uint32_t stream;  ///< index in the state
  };
  static constexpr std::uint32_t kMostSteps = 16;

  ColumnState state;
  std::uint32_t count = 0;  ///< of steps; 0 where no period is known
  std::array<Step, kMostSteps> steps;
  Slot slots() const { return steps[count - 1].offset; }
};

/// Watches the column commands of a channel for periods.
///
/// A controller is a function of its state. When the state after one column command equals that
/// after an earlier one, and nothing but column commands happened in between, then what happened in
/// between happens again, and again, until something from outside that state interferes; and it
/// happens whenever that state comes back. That is a proof, not a guess; who skips periods must
/// only see to it that nothing interferes.
class StreamPeriods {
 public:
  /// A column command for a stream of `state` was issued at `now`, and led to that state. Returns
  /// the period that begins there, if it is known.
  const ColumnPeriod* observe(Slot now, std::uint32_t stream, const ColumnState& state);
  /// Something else happened: what was recorded so far is no period.
  void interrupt() { recording_ = false; }

 private:
  /// A power of two. A period takes the place of another with the same hash.
  static constexpr std::size_t kKnown = 256;

  ColumnPeriod& place_of(const ColumnState& state) { return known_[state.hash() % kKnown]; }
  void learn();

  std::vector<ColumnPeriod> known_{kKnown};
  std::vector<ColumnState> states_;  ///< of the recording: before the first step, after each
  std::vector<ColumnPeriod::Step> steps_;
  Slot begin_ = 0;
  bool recording_ = false;
};

}  // namespace lutsim::sim
