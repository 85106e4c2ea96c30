// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "models/energy/event_energy.h"
#include "models/spec/matrix_spec.h"

namespace lutsim::models {

/// A part of the chip and the cells in it; amounts are of constants "area.*".
struct AreaCells {
  const char* name;
  bool is_logic;
  std::vector<Term> cells;
};

/// Parts of the matrix unit, by engine: every register, multiplexer, adder and multiplier that
/// docs/units/matrix.md draws.
std::vector<AreaCells> matrix_cells(const spec::MatrixSpec& matrix);

}  // namespace lutsim::models
