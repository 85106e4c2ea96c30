// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "models/spec/arch_spec.h"
#include "sim/matrix/matrix_tile.h"
#include "sim/rtl_bridge/matrix_pins.h"

namespace lutsim::rtl {

/// Executes tiles on the Verilated matrix unit: same results and same cycles as sim::golden_tile().
/// Partial sums stay in the unit's memory between tiles.
class MatrixDriver {
 public:
  /// Throws spec::SpecError naming the units that there are if none was verilated for `spec`.
  explicit MatrixDriver(const spec::MatrixSpec& spec);

  /// Clocks the unit until it is idle again, every operand offered in time. Throws spec::SpecError
  /// as sim::validate(), std::logic_error if the unit breaks its protocol.
  sim::TileOutcome run_tile(const sim::MatrixTile& tile);

 private:
  spec::MatrixSpec spec_;
  std::unique_ptr<MatrixPins> pins_;
};

}  // namespace lutsim::rtl
