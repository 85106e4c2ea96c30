// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tools/energy_flow/gate_simulator.h"

/// Joules of a simulated netlist, by part.
///
///   a transition of a net    0.5 C V^2 of the pins that it drives (no wires), and the internal
///   energy
///                            of the gate that drives it (library table at that load, kSlewNs)
///   an edge of a register    internal energy of both clock transitions and C V^2 of its clock pin
///   a transition at D        internal energy of the register's input
///   a clock gate             one for up to kRegistersPerClockGate registers with the same enable:
///   a
///                            latch and an AND; what they and the latch's clock cost in every cycle
///                            is `idle clock`
namespace lutsim::gates {

constexpr std::uint32_t kRegistersPerClockGate = 32;

/// What a part is made of and what it cost, in pJ.
struct PartEnergy {
  std::uint64_t gates = 0;
  std::uint64_t registers = 0;
  double area_um2 = 0;
  double leakage_nw = 0;
  double internal_pj = 0;       ///< of gates and registers, without their clocks
  double load_pj = 0;           ///< of the pins that their outputs drive
  double clock_pj = 0;          ///< edges that gated registers see
  double idle_clock_pj = 0;     ///< clock gates, and registers without an enable in idle cycles
  double ungated_clock_pj = 0;  ///< what the registers would cost with an edge in every cycle
  std::uint64_t edges = 0;      ///< of single registers, gated

  /// What happened because something was computed or written.
  double dynamic_pj() const { return internal_pj + load_pj + clock_pj; }
};

using EnergyByPart = std::map<std::string, PartEnergy>;

/// Where a thing of the netlist is: its instance; the signal that a register drives, empty for a
/// gate; the part that reads a gate's output, "shared" if several do, "output" if none does.
struct Place {
  const std::string& path;
  const std::string& signal;
  const std::string& feeds;
};

/// The part that it belongs to.
using PartRule = std::function<std::string(const Place&)>;

/// Parts of a netlist, by index into `names`.
struct PartMap {
  std::vector<std::string> names;
  std::vector<std::uint32_t> of_gate, of_register;
};

PartMap map_parts(const Netlist& netlist, const PartRule& rule);

/// Precondition: `simulator` ran on `netlist`. Loads of input ports count where they are read.
EnergyByPart energy_by_part(const Netlist& netlist, const GateSimulator& simulator,
                            const PartMap& parts, const CellLibrary& library);

}  // namespace lutsim::gates
