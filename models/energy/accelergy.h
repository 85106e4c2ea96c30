// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/config/node.h"
#include "models/energy/energy_table.h"
#include "models/spec/arch_spec.h"

/// Energy and area reference tables of Accelergy, version 0.4 (ERT: pJ of actions of components,
/// ART: um2 of components), as other tools read and write them. docs/energy.md says what is lost on
/// the way: an ERT has no ranges, sources or formulas, so it holds for one chip alone.
namespace lutsim::models {

/// A component `chip.GROUP` for every event group, an action for every event that this chip can
/// have. `leak` of `chip.static` and `chip.dram` are pJ of a clock cycle.
std::string to_ert(const spec::ArchSpec& arch, const EnergyTable& table);

/// A component `chip.UNIT` for every unit of chip_area().
std::string to_art(const spec::ArchSpec& arch, const EnergyTable& table);

/// What an ERT does not say.
struct AccelergyImport {
  std::string name;          ///< of the new table
  std::string origin;        ///< "accelergy run of 2025-05-26", goes into every source
  double low_factor = 0.5;   ///< low = value * low_factor
  double high_factor = 2.0;  ///< high = value * high_factor
  Confidence confidence = Confidence::guessed;
};

/// A table with an entry for every event that the ERT has and every unit that the ART has (an empty
/// text: none). Components are matched by the last part of their path without [0..n], the energy of
/// an action is the greatest over its arguments, `leak` is left out: it is a power of one chip.
/// Energies share one cause: whatever made the ERT was wrong about all of them or about none.
/// `base` gives everything else; an empty one nothing. Throws config::InputError with every error.
EnergyTableFile from_accelergy(const config::Source& ert, const config::Source& art,
                               const EnergyTableFile& base, const AccelergyImport& import);

}  // namespace lutsim::models
