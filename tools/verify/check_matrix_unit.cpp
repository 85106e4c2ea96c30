// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <string>
#include <vector>

#include "models/numerics/float_format.h"
#include "sim/matrix/matrix_tile.h"
#include "sim/matrix/matrix_timing.h"
#include "sim/rtl_bridge/matrix_driver.h"
#include "sim/rtl_bridge/matrix_operands.h"
#include "sim/rtl_bridge/matrix_stream.h"
#include "tools/verify/block_check.h"
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
  for (std::uint32_t* percent :
       {&pacing.command, &pacing.activations, &pacing.keys, &pacing.scales, &pacing.out}) {
    // Each handshake is the bottleneck of some vectors.
    *percent = one_in(random, 3) ? static_cast<std::uint32_t>(random_int(random, 5, 60)) : 100;
  }
  pacing.seed = random();
  return pacing;
}

}  // namespace

void check_matrix_unit(const std::string& configuration, Comparison& comparison,
                           std::uint64_t vectors, Random& random) {
  const rtl::BuiltMatrixUnit& unit = rtl::built_matrix_unit(configuration);
  const spec::MatrixSpec& spec = unit.spec;
  const auto pins = unit.make();
  sim::PsumMemory psums(spec);
  // Many small tiles find more than a few large ones.
  constexpr std::uint32_t kLeastSequences = 16;
  for (std::uint32_t sequence = 0; sequence < kLeastSequences || comparison.vectors() < vectors;
       ++sequence) {
    const RandomTiles random_tiles(spec, random);
    const std::vector<sim::MatrixTile> tiles = random_tiles.tiles();
    std::uint64_t steps = 0;
    std::vector<float> golden;
    for (const sim::MatrixTile& tile : tiles) {
      steps += sim::tile_steps(spec, tile.work);
      golden = sim::golden_tile(spec, tile, psums).y;
    }
    const sim::MatrixWork& work = tiles.back().work;
    const rtl::SequenceOperands operands(spec, tiles);

    const auto compare = [&](const rtl::StreamOutcome& outcome, const char* offered) {
      const std::vector<float> y = rtl::tile_results(spec, work, outcome.outputs);
      for (std::size_t i = 0; i < golden.size(); ++i) {
        const std::uint32_t expected = models::fp32_bits(golden[i]);
        const std::uint32_t found = models::fp32_bits(y[i]);
        comparison.equal(expected == found, [&] {
          return fmt::format("{}, operands {}, result [{}][{}]: expected {:#010x}, found {:#010x}",
                             describe(work), offered, i / work.n_count, i % work.n_count, expected,
                             found);
        });
      }
    };
    const rtl::StreamOutcome in_time = rtl::run_stream(spec, *pins, operands);
    compare(in_time, "in time");
    comparison.same_cycles(in_time.cycles == sim::tile_cycles(steps), [&] {
      return fmt::format("{}: expected {} cycles, found {}", describe(work),
                         sim::tile_cycles(steps), in_time.cycles);
    });
    compare(rtl::run_stream(spec, *pins, operands, random_pacing(random)), "at random");
  }
}

}  // namespace lutsim::tools
