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

/// Group of `energy_j` and the constants that draw power for a second of the chip's time.
struct StaticPart {
  const char* group;
  std::vector<Term> per_second;
};

/// "lpddr5" of "lpddr5-6400": what the table's DRAM constants are named after.
std::string memory_family(const std::string& standard);

/// Additions of a two-level half-LUT generator (FIGLUT, HPCA 2025, III-E): 14 for mu = 4. The high
/// half of the key has its most significant sign fixed, the low half has not, then every pair is
/// added.
constexpr std::uint32_t generator_additions(std::uint32_t mu, bool sign_fixed = true) {
  if (mu <= 1) return 0;
  const std::uint32_t low = mu / 2;
  const std::uint32_t sums = 1u << (sign_fixed ? mu - 1 : mu);
  return generator_additions(mu - low, sign_fixed) + generator_additions(low, false) + sums;
}

/// Constants that one event costs on this chip. A table entry with the event's own name stands for
/// the whole formula.
std::vector<Term> event_terms(Event event, const spec::ArchSpec& arch, const EnergyTable& table);

/// Leakage, clock distribution and DRAM standby.
std::vector<StaticPart> static_parts(const spec::ArchSpec& arch, const EnergyTable& table);

/// Joules of one event. Throws config::InputError when the table lacks a constant.
double event_joules(Event event, const spec::ArchSpec& arch, const EnergyTable& table);

}  // namespace lutsim::models
