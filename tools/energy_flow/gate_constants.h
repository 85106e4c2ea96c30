// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "tools/energy_flow/measurements.h"

/// From measured blocks to the constants of models/energy/constants.def, still at 180 nm.
namespace lutsim::gates {

struct GateConstant {
  std::string name;    ///< with "@EVENT" when it holds in the formula of that event alone
  GateEnergy energy;   ///< pJ
  double wires = 1;    ///< factor of what wires may add at most, where pins alone say little
  std::string origin;  ///< what was measured and what it was divided by
};

struct GateArea {
  std::string name;
  double um2 = 0;  ///< cell area
  std::string origin;
};

/// Generic constants from single operators and registers, then one for every event whose blocks
/// were measured, so that the formula gives the measured energy at the measured geometry.
std::vector<GateConstant> gate_constants(const Measurements& measured);

std::vector<GateArea> gate_areas(const Measurements& measured);

/// Clock distribution of the matrix unit, pJ for a um2 of cells and a clock cycle. The library
/// gives the clock gates, which are the ends of the tree, not the wires and buffers above them:
/// `value` is what the gates cost over all engines, times three for wires of twice their pins.
/// `low`: the gates alone, in the engine where they cost least. `high`: an edge at every register
/// in every cycle, as without clock gates, in the engine where that costs most.
struct ClockDensity {
  double value = 0, low = 0, high = 0;
};
ClockDensity gate_clock(const Measurements& measured);

}  // namespace lutsim::gates
