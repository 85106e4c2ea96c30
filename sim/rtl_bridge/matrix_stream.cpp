// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_stream.h"

#include <random>
#include <stdexcept>
#include <string>
#include <utility>

namespace lutsim::rtl {
namespace {

/// One input channel: the next beat, offered from some cycle on until it is taken.
template <class Beat>
class Channel {
 public:
  Channel(std::size_t beats, Beat beat, std::uint32_t percent)
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

using Words = std::vector<std::uint32_t>;

const std::uint32_t* data_of(const Words* words) {
  return words == nullptr ? nullptr : words->data();
}

}  // namespace

StreamOutcome run_stream(const spec::MatrixSpec& spec, MatrixPins& pins,
                         const MatrixOperands& operands, const Pacing& pacing) {
  const MatrixOperands::Counts counts = operands.counts();
  std::mt19937_64 random(pacing.seed);
  Channel<MatrixCommand> commands(counts.commands, {}, pacing.command);
  Channel<Words> activations(counts.activations, Words(spec.lanes_k()), pacing.activations);
  Channel<MatrixColumn> columns(counts.columns, {}, pacing.columns);
  Channel<Words> keys(counts.keys, Words(MatrixPins::key_words(spec)), pacing.keys);
  Channel<Words> scales(counts.scales, Words(std::size_t{spec.lanes_n()} * spec.slots()),
                        pacing.scales);

  StreamOutcome outcome;
  bool started = false;
  // A unit that makes no progress for so long is stuck: it is deeper than no pipeline of ours, and
  // the slowest pacing offers one beat in a hundred cycles.
  constexpr std::uint64_t kStuckCycles = 20000;
  std::uint64_t quiet = 0;
  for (std::uint64_t cycle = 0;;) {
    MatrixPins::Offer offer;
    offer.command = commands.offer(
        random, [&](std::size_t i, MatrixCommand& beat) { operands.command(i, beat); });
    offer.activations = data_of(activations.offer(
        random, [&](std::size_t i, Words& beat) { operands.activations(i, beat.data()); }));
    offer.column =
        columns.offer(random, [&](std::size_t i, MatrixColumn& beat) { operands.column(i, beat); });
    offer.keys = data_of(
        keys.offer(random, [&](std::size_t i, Words& beat) { operands.keys(i, beat.data()); }));
    offer.scales = data_of(
        scales.offer(random, [&](std::size_t i, Words& beat) { operands.scales(i, beat.data()); }));
    offer.out_ready = random() % 100 < pacing.out;

    const MatrixPins::Moved moved = pins.clock(offer);
    commands.moved(moved.command);
    activations.moved(moved.activations);
    columns.moved(moved.column);
    keys.moved(moved.keys);
    scales.moved(moved.scales);
    // The first step takes the first activations.
    started = started || moved.activations;
    if (moved.out != nullptr) {
      outcome.outputs.insert(outcome.outputs.end(), moved.out, moved.out + spec.lanes_n());
      outcome.output_cycles.push_back(cycle);
    }
    const bool all_taken =
        commands.done() && activations.done() && columns.done() && keys.done() && scales.done();
    if (moved.idle && started && all_taken) {
      outcome.cycles = cycle;
      break;
    }
    cycle += started ? 1 : 0;

    const bool progress = moved.command || moved.activations || moved.column || moved.keys ||
                          moved.scales || moved.out != nullptr;
    quiet = progress ? 0 : quiet + 1;
    if (quiet == kStuckCycles) {
      throw std::logic_error(
          "matrix_unit is stuck: commands " + commands.progress() + ", activations " +
          activations.progress() + ", columns " + columns.progress() + ", keys " + keys.progress() +
          ", scales " + scales.progress() + ", outputs " +
          std::to_string(outcome.output_cycles.size()) + "/" + std::to_string(counts.outputs));
    }
  }
  outcome.refused = {commands.refused(), activations.refused(), columns.refused(), keys.refused(),
                     scales.refused()};
  if (outcome.output_cycles.size() != counts.outputs) {
    throw std::logic_error("matrix_unit gave " + std::to_string(outcome.output_cycles.size()) +
                           " output beats, expected " + std::to_string(counts.outputs));
  }
  return outcome;
}

}  // namespace lutsim::rtl
