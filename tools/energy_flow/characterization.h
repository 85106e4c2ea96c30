// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/spec/matrix_spec.h"
#include "tools/energy_flow/synthesis.h"

/// What is measured, and how it is written down (measured.json).
namespace lutsim::gates {

/// A matrix unit that is small enough for gates and has the blocks of a large one.
struct UnitGeometry {
  std::string name;
  spec::MatrixSpec matrix;
  std::vector<std::uint32_t> weight_bits;
  std::uint32_t matmuls;  ///< of the run that are simulated
};

/// The five engines, and lut-i with other mu and readers of a LUT.
std::vector<UnitGeometry> unit_geometries();

/// Names for measure(), in the order in which they run.
std::vector<std::string> measurement_names();

/// Runs one measurement: its entry of "units" or its entries of "blocks".
nlohmann::ordered_json measure(const std::string& name, const FlowPaths& paths,
                               const CellLibrary& library);

/// Tools, library, RTL and stimulus with versions and hashes.
nlohmann::ordered_json provenance(const FlowPaths& paths, const CellLibrary& library);

}  // namespace lutsim::gates
