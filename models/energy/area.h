// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/energy/energy_table.h"
#include "models/spec/arch_spec.h"

namespace lutsim::models {

/// m2, with the sums of the lows and of the highs: a bound, not a statistic.
struct AreaRange {
  double value = 0;
  double low = 0;
  double high = 0;
};

struct AreaPart {
  std::string name;
  AreaRange area;
};

/// Area of the chip. `parts` in a fixed order add up to `total`; `logic` is the part of it that is
/// standard cells: all but the scratchpads and the DRAM interface.
struct AreaReport {
  std::vector<AreaPart> parts;
  AreaRange logic;
  AreaRange total;
  std::vector<Constant> constants;  ///< those that were used, by name
};

/// Unit of a part: "matrix" of "matrix.rac".
std::string area_unit(const std::string& part);

/// A table entry "area.UNIT" stands for all parts of the unit, which is then one part. Throws
/// config::InputError when the table lacks an area.
AreaReport chip_area(const spec::ArchSpec& arch, const EnergyTable& table);

/// Area of all chips together, part by part.
AreaReport system_area(const spec::ArchSpec& arch, const EnergyTable& table);

}  // namespace lutsim::models
