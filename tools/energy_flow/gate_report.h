// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "models/energy/energy_table.h"
#include "tools/energy_flow/gate_table.h"

namespace lutsim::gates {

/// Tables of docs/energy_from_gates.md, by the name in their markers.
struct GateReportInput {
  Measurements measured;
  models::EnergyTable gates_180nm;  ///< gates as measured
  models::EnergyTable rtl_28nm, rtl_7nm;
};

/// Sections that gate_report_section() knows.
std::vector<std::string> gate_report_sections();

/// Markdown of a section. Precondition: `name` is one of gate_report_sections().
std::string gate_report_section(const std::string& name, const GateReportInput& input);

}  // namespace lutsim::gates
