// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_stream.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>

#include "models/numerics/float_format.h"
#include "sim/rtl_bridge/paced_channel.h"

namespace lutsim::rtl {
namespace {

using Words = std::vector<std::uint32_t>;

const std::uint32_t* data_of(const Words* words) {
  return words == nullptr ? nullptr : words->data();
}

}  // namespace

StreamOutcome run_stream(const spec::MatrixSpec& spec, MatrixPins& pins,
                         const MatrixOperands& operands, const Pacing& pacing) {
  const MatrixOperands::Counts counts = operands.counts();
  std::mt19937_64 random(pacing.seed);
  PacedChannel<MatrixCommand> commands(counts.commands, pacing.command);
  PacedChannel<Words> activations(counts.activations, pacing.activations, Words(spec.lanes_k()));
  PacedChannel<MatrixColumn> columns(counts.columns, pacing.columns);
  PacedChannel<Words> keys(counts.keys, pacing.keys, Words(MatrixPins::key_words(spec)));
  PacedChannel<Words> scales(counts.scales, pacing.scales,
                             Words(std::size_t{spec.lanes_n()} * spec.slots()));

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

std::vector<float> tile_results(const spec::MatrixSpec& spec, const sim::MatrixWork& work,
                                const std::vector<std::uint32_t>& outputs) {
  if (!work.last) return {};
  // Weight-stationary: one beat a row. LUT-broadcast: the beats of the only row one after another.
  const std::uint64_t stride = work.lut_broadcast ? outputs.size() : spec.lanes_n();
  std::vector<float> y;
  for (std::uint64_t row = 0; row < work.m_count; ++row) {
    const std::uint32_t* first = outputs.data() + row * stride;
    std::transform(first, first + work.n_count, std::back_inserter(y), models::fp32_from_bits);
  }
  return y;
}

}  // namespace lutsim::rtl
