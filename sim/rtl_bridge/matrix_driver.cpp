// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_driver.h"

#include <algorithm>

#include "models/numerics/float_format.h"
#include "sim/rtl_bridge/matrix_operands.h"
#include "sim/rtl_bridge/matrix_stream.h"

namespace lutsim::rtl {

MatrixDriver::MatrixDriver(const spec::MatrixSpec& spec)
    : spec_(spec), pins_(MatrixPins::make(spec)) {}

sim::TileOutcome MatrixDriver::run_tile(const sim::MatrixTile& tile) {
  const StreamOutcome stream = run_stream(spec_, *pins_, TileOperands(spec_, tile));
  return {tile_results(spec_, tile.work, stream.outputs), stream.cycles};
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
