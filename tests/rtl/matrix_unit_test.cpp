// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "sim/matrix/matrix_timing.h"
#include "sim/rtl_bridge/matrix_driver.h"
#include "sim/rtl_bridge/matrix_operands.h"
#include "sim/rtl_bridge/matrix_stream.h"
#include "tests/rtl/matmul.h"
#include "tools/verify/verify.h"

/// rtl/matrix/matrix_unit.sv in every configuration that was verilated: docs/units/matrix.md.
namespace lutsim::test {
namespace {

std::vector<std::string> configurations() {
  std::vector<std::string> names;
  for (const rtl::BuiltMatrixUnit& unit : rtl::built_matrix_units()) names.push_back(unit.name);
  return names;
}

/// Every configuration in every dataflow that its engine has.
std::vector<std::tuple<std::string, bool>> dataflows() {
  std::vector<std::tuple<std::string, bool>> all;
  for (const rtl::BuiltMatrixUnit& unit : rtl::built_matrix_units()) {
    all.emplace_back(unit.name, false);
    if (spec::is_lut(unit.spec.engine)) all.emplace_back(unit.name, true);
  }
  return all;
}

/// GoogleTest takes letters and underscores.
std::string test_name(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class RandomTilesOf : public testing::TestWithParam<std::tuple<std::string, std::uint64_t>> {};

TEST_P(RandomTilesOf, GiveTheBitsAndCyclesOfTheGoldenModel) {
  const auto& [configuration, seed] = GetParam();
  const auto results = tools::verify_blocks({"matrix_unit:" + configuration}, 20000, seed);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_GE(results[0].vectors, 20000u);
  EXPECT_TRUE(results[0].passed())
      << "seed " << seed << ": " << results[0].mismatches << " of " << results[0].vectors
      << " results and " << results[0].cycle_mismatches
      << " cycle counts differ, first: " << results[0].first_mismatch;
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTilesOf,
                         testing::Combine(testing::ValuesIn(configurations()),
                                          testing::Range<std::uint64_t>(0, 8)),
                         [](const auto& info) {
                           return test_name(std::get<0>(info.param)) + "_" +
                                  std::to_string(std::get<1>(info.param));
                         });

class MatrixUnit : public testing::TestWithParam<std::tuple<std::string, bool>> {
 protected:
  const rtl::BuiltMatrixUnit& unit_ = rtl::built_matrix_unit(std::get<0>(GetParam()));
  const spec::MatrixSpec spec_ = unit_.spec;
  const bool lut_broadcast_ = std::get<1>(GetParam());
  const bool bit_serial_ = spec::is_bit_serial(spec_.engine);
  const bool aligned_ = spec::is_aligned(spec_.engine);
  const std::unique_ptr<rtl::MatrixPins> pins_ = unit_.make();
  sim::PsumMemory psums_{spec_};

  /// A matmul of `beats` output beats in the dataflow under test.
  Matmul matmul(std::uint32_t beats, std::uint32_t k, std::uint32_t planes, bool with_offset,
                std::uint32_t group_size = 0) const {
    const std::uint32_t rows = lut_broadcast_ ? 1 : beats;
    const std::uint32_t n = spec_.lanes_n() * (lut_broadcast_ ? beats : 1);
    if (bit_serial_) return Matmul(rows, k, n, planes, with_offset, group_size);
    return Matmul(rows, k, n, std::min(planes, spec_.planes), true, group_size).make_uniform();
  }
  /// The same filled with a pattern.
  Matmul filled(std::uint32_t beats, std::uint32_t k, std::uint32_t planes, bool with_offset,
                std::uint32_t group_size = 0) const {
    Matmul m = matmul(beats, k, planes, with_offset, group_size).fill();
    return bit_serial_ ? m : m.make_uniform();
  }
  std::vector<std::uint32_t> golden(const sim::MatrixTile& tile) {
    return bits_of(sim::golden_tile(spec_, tile, psums_).y);
  }
  std::vector<std::uint32_t> results(const sim::MatrixTile& tile, const rtl::Pacing& pacing = {}) {
    const auto stream = rtl::run_stream(spec_, *pins_, rtl::TileOperands(spec_, tile), pacing);
    return bits_of(rtl::tile_results(spec_, tile.work, stream.outputs));
  }
};

INSTANTIATE_TEST_SUITE_P(Dataflows, MatrixUnit, testing::ValuesIn(dataflows()),
                         [](const auto& info) {
                           return test_name(std::get<0>(info.param)) + (std::get<1>(info.param)
                                                                            ? "_lut_broadcast"
                                                                            : "_weight_stationary");
                         });

TEST_P(MatrixUnit, UsesEveryAddressOfThePartialSums) {
  const auto m = filled(spec_.psum_depth, spec_.lanes_k() * 2 + 3, 3, true);
  const auto tile = m.tile(spec_, lut_broadcast_);
  EXPECT_EQ(results(tile), golden(tile));
}

TEST_P(MatrixUnit, SumsOfTheGreatestMagnitudeFit) {
  // Every activation at the top of its power of two, every weight the greatest of one sign: the
  // widest sum. 65280 is 255 * 2^8, a number of every activation format; FP16 sums of it overflow.
  const float x = aligned_ ? 65280.0f : 2040.0f;
  for (const bool positive : {false, true}) {
    auto m = matmul(1, spec_.lanes_k(), bit_serial_ ? 1 : spec_.planes, true);
    const std::uint32_t planes = m.weights.weight_bits;
    for (float& value : m.x) value = x;
    for (std::uint32_t p = 0; positive && p < planes; ++p) {
      for (std::uint32_t n = 0; n < m.weights.n; ++n) {
        for (std::uint32_t k = 0; k < m.weights.k; ++k) m.weights.set_bit(p, n, k, true);
      }
    }
    // Bit-serial: +-1 + 1. Integers: scale 2, zero point 0 or the greatest.
    const auto levels = static_cast<float>((1u << planes) - 1);
    for (float& offset : m.weights.offset) {
      offset = bit_serial_ ? 1.0f : positive ? levels : -levels;
    }
    const auto tile = m.tile(spec_, lut_broadcast_);
    const auto y = results(tile);
    EXPECT_EQ(y, golden(tile));
    const float weight =
        bit_serial_ ? (positive ? 2.0f : 0.0f) : (positive ? 2.0f : -2.0f) * levels;
    // Alignment drops less than one unit of 2^(1-align_bits) of the greatest exponent's range, an
    // FP16 sum less than 2^-11 of itself a level of the tree.
    const float dropped = aligned_ ? std::ldexp(65536.0f, 2 - static_cast<int>(spec_.align_bits))
                                   : std::ldexp(x, -10) * static_cast<float>(spec_.array_cols);
    EXPECT_NEAR(models::fp32_from_bits(y[0]), weight * x * static_cast<float>(m.weights.k),
                2 * dropped * levels * m.weights.k);
  }
}

TEST_P(MatrixUnit, AnInfinityOrNaNSpoilsItsRowAndNoOther) {
  const std::uint32_t beats = std::min(2u, spec_.psum_depth);
  auto m = filled(beats, spec_.lanes_k() * 2, 2, false);
  m.x[spec_.lanes_k() + 1] = INFINITY;  // second segment of the first row
  const auto tile = m.tile(spec_, lut_broadcast_);
  const auto y = results(tile);
  EXPECT_EQ(y, golden(tile));
  // Aligned engines make all of it NaN, the others keep infinities.
  const auto spoiled = [&](std::uint32_t bits) {
    return aligned_ ? bits == models::kCanonicalNanFp32
                    : !std::isfinite(models::fp32_from_bits(bits));
  };
  EXPECT_TRUE(spoiled(y.front()));
  // LUT-broadcast has one row: all of it. Weight-stationary: the last row is another one.
  EXPECT_EQ(spoiled(y.back()), lut_broadcast_ || beats == 1);
}

TEST_P(MatrixUnit, KeepsSubnormalResults) {
  if (!bit_serial_) GTEST_SKIP() << "no scale of integer weights is so small";
  auto m = matmul(1, 2, 1, true);
  for (float& x : m.x) x = std::ldexp(1.0f, -15);  // subnormal in FP16
  for (std::uint16_t& alpha : m.weights.alpha) alpha = 0;
  for (float& offset : m.weights.offset) offset = std::ldexp(1.0f, -127);
  const auto tile = m.tile(spec_, lut_broadcast_);
  const auto y = results(tile);
  EXPECT_EQ(y, golden(tile));
  EXPECT_EQ(models::fp32_from_bits(y[0]), std::ldexp(2.0f, -142));
}

TEST_P(MatrixUnit, EveryNumberOfPlanesWithAndWithoutOffset) {
  for (std::uint32_t planes = 1; planes <= 8; ++planes) {
    for (const bool offset : {false, true}) {
      const auto m = filled(std::min(3u, spec_.psum_depth), spec_.lanes_k() + 1, planes, offset);
      const auto tile = m.tile(spec_, lut_broadcast_);
      EXPECT_EQ(results(tile), golden(tile)) << planes << " planes, offset " << offset;
    }
  }
}

TEST_P(MatrixUnit, CommandsFollowEachOtherWithoutABubble) {
  // Three matmuls of different shapes; their scale groups end within the lanes of the array.
  const std::uint32_t most = std::min(5u, spec_.psum_depth);
  const std::uint32_t k = spec_.lanes_k();
  const std::vector<Matmul> matmuls = {filled(most, k * 2 + 5, 2, true, k - 3),
                                       filled(1, 3, 1, false),
                                       filled(std::max(1u, most - 1), k + 1, 4, false)};
  std::vector<sim::MatrixTile> tiles;
  std::vector<std::uint64_t> expected_cycles;
  std::vector<std::uint32_t> expected;
  sim::PipelineClock clock(spec_);
  for (const Matmul& m : matmuls) {
    tiles.push_back(m.tile(spec_, lut_broadcast_));
    const auto y = golden(tiles.back());
    expected.insert(expected.end(), y.begin(), y.end());
    sim::add_tile(spec_, tiles.back().work, clock);
    const std::uint32_t beats = sim::tile_beats(spec_, tiles.back().work);
    for (std::uint32_t beat = 0; beat < beats; ++beat) {
      // The last pass of the last segment emits one beat a cycle.
      expected_cycles.push_back(clock.idle() - beats + beat);
    }
  }
  const auto outcome = rtl::run_stream(spec_, *pins_, rtl::SequenceOperands(spec_, tiles));
  EXPECT_EQ(outcome.outputs, expected);
  EXPECT_EQ(outcome.output_cycles, expected_cycles);
  EXPECT_EQ(outcome.cycles, clock.idle());
}

TEST_P(MatrixUnit, ATileThatKeepsItsPartialSumsTakesTheSameCycles) {
  const auto m = filled(1, spec_.lanes_k() * 3, 2, false);
  sim::MatrixTile begin = m.tile(spec_, lut_broadcast_);
  begin.work.last = false;
  begin.work.segment_count = 2;
  sim::MatrixTile end = m.tile(spec_, lut_broadcast_);
  end.work.first = false;
  end.work.segment_begin = 2;
  end.work.segment_count = 1;
  const auto without_output = rtl::run_stream(spec_, *pins_, rtl::TileOperands(spec_, begin));
  EXPECT_EQ(without_output.cycles, sim::tile_cycles(spec_, begin.work));
  EXPECT_TRUE(without_output.outputs.empty());
  // The partial sums survive an idle unit.
  EXPECT_EQ(results(end), golden(m.tile(spec_, lut_broadcast_)));
}

TEST_P(MatrixUnit, EveryHandshakeAloneMayBeTheBottleneck) {
  const auto m = filled(std::min(4u, spec_.psum_depth), spec_.lanes_k() * 2 + 1, 3, true);
  const auto tile = m.tile(spec_, lut_broadcast_);
  const auto expected = golden(tile);
  for (std::uint32_t rtl::Pacing::*channel :
       {&rtl::Pacing::command, &rtl::Pacing::activations, &rtl::Pacing::columns, &rtl::Pacing::keys,
        &rtl::Pacing::scales, &rtl::Pacing::out}) {
    for (const std::uint32_t percent : {7u, 50u}) {
      rtl::Pacing pacing;
      pacing.*channel = percent;
      pacing.seed = 11 + percent;
      EXPECT_EQ(results(tile, pacing), expected) << percent << " %, seed " << pacing.seed;
    }
  }
}

TEST_P(MatrixUnit, OutputsLeaveWhileOperandsOfLaterCommandsAreMissing) {
  // A stage that waits for its operand holds only what is behind it: the first matmul must come out
  // although no weight of the second is ever offered.
  const auto m = filled(1, 3, 1, false);
  const auto tile = m.tile(spec_, lut_broadcast_);
  const rtl::TileOperands operands(spec_, tile);
  const std::size_t column_beats = operands.counts().columns;
  rtl::MatrixCommand command;
  rtl::MatrixColumn column;
  std::vector<std::uint32_t> activations(spec_.lanes_k());
  std::vector<std::uint32_t> scales(std::size_t{spec_.lanes_n()} * spec_.slots());
  std::vector<std::uint32_t> keys(rtl::MatrixPins::key_words(spec_));
  operands.command(0, command);
  operands.activations(0, activations.data());
  if (lut_broadcast_) operands.keys(0, keys.data());
  operands.scales(0, scales.data());
  std::uint32_t commands = 0, columns = 0, key_beats = 0, outputs = 0;
  for (int cycle = 0; cycle < 40; ++cycle) {
    rtl::MatrixPins::Offer offer;
    offer.command = commands < 2 ? &command : nullptr;
    offer.activations = activations.data();
    if (!lut_broadcast_ && columns < column_beats) {
      operands.column(columns, column);
      offer.column = &column;
    }
    offer.keys = lut_broadcast_ && key_beats < 1 ? keys.data() : nullptr;
    offer.scales = scales.data();
    const auto moved = pins_->clock(offer);
    commands += moved.command;
    columns += moved.column;
    key_beats += moved.keys;
    outputs += moved.out != nullptr;
  }
  EXPECT_EQ(commands, 2u);
  EXPECT_EQ(outputs, 1u);
}

TEST_P(MatrixUnit, WeightStationaryPassesWaitForTheirColumns) {
  // A matmul of one row is bound by loading: a plain weight-stationary array is almost idle on it.
  if (lut_broadcast_) GTEST_SKIP() << "keys are broadcast";
  const auto m = filled(1, spec_.lanes_k() * 2, 1, true);
  const auto tile = m.tile(spec_, false);
  const auto outcome = rtl::run_stream(spec_, *pins_, rtl::TileOperands(spec_, tile));
  const std::uint32_t loads = 2;  // passes with planes, one a segment
  EXPECT_GE(outcome.cycles, loads * spec_.array_cols);
  EXPECT_EQ(outcome.cycles, sim::tile_cycles(spec_, tile.work));
}

TEST_P(MatrixUnit, RefusesAnIllegalCommand) {
  rtl::MatrixCommand command;
  command.lut_broadcast = lut_broadcast_;
  command.planes = 9;
  rtl::MatrixPins::Offer offer;
  offer.command = &command;
  EXPECT_THROW(pins_->clock(offer), std::logic_error);
  const auto another = unit_.make();
  command.planes = 1;
  command.beats = spec_.psum_depth + 1;
  EXPECT_THROW(another->clock(offer), std::logic_error);
}

TEST_P(MatrixUnit, RefusesAnOfferThatIsWithdrawn) {
  const std::vector<std::uint32_t> activations(spec_.lanes_k());
  // Without a command the activations are not taken.
  rtl::MatrixPins::Offer offer;
  offer.activations = activations.data();
  EXPECT_FALSE(pins_->clock(offer).activations);
  EXPECT_THROW(
      {
        for (int i = 0; i < 3; ++i) pins_->clock({});
      },
      std::logic_error);
}

}  // namespace
}  // namespace lutsim::test
