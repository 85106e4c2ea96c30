// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_driver.h"

#include "sim/rtl_bridge/matrix_operands.h"
#include "sim/rtl_bridge/matrix_stream.h"

namespace lutsim::rtl {

MatrixDriver::MatrixDriver(const spec::MatrixSpec& spec)
    : spec_(spec), pins_(MatrixPins::make(spec)) {}

sim::TileOutcome MatrixDriver::run_tile(const sim::MatrixTile& tile) {
  const StreamOutcome stream = run_stream(spec_, *pins_, TileOperands(spec_, tile));
  return {tile_results(spec_, tile.work, stream.outputs), stream.cycles};
}

}  // namespace lutsim::rtl
