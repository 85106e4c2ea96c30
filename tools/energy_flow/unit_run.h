// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/energy/event.h"
#include "models/spec/matrix_spec.h"
#include "tools/energy_flow/gate_energy.h"
#include "tools/energy_flow/stimulus.h"

namespace lutsim::gates {

/// The gates of a matrix unit on tiles of the real run.
struct UnitRun {
  models::EventCounts events;  ///< that the timed model counts for the same tiles
  std::uint64_t cycles = 0;
  std::uint64_t macs = 0;
  EnergyByPart zero_delay, with_glitches;
};

/// How many matmuls of the run are taken, spread over it, and how many rows of a prefill.
struct TileChoice {
  std::uint32_t matmuls = 4;
  std::uint32_t rows = 16;
};

/// Runs `lut_broadcast` (decode, one row) or weight-stationary (prefill) tiles through the gates of
/// matrix_unit, with and without delays. Every result is compared with the golden tile, every cycle
/// count with its formula: throws std::runtime_error at the first difference.
UnitRun run_unit(const spec::MatrixSpec& spec, const Netlist& netlist, const CellLibrary& library,
                 const Stimulus& stimulus, bool lut_broadcast, const TileChoice& choice);

/// Parts of the unit, after the events that they cost: see unit_run.cpp.
std::string unit_part(const Place& place);

}  // namespace lutsim::gates
