// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_stream.h"

#include <random>
#include <stdexcept>
#include <string>

namespace lutsim::rtl {
namespace {

/// One input channel: the next beat, offered from some cycle on until it is taken.
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
  std::string progress() const { return std::to_string(taken_) + "/" + std::to_string(beats_); }

 private:
  std::size_t beats_;
  std::size_t taken_ = 0;
  std::vector<std::uint32_t> beat_;
  std::uint32_t percent_;
  bool offered_ = false;
};

}  // namespace

StreamOutcome run_stream(const spec::MatrixSpec& spec, LutMatrixPins& pins,
                         const MatrixOperands& operands, const Pacing& pacing) {
  const MatrixOperands::Counts counts = operands.counts();
  std::mt19937_64 random(pacing.seed);
  MatrixCommand command;
  Channel commands(counts.commands, 1, pacing.command);
  Channel activations(counts.activations, spec.lanes_k(), pacing.activations);
  Channel keys(counts.keys, LutMatrixPins::key_words(spec), pacing.keys);
  Channel scales(counts.scales, spec.lanes_n(), pacing.scales);

  StreamOutcome outcome;
  bool started = false;
  // A unit that makes no progress for so long is stuck: it is deeper than no pipeline of ours, and
  // the slowest pacing offers one beat in a hundred cycles.
  constexpr std::uint64_t kStuckCycles = 20000;
  std::uint64_t quiet = 0;
  for (std::uint64_t cycle = 0;;) {
    LutMatrixPins::Offer offer;
    const auto* has_command = commands.offer(
        random, [&](std::size_t i, std::uint32_t*) { command = operands.command(i); });
    offer.command = has_command == nullptr ? nullptr : &command;
    offer.activations = activations.offer(
        random, [&](std::size_t i, std::uint32_t* beat) { operands.activations(i, beat); });
    offer.keys =
        keys.offer(random, [&](std::size_t i, std::uint32_t* beat) { operands.keys(i, beat); });
    offer.scales =
        scales.offer(random, [&](std::size_t i, std::uint32_t* beat) { operands.scales(i, beat); });
    offer.out_ready = random() % 100 < pacing.out;

    const LutMatrixPins::Moved moved = pins.clock(offer);
    commands.moved(moved.command);
    activations.moved(moved.activations);
    keys.moved(moved.keys);
    scales.moved(moved.scales);
    // The first step takes the first activations.
    started = started || moved.activations;
    if (moved.out != nullptr) {
      outcome.outputs.insert(outcome.outputs.end(), moved.out, moved.out + spec.lanes_n());
      outcome.output_cycles.push_back(cycle);
    }
    const bool all_taken = commands.done() && activations.done() && keys.done() && scales.done();
    if (moved.idle && started && all_taken) {
      outcome.cycles = cycle;
      break;
    }
    cycle += started ? 1 : 0;

    const bool progress =
        moved.command || moved.activations || moved.keys || moved.scales || moved.out != nullptr;
    quiet = progress ? 0 : quiet + 1;
    if (quiet == kStuckCycles) {
      throw std::logic_error("lut_matrix_unit is stuck: commands " + commands.progress() +
                             ", activations " + activations.progress() + ", keys " +
                             keys.progress() + ", scales " + scales.progress() + ", outputs " +
                             std::to_string(outcome.output_cycles.size()) + "/" +
                             std::to_string(counts.outputs));
    }
  }
  if (outcome.output_cycles.size() != counts.outputs) {
    throw std::logic_error("lut_matrix_unit gave " + std::to_string(outcome.output_cycles.size()) +
                           " output beats, expected " + std::to_string(counts.outputs));
  }
  return outcome;
}

}  // namespace lutsim::rtl
