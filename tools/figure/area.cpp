// SPDX-License-Identifier: Apache-2.0
#include "models/energy/area.h"

#include "models/config/named.h"
#include "models/energy/energy_table.h"
#include "tools/figure/figure.h"

namespace lutsim::tools::figure {

/// Areas follow from the configuration: nothing is run.
Table area(const FigureRequest& request, RunStore&) {
  const models::EnergyTable energies = models::read_energy_table(
      config::find_named(config::kEnergyFolder, request.arch.energy_table, "energy table")
          .string());
  Table table({"chip", "engine", "part", "area_mm2", "area_mm2_low", "area_mm2_high"});
  for (const auto& engine : enum_names(spec::Engine{})) {
    spec::ArchSpec arch = request.arch;
    arch.matrix = spec::with_engine(arch.matrix, engine.value);
    const models::AreaReport report = models::chip_area(arch, energies);
    const auto add = [&](const std::string& part, const models::AreaRange& m2) {
      constexpr double kMm2 = 1e6;  // of a m2
      table.add({arch.name, engine.name, part, m2.value * kMm2, m2.low * kMm2, m2.high * kMm2});
    };
    for (const auto& part : report.parts) add(part.name, part.area);
    models::AreaRange matrix;
    for (const auto& part : report.parts) {
      if (models::area_unit(part.name) != "matrix") continue;
      matrix.value += part.area.value;
      matrix.low += part.area.low;
      matrix.high += part.area.high;
    }
    add("matrix", matrix);
    add("total", report.total);
  }
  return table;
}

}  // namespace lutsim::tools::figure
