// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "models/energy/energy_table.h"
#include "models/spec/arch_spec.h"

namespace lutsim::test {

/// A chip with numbers that are easy to check by hand.
inline spec::ArchSpec small_arch() {
  spec::ArchSpec arch;
  arch.clock = 500e6;
  arch.weight_buffer = {64 * 1024, 8, 64};      // banks of 8 KiB
  arch.activation_buffer = {64 * 1024, 2, 64};  // banks of 32 KiB
  arch.memory.standard = "lpddr5-6400";
  arch.memory.channels = 8;
  return arch;
}

inline std::string table_path(const std::string& name) {
  return std::string(LUTSIM_SOURCE_DIR) + "/models/hardware/energy/" + name + ".yaml";
}

inline models::EnergyTable table_28nm() {
  return models::read_energy_table(table_path("literature-28nm"));
}

}  // namespace lutsim::test
