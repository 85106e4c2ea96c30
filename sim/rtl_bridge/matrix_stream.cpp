// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_stream.h"

#include <random>
#include <stdexcept>
#include <string>

#include "sim/rtl_bridge/channel.h"

namespace lutsim::rtl {
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
