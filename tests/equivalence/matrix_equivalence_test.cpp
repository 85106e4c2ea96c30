// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "models/engine/engine.h"
#include "sim/matrix/matrix_cost.h"
#include "sim/matrix/matrix_tile.h"
#include "sim/rtl_bridge/matrix_driver.h"
#include "tests/rtl/matmul.h"
#include "tools/verify/random_tiles.h"

/// golden = SystemC = RTL for tiles of the matrix unit. The SystemC unit takes its results from the
/// golden tile and its cycles from matrix_cost(); the driver is what replaces it (sim/rtl_bridge).
namespace lutsim::test {
namespace {

using testing::HasSubstr;

class MatrixEquivalence : public testing::TestWithParam<std::string> {
 protected:
  const spec::MatrixSpec spec_ = rtl::built_matrix_unit(GetParam()).spec;
};

std::vector<std::string> configurations() {
  std::vector<std::string> names;
  for (const rtl::BuiltMatrixUnit& unit : rtl::built_matrix_units()) names.push_back(unit.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Configurations, MatrixEquivalence, testing::ValuesIn(configurations()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(MatrixEquivalence, TilesGiveTheSameBitsAtTheSameCycles) {
  rtl::MatrixDriver driver(spec_);
  sim::PsumMemory psums(spec_);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    tools::Random random(seed);
    const tools::RandomTiles tiles(spec_, random);
    for (const sim::MatrixTile& tile : tiles.tiles()) {
      const sim::TileOutcome golden = sim::golden_tile(spec_, tile, psums);
      const sim::TileOutcome rtl = driver.run_tile(tile);
      EXPECT_EQ(bits_of(rtl.y), bits_of(golden.y)) << "seed " << seed;
      EXPECT_EQ(rtl.cycles, golden.cycles) << "seed " << seed;
      EXPECT_EQ(rtl.cycles, sim::matrix_cost(spec_, tile.work).cycles) << "seed " << seed;
    }
  }
}

TEST_P(MatrixEquivalence, TilesOfAMatmulGiveTheMatmul) {
  // More features than lanes, a remainder in every dimension, both dataflows.
  const std::uint32_t rows = std::min(3u, spec_.psum_depth), n = spec_.lanes_n() + 5;
  Matmul m = Matmul(rows, spec_.lanes_k() * 2 + 7, n, 3, true, spec_.lanes_k() + 1).fill();
  if (!spec::is_bit_serial(spec_.engine)) m.make_uniform();
  std::vector<float> expected(std::size_t{rows} * n);
  models::engine_gemm(spec_, m.x.data(), rows, m.weights, expected.data());

  rtl::MatrixDriver driver(spec_);
  std::vector<float> stationary(expected.size()), broadcast(expected.size());
  for (std::uint32_t begin = 0; begin < n; begin += spec_.lanes_n()) {
    sim::MatrixTile tile = m.tile(spec_, false);
    tile.work.n_begin = begin;
    tile.work.n_count = std::min(spec_.lanes_n(), n - begin);
    const sim::TileOutcome outcome = driver.run_tile(tile);
    for (std::uint32_t row = 0; row < rows; ++row) {
      std::copy_n(outcome.y.begin() + row * tile.work.n_count, tile.work.n_count,
                  stationary.begin() + row * n + begin);
    }
  }
  EXPECT_EQ(bits_of(stationary), bits_of(expected));
  if (!spec::is_lut(spec_.engine)) return;
  const std::uint32_t features = spec_.lanes_n() * spec_.psum_depth;
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t begin = 0; begin < n; begin += features) {
      sim::MatrixTile tile = m.tile(spec_, true);
      tile.work.m_begin = row;
      tile.work.m_count = 1;
      tile.work.n_begin = begin;
      tile.work.n_count = std::min(features, n - begin);
      const sim::TileOutcome outcome = driver.run_tile(tile);
      std::copy_n(outcome.y.begin(), tile.work.n_count, broadcast.begin() + row * n + begin);
    }
  }
  EXPECT_EQ(bits_of(broadcast), bits_of(expected));
}

TEST_P(MatrixEquivalence, GoldenAndRtlRefuseTheSameTiles) {
  const bool bit_serial = spec::is_bit_serial(spec_.engine);
  Matmul m(1, 2, 1, 2, !bit_serial);
  if (!bit_serial) m.make_uniform();
  const auto refused = [&](void (*break_it)(sim::MatrixTile&), const char* text) {
    sim::MatrixTile tile = m.tile(spec_, false);
    break_it(tile);
    sim::PsumMemory psums(spec_);
    rtl::MatrixDriver driver(spec_);
    const std::vector<std::function<void()>> executors = {
        [&] { sim::golden_tile(spec_, tile, psums); }, [&] { driver.run_tile(tile); }};
    for (const auto& execute : executors) {
      try {
        execute();
        ADD_FAILURE() << "not refused: " << text;
      } catch (const spec::SpecError& error) {
        EXPECT_THAT(error.what(), HasSubstr(text));
      }
    }
  };
  refused([](sim::MatrixTile& t) { t.work.m_count = 0; }, "m_count = 0, must be 1..");
  if (spec::is_lut(spec_.engine)) {
    refused([](sim::MatrixTile& t) { t.work.lut_broadcast = true, t.work.m_count = 2; },
            "m_count = 2, must be 1..1");
  } else {
    refused([](sim::MatrixTile& t) { t.work.lut_broadcast = true; }, "has no LUTs");
  }
  refused([](sim::MatrixTile& t) { t.work.m_count = 100000; }, "m_count = 100000, must be 1..");
  refused([](sim::MatrixTile& t) { t.work.n_count = 0; }, "n_count = 0");
  refused([](sim::MatrixTile& t) { t.work.n_begin = 1; }, "n_begin + n_count = 2, must be 1..1");
  refused([](sim::MatrixTile& t) { t.work.k = 9; }, "k = 9, must be 2, that of the weights");
  refused([](sim::MatrixTile& t) { t.work.planes = 3; }, "planes = 3, must be 2");
  refused([](sim::MatrixTile& t) { t.work.has_offset = !t.work.has_offset; }, "has_offset = ");
  refused([](sim::MatrixTile& t) { t.work.segment_count = 2; },
          "segment_begin + segment_count = 2, must be 1..1");
  refused([](sim::MatrixTile& t) { t.weights = nullptr; }, "must be given");
}

}  // namespace
}  // namespace lutsim::test
