// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "models/energy/energy_table.h"
#include "models/spec/arch_spec.h"

/// Comparisons of engines and geometries, as Markdown.
namespace lutsim::gates {

/// pJ of an event, by its name, on this chip.
double event_pj(const std::string& event, const spec::ArchSpec& arch,
                const models::EnergyTable& table);

/// pJ per MAC of the matrix unit of the figlut-* configurations, by engine, weight bits and batch.
std::string engine_study(const models::EnergyTable& gates);

/// mm2 of the figlut-* configurations by part, and of the whole default chip.
std::string area_study(const models::EnergyTable& table);

/// Sweep of RACs per LUT, and of mu, at equal one-bit lanes: energy of a one-bit MAC.
std::string racs_study(const models::EnergyTable& gates);
std::string mu_study(const models::EnergyTable& gates);

/// FIGLUT's Table V, and its ratios by bit width, beside ours.
std::string figlut_table_v(const models::EnergyTable& table);
std::string figlut_bit_ratios(const models::EnergyTable& table);

}  // namespace lutsim::gates
