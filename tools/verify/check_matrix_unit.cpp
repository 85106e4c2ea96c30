// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "models/numerics/float_format.h"
#include "sim/matrix/matrix_tile.h"
#include "sim/matrix/matrix_timing.h"
#include "sim/rtl_bridge/matrix_driver.h"
#include "sim/rtl_bridge/matrix_operands.h"
#include "sim/rtl_bridge/matrix_stream.h"
#include "tools/verify/block_check.h"
#include "tools/verify/matrix_coverage.h"
#include "tools/verify/random_tiles.h"

namespace lutsim::tools {
namespace {

std::string describe(const sim::MatrixWork& work) {
  return fmt::format("{} rows {} features {} k {} group {} planes {} offset {}",
                     work.lut_broadcast ? "LUT-broadcast" : "weight-stationary", work.m_count,
                     work.n_count, work.k, work.group_size, work.planes, work.has_offset);
}

rtl::Pacing random_pacing(Random& random) {
  rtl::Pacing pacing;
  for (std::uint32_t* percent : {&pacing.command, &pacing.activations, &pacing.columns,
                                 &pacing.keys, &pacing.scales, &pacing.out}) {
    // Each handshake is the bottleneck of some vectors.
    *percent = one_in(random, 3) ? static_cast<std::uint32_t>(random_int(random, 5, 60)) : 100;
  }
  pacing.seed = random();
  return pacing;
}

/// Each handshake alone as the bottleneck, then all of them, then a reader so slow that steps wait
/// in every stage.
std::vector<rtl::Pacing> corner_pacings() {
  std::vector<rtl::Pacing> pacings(8);
  constexpr std::uint32_t kSlow = 20;
  pacings[0].command = pacings[1].activations = pacings[2].columns = kSlow;
  pacings[3].keys = pacings[4].scales = pacings[5].out = kSlow;
  pacings[6] = {50, 50, 50, 50, 50, 50, 0};
  pacings[7].out = 2;
  for (std::size_t i = 0; i < pacings.size(); ++i) pacings[i].seed = i;
  return pacings;
}

/// One Verilated unit and the golden model beside it, tile sequence after tile sequence.
class MatrixUnitCheck {
 public:
  MatrixUnitCheck(const rtl::BuiltMatrixUnit& unit, Comparison& comparison)
      : comparison_(comparison), spec_(unit.spec), pins_(unit.make()), psums_(unit.spec) {}

  const spec::MatrixSpec& spec() const { return spec_; }

  /// All operands offered in time: bits and cycles.
  void compare_in_time(const RandomTiles& random_tiles) {
    const std::vector<sim::MatrixTile> tiles = random_tiles.tiles();
    sim::PipelineClock clock(spec_);
    for (const sim::MatrixTile& tile : tiles) sim::add_tile(spec_, tile.work, clock);
    const rtl::StreamOutcome outcome = compare(tiles, {}, "in time");
    comparison_.same_cycles(outcome.cycles == clock.idle(), [&] {
      return fmt::format("{}: expected {} cycles, found {}", describe(tiles.back().work),
                         clock.idle(), outcome.cycles);
    });
  }

  /// Handshakes paced: bits.
  void compare_paced(const RandomTiles& random_tiles, const rtl::Pacing& pacing) {
    compare(random_tiles.tiles(), pacing, "late");
  }

  /// Everything that is in the unit is gone after a reset, in whatever stage it was.
  void reset_while_busy(const RandomTiles& random_tiles, std::uint32_t cycles) {
    const std::vector<sim::MatrixTile> tiles = random_tiles.tiles();
    const rtl::SequenceOperands operands(spec_, tiles);
    rtl::MatrixCommand command;
    operands.command(0, command);
    rtl::MatrixColumn column{true, std::vector<std::uint32_t>(rtl::MatrixPins::column_words(spec_)),
                             std::vector<std::uint32_t>(spec_.lanes_n())};
    std::vector<std::uint32_t> activations(spec_.lanes_k()),
        scales(std::size_t{spec_.lanes_n()} * spec_.slots()),
        keys(rtl::MatrixPins::key_words(spec_));
    rtl::MatrixPins::Offer offer;
    offer.command = &command;
    offer.column = &column;
    offer.activations = activations.data();
    offer.keys = keys.data();
    offer.scales = scales.data();
    offer.out_ready = false;
    for (std::uint32_t cycle = 0; cycle < cycles; ++cycle) pins_->clock(offer);
    pins_->reset();
    const rtl::MatrixPins::Moved after = pins_->clock({});
    comparison_.equal(after.idle && after.out == nullptr, [&] {
      return fmt::format("{}: not idle after a reset in cycle {}", describe(tiles[0].work), cycles);
    });
    comparison_.hit("reset while busy");
  }

 private:
  rtl::StreamOutcome compare(const std::vector<sim::MatrixTile>& tiles, const rtl::Pacing& pacing,
                             const char* offered) {
    std::vector<float> golden;
    for (const sim::MatrixTile& tile : tiles) golden = sim::golden_tile(spec_, tile, psums_).y;
    const sim::MatrixWork& work = tiles.back().work;
    rtl::StreamOutcome outcome =
        rtl::run_stream(spec_, *pins_, rtl::SequenceOperands(spec_, tiles), pacing);
    const std::vector<float> y = rtl::tile_results(spec_, work, outcome.outputs);
    for (std::size_t i = 0; i < golden.size(); ++i) {
      const std::uint32_t expected = models::fp32_bits(golden[i]);
      const std::uint32_t found = models::fp32_bits(y[i]);
      comparison_.equal(expected == found, [&] {
        return fmt::format("{}, operands {}, result [{}][{}]: expected {:#010x}, found {:#010x}",
                           describe(work), offered, i / work.n_count, i % work.n_count, expected,
                           found);
      });
    }
    note_tiles(comparison_, spec_, tiles, golden);
    note_stream(comparison_, spec_, pacing, outcome);
    return outcome;
  }

  Comparison& comparison_;
  spec::MatrixSpec spec_;
  std::unique_ptr<rtl::MatrixPins> pins_;
  sim::PsumMemory psums_;
};

void directed(MatrixUnitCheck& check, Random& random) {
  for (const CornerTiles& corner : corner_tiles(check.spec())) {
    check.compare_in_time(
        RandomTiles(check.spec(), random, corner.shape, corner.special_values, corner.non_finite));
  }
  const TileLimits limits = {2, 3, true};
  // One more cycle than the pipeline is deep fills every stage.
  for (std::uint32_t cycles = 1; cycles <= check.spec().pipeline_stages() + 2; ++cycles) {
    check.reset_while_busy(RandomTiles(check.spec(), random, limits), cycles);
  }
  constexpr std::uint32_t kRows = 8;
  for (const rtl::Pacing& pacing : corner_pacings()) {
    for (const bool lut_broadcast : {false, true}) {
      if (lut_broadcast && !spec::is_lut(check.spec().engine)) continue;
      TileShape shape;
      shape.lut_broadcast = lut_broadcast;
      shape.rows = lut_broadcast ? 1 : std::min(kRows, check.spec().psum_depth);
      shape.n = shape.n_count = check.spec().lanes_n();
      // Scales of the second segment come while the first is on its way.
      shape.group_size = check.spec().lanes_k();
      shape.k = 2 * shape.group_size;
      shape.planes = 2;
      shape.has_offset = true;
      check.compare_paced(RandomTiles(check.spec(), random, shape, false), pacing);
    }
  }
}

/// Grows with the number of the sequence: the first that fails is small.
TileLimits limits_of(std::uint32_t sequence) {
  TileLimits limits;
  limits.max_segments = std::min(limits.max_segments, 1 + sequence / 4);
  limits.max_beats = std::min(limits.max_beats, 1 + sequence);
  return limits;
}

}  // namespace

void check_matrix_unit(const std::string& configuration, Comparison& comparison,
                       std::uint64_t vectors, Random& random) {
  const rtl::BuiltMatrixUnit& unit = rtl::built_matrix_unit(configuration);
  declare_matrix_bins(comparison, unit.spec);
  MatrixUnitCheck check(unit, comparison);
  directed(check, random);
  // Many small tiles find more than a few large ones.
  constexpr std::uint32_t kLeastSequences = 16;
  const auto repeat = [&](std::uint64_t results, const auto& compare) {
    const std::uint64_t until = comparison.vectors() + results;
    for (std::uint32_t i = 0; i < kLeastSequences || comparison.vectors() < until; ++i) {
      compare(RandomTiles(check.spec(), random, limits_of(i)));
    }
  };
  repeat((vectors + 1) / 2, [&](const RandomTiles& tiles) { check.compare_in_time(tiles); });
  repeat(vectors / 2,
         [&](const RandomTiles& tiles) { check.compare_paced(tiles, random_pacing(random)); });
}

}  // namespace lutsim::tools
