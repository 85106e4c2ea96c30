// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace lutsim::rtl {

/// One input channel of a Verilated block: the next beat, offered from some cycle on until it is
/// taken. A beat that is not yet on offer comes with a probability of `percent` in each cycle.
class Channel {
 public:
  Channel(std::size_t beats, std::size_t words, std::uint32_t percent)
      : beats_(beats), beat_(words), percent_(percent) {}

  /// The beat on offer in this cycle or null. `fill(index, words)` makes the next one.
  template <class Fill>
  const std::uint32_t* offer(std::mt19937_64& random, const Fill& fill) {
    if (!offered_ && taken_ < beats_ && random() % 100 < percent_) {
      fill(taken_, beat_.data());
      offered_ = true;
    }
    return offered_ ? beat_.data() : nullptr;
  }
  void moved(bool yes) {
    if (!yes) return;
    offered_ = false;
    ++taken_;
  }
  bool done() const { return taken_ == beats_; }
  /// Beats that have moved.
  std::size_t taken() const { return taken_; }
  std::string progress() const { return std::to_string(taken_) + "/" + std::to_string(beats_); }

 private:
  std::size_t beats_;
  std::size_t taken_ = 0;
  std::vector<std::uint32_t> beat_;
  std::uint32_t percent_;
  bool offered_ = false;
};

}  // namespace lutsim::rtl
