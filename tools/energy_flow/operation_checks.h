// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "tools/energy_flow/measurements.h"

/// Scaling of what was measured at 180 nm, and what published energies of operations say about it.
namespace lutsim::gates {

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
