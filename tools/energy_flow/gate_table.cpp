// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/gate_table.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "models/config/write_yaml.h"
#include "models/energy/technology.h"
#include "tools/energy_flow/markdown.h"

namespace lutsim::gates {
namespace {

constexpr double kUtilisation = 0.7, kLeastUtilisation = 0.5;

/// Three significant digits.
double rounded(double value) { return std::strtod(number(value).c_str(), nullptr); }

/// Common cause of what our gates are wrong about at a node: the scaling, glitches, and how far
/// published operations lie from ours move all of them together.
std::string logic_cause(const TargetProcess& target) {
  return "logic-" + number(target.node_nm) + "nm";
}

std::string node_name(const TargetProcess& target) {
  return number(target.node_nm) + " nm at " + number(target.volts) + " V";
}

/// Most constants have no common cause; the canonical YAML says so for each.
std::string without_empty_causes(std::string yaml) {
  const std::string line = "    shares: \"\"\n";
  for (auto at = yaml.find(line); at != std::string::npos; at = yaml.find(line, at)) {
    yaml.erase(at, line.size());
  }
  return yaml;
}

}  // namespace

const TargetProcess& target_28nm() {
  static const TargetProcess target{"rtl-28nm", 28, 0.8, "literature-28nm", false};
  return target;
}

const TargetProcess& gates_180nm() {
  static const TargetProcess target{"gates-180nm", 180, 1.8, "literature-28nm", false};
  return target;
}

const TargetProcess& target_7nm() {
  static const TargetProcess target{"rtl-7nm", 7, 0.8, "literature-7nm", true};
  return target;
}

ScalingFactor target_scaling(const TargetProcess& target) {
  const ScalingFactor equations = energy_scaling(target.node_nm, target.volts);
  if (!target.two_routes) return equations;
  const ScalingFactor operations = energy_scaling_by_operations_to_7nm();
  return {std::sqrt(equations.value * operations.value), std::min(equations.low, operations.low),
          std::max(equations.high, operations.high)};
}

Spread published_spread(const Measurements& measured) {
  Spread spread;
  for (const OperationCheck& check : operation_checks(measured)) {
    if (check.source.rfind("Horowitz", 0) != 0) continue;
    const double ratio = check.published_pj / check.scaled.zero_delay;
    spread.least = std::min(spread.least, ratio);
    spread.greatest = std::max(spread.greatest, ratio);
  }
  return spread;
}

models::EnergyTableFile gate_table(const Measurements& measured, const TargetProcess& target,
                                   const models::EnergyTableFile& literature) {
  models::EnergyTableFile table;
  table.name = target.table;
  table.description = "Energies and areas of our RTL as gates, scaled from 180 nm to " +
                      node_name(target) + "; memories, wires, leakage and control from " +
                      target.literature + ".";
  table.node = rounded(target.node_nm * 1e-9);
  table.voltage = target.volts;
  table.include = literature.include;

  const ScalingFactor factor = target_scaling(target);
  const Spread spread = published_spread(measured);
  constexpr double kPico = 1e-12;
  std::set<std::string> given;
  for (const GateConstant& constant : gate_constants(measured)) {
    const GateEnergy& e = constant.energy;
    const double value = e.zero_delay * factor.value;
    const double high =
        std::max(e.with_glitches * factor.high, value * spread.greatest) * constant.wires;
    table.entries.push_back({constant.name, rounded(value * kPico),
                             rounded(e.zero_delay * factor.low * spread.least * kPico),
                             rounded(high * kPico), models::Confidence::scaled,
                             constant.origin + ": " + number(e.zero_delay) + " pJ, " +
                                 number(e.with_glitches) + " with glitches, at 180 nm x" +
                                 number(factor.value),
                             logic_cause(target)});
    given.insert(constant.name);
  }
  const double shrink = models::area_factor(target.node_nm);
  const ClockDensity clock = gate_clock(measured);
  const double pico_mm2 = kPico * 1e6 * kUtilisation / shrink;  // J/mm2 placed of pJ/um2 of cells
  table.entries.push_back(
      {"clock_tree_mm2", rounded(clock.value * factor.value * pico_mm2),
       rounded(clock.low * factor.low * pico_mm2), rounded(clock.high * factor.high * pico_mm2),
       models::Confidence::scaled,
       "clock gates of all engines, the ends of the tree, with wires of twice their pins: " +
           number(clock.value) + " pJ/um2 of cells at 180 nm x" + number(factor.value) + " / (" +
           number(shrink) + " / 0.7); low: the gates alone; high: no clock gates, every register " +
           "clocked in every cycle",
       logic_cause(target)});
  given.insert("clock_tree_mm2");
  constexpr double kSquareMicro = 1e-12;
  for (const GateArea& area : gate_areas(measured)) {
    const double cells = area.um2 * shrink * kSquareMicro;
    table.areas.push_back({area.name, rounded(cells / kUtilisation), rounded(cells),
                           rounded(cells / kLeastUtilisation), models::Confidence::scaled,
                           area.origin + ": " + number(area.um2) + " um2 of cells at 180 nm x" +
                               number(shrink) + " / 0.7 for placement"});
    given.insert(area.name);
  }
  for (const auto& entry : literature.entries) {
    if (given.count(entry.name) == 0) table.entries.push_back(entry);
  }
  table.static_power = literature.static_power;
  for (const auto& area : literature.areas) {
    if (given.count(area.name) == 0) table.areas.push_back(area);
  }
  return table;
}

std::string gate_table_yaml(const models::EnergyTableFile& table) {
  return "# SPDX-License-Identifier: Apache-2.0\n"
         "# yaml-language-server: $schema=../../../docs/schema/energy.schema.json\n"
         "# Generated from tools/energy_flow/measured.json; do not edit. "
         "docs/energy_from_gates.md.\n" +
         without_empty_causes(config::write_yaml(table));
}

}  // namespace lutsim::gates
