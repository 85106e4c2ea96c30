// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

namespace lutsim::rtl {

/// One input channel of a Verilated block: the next beat, offered from some cycle on until it is
/// taken. A beat that is not yet on offer comes with a probability of `percent` in each cycle.
template <class Beat>
class PacedChannel {
 public:
  /// `beat` is what the first fill() gets, for beats that have a size.
  PacedChannel(std::size_t beats, std::uint32_t percent, Beat beat = {})
      : beats_(beats), beat_(std::move(beat)), percent_(percent) {}

  /// The beat on offer in this cycle or null. `fill(index, beat)` makes the next one.
  template <class Fill>
  const Beat* offer(std::mt19937_64& random, const Fill& fill) {
    if (!offered_ && taken_ < beats_ && random() % 100 < percent_) {
      fill(taken_, beat_);
      offered_ = true;
    }
    return offered_ ? &beat_ : nullptr;
  }
  void moved(bool yes) {
    if (!yes) {
      refused_ += offered_ ? 1 : 0;
      return;
    }
    offered_ = false;
    ++taken_;
  }
  bool done() const { return taken_ == beats_; }
  /// Beats that have moved.
  std::size_t taken() const { return taken_; }
  /// Cycles in which a beat was offered and not taken.
  std::uint64_t refused() const { return refused_; }
  std::string progress() const { return std::to_string(taken_) + "/" + std::to_string(beats_); }

 private:
  std::size_t beats_;
  std::size_t taken_ = 0;
  Beat beat_;
  std::uint32_t percent_;
  bool offered_ = false;
  std::uint64_t refused_ = 0;
};

}  // namespace lutsim::rtl
