// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/energy/energy_table.h"
#include "models/energy/event.h"
#include "models/spec/arch_spec.h"

/// Joules as sums of constants: everything is linear, so that a constant's share, its swing and a
/// sampled total need no second model. Formulas and their reasons: docs/energy.md.
namespace lutsim::models {

/// `amount` times the constant `name`, in the constant's unit.
struct Term {
  std::string name;
  double amount;
};

/// Group of `energy_j` and the constants that draw power for a second of all chips' time.
struct StaticPart {
  const char* group;
  std::vector<Term> per_second;
};

/// "lpddr5" of "lpddr5-6400": what the table's DRAM constants are named after.
std::string memory_family(const std::string& standard);
/// Constants that one event costs on this chip. A table entry with the event's own name stands for
/// the whole formula, one called for_event() for that constant in this formula.
std::vector<Term> event_terms(Event event, const spec::ArchSpec& arch, const EnergyTable& table);

/// Leakage, clock distribution and DRAM standby of all chips.
std::vector<StaticPart> static_parts(const spec::ArchSpec& arch, const EnergyTable& table);

/// Joules of one event. Throws config::InputError when the table lacks a constant.
double event_joules(Event event, const spec::ArchSpec& arch, const EnergyTable& table);

}  // namespace lutsim::models
