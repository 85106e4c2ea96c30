// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/energy/energy_table.h"
#include "tools/energy_flow/gate_table.h"

namespace lutsim::gates {

/// What the tables of docs/energy_from_gates.md are made from.
struct GateReportInput {
  Measurements measured;
  models::EnergyTable gates_180nm;  ///< gates as measured
  models::EnergyTable rtl_28nm, rtl_7nm;
};

/// measured.json and the shipped literature tables.
GateReportInput read_gate_report_input();
/// The generated table file of a process, from the same.
std::string generated_gate_table(const TargetProcess& target);

/// Names in the markers of docs/energy_from_gates.md, which gate_report_section() knows.
std::vector<std::string> gate_report_sections();

/// Markdown of a section. Precondition: `name` is one of gate_report_sections().
std::string gate_report_section(const std::string& name, const GateReportInput& input);

}  // namespace lutsim::gates
