// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "models/energy/energy_table.h"
#include "tools/energy_flow/gate_constants.h"
#include "tools/energy_flow/operation_checks.h"

/// Named energy tables from measured gates.
namespace lutsim::gates {

/// A process that the measured gates are scaled to.
struct TargetProcess {
  std::string table;  ///< "rtl-28nm"
  double node_nm = 0;
  double volts = 0;
  std::string literature;  ///< table that gives what gates cannot: memories, wires, leakage
  /// Published energies of operations disagree with the scaling equations: 7 nm.
  bool two_routes = false;
};

const TargetProcess& target_28nm();
const TargetProcess& target_7nm();
/// The gates as they were measured, for studies: the factor is 1.
const TargetProcess& gates_180nm();

/// energy_scaling() of the node; with two routes the geometric mean of both, which are the range.
ScalingFactor target_scaling(const TargetProcess& target);

/// How far published energies of operations at 45 nm lie from ours: the least and the greatest of
/// published / ours, over the operations of Horowitz 2014.
struct Spread {
  double least = 1, greatest = 1;
};
Spread published_spread(const Measurements& measured);

/// value: without glitches, by the mean factor (docs/energy_from_gates.md says why); low: times the
/// lower factor and the least of the spread; high: the greater of with glitches times the higher
/// factor and value times the greatest of the spread. Areas: cells at 70 % utilisation; low: 100 %;
/// high: 50 %. Constants from gates share one cause. Clock distribution: gate_clock(). Everything
/// that gates do not give is taken over from the literature table.
models::EnergyTableFile gate_table(const Measurements& measured, const TargetProcess& target,
                                   const models::EnergyTableFile& literature);

/// The file: a comment that says what it is, and the canonical YAML.
std::string gate_table_yaml(const models::EnergyTableFile& table);

}  // namespace lutsim::gates
