// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <stdexcept>
#include <string>

/// Valid/ready streams of beats into and out of a Verilated block.
namespace lutsim::rtl {

/// One input channel: its beats in order, each offered from some cycle on until it is taken.
class BeatSource {
 public:
  /// `percent`: how often a beat comes in a cycle in which none is waiting. 100: always.
  /// `early`: the first beat of the next row is offered as well, and must not be taken before its
  /// row begins. `*ahead`, kept from row to row, says that it is on offer.
  BeatSource(std::size_t beats, std::uint32_t percent, bool* ahead = nullptr, bool early = false)
      : beats_(beats),
        percent_(percent),
        ahead_(ahead),
        early_(early),
        offered_(ahead != nullptr && *ahead) {}

  /// Whether a beat is on offer in this cycle: beat index().
  bool offer(std::mt19937_64& random) {
    const bool another = taken_ < beats_ || early_;
    offered_ = offered_ || (another && random() % 100 < percent_);
    return offered_;
  }
  std::size_t index() const { return taken_; }
  /// Ends the cycle.
  bool end_cycle(bool ready) {
    const bool moved = offered_ && ready;
    if (moved && done()) throw std::logic_error("a beat of the next row was taken");
    taken_ += moved ? 1 : 0;
    offered_ = offered_ && !moved;
    if (ahead_ != nullptr) *ahead_ = offered_;
    return moved;
  }
  bool done() const { return taken_ == beats_; }
  std::string progress() const { return std::to_string(taken_) + "/" + std::to_string(beats_); }

 private:
  std::size_t beats_;
  std::size_t taken_ = 0;
  std::uint32_t percent_;
  bool* ahead_;
  bool early_;
  bool offered_;
};

/// What moved in a cycle.
struct CycleMoves {
  bool in = false;   ///< a beat of any input channel
  bool out = false;  ///< a result
};

/// Calls `cycle` (one clock cycle) until `outputs` results came. Returns the cycles from the first
/// in which anything moved to the last result, both counted. Throws std::logic_error if nothing
/// moves any more, or if the block has not taken every beat by then.
template <class Cycle>
std::uint64_t run_beats(const char* block, std::initializer_list<const BeatSource*> sources,
                        std::size_t outputs, const Cycle& cycle) {
  // The slowest pacing offers a beat in a hundred cycles, the longest silence is a few hundred.
  constexpr std::uint64_t kStuckCycles = 20000;
  std::uint64_t cycles = 0;
  std::uint64_t quiet = 0;
  std::size_t results = 0;
  const auto fail = [&](const char* what) {
    std::string text = std::string(block) + " " + what + ": results " + std::to_string(results) +
                       "/" + std::to_string(outputs) + ", operands";
    for (const BeatSource* source : sources) text += " " + source->progress();
    throw std::logic_error(text);
  };
  while (results < outputs) {
    const CycleMoves moved = cycle();
    results += moved.out ? 1 : 0;
    if (cycles > 0 || moved.in) ++cycles;
    quiet = moved.in || moved.out ? 0 : quiet + 1;
    if (quiet == kStuckCycles) fail("is stuck");
  }
  for (const BeatSource* source : sources) {
    if (!source->done()) fail("gave its results before it took its operands");
  }
  return cycles;
}

}  // namespace lutsim::rtl
