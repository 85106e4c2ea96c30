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

/// Energy at a node of 1 pJ at 180 nm and 1.8 V, in pJ.
struct ScalingFactor {
  double value = 0, low = 0, high = 0;
};
/// By models/energy/technology.h: the geometric mean of its two device models, and both.
ScalingFactor energy_scaling(double node_nm, double volts);
/// By the same to 45 nm, from there by the ratio of published energies of operations at 7 and 45
/// nm: their geometric mean, least and greatest.
ScalingFactor energy_scaling_by_operations_to_7nm();

/// What the published energies of operations say about energies of ours: published over ours.
struct OperationCheck {
  std::string name;
  double node_nm = 0;
  double published_pj = 0;
  std::string source;
  GateEnergy scaled;  ///< ours at that node
};
std::vector<OperationCheck> operation_checks(const Measurements& measured);

}  // namespace lutsim::gates
