// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/gate_energy.h"

#include <algorithm>
#include <tuple>

namespace lutsim::gates {
namespace {

/// The clock gate: a latch that is transparent while the clock is low, and an AND. The latch is
/// left out of the library (netlists of ours have none); its clock pin, area and leakage are taken
/// as those of the flip-flop, which is larger.
struct ClockGate {
  const LibraryCell* latch;
  const LibraryCell* gate;
};

double clock_edge_internal_pj(const LibraryCell& flop) {
  const RiseFall energy = flop.input_energy("CLK", kSlewNs);
  return energy.rise + energy.fall;
}

double square(double x) { return x * x; }

class Account {
 public:
  Account(const Netlist& netlist, const GateSimulator& simulator, const PartMap& parts,
          const CellLibrary& library)
      : netlist_(netlist),
        simulator_(simulator),
        parts_(parts),
        half_v2_(0.5 * square(library.voltage)),
        load_(pin_loads_pf(netlist)),
        energy_(parts.names.size()),
        clock_gate_{&library.at("DFFPOSX1"), &library.at("AND2X2")} {}

  EnergyByPart run() {
    gates();
    registers();
    clock_gates();
    inputs();
    EnergyByPart result;
    for (std::size_t i = 0; i < energy_.size(); ++i) result[parts_.names[i]] = energy_[i];
    return result;
  }

 private:
  std::uint64_t transitions(std::uint32_t net) const {
    return simulator_.rises()[net] + simulator_.falls()[net];
  }
  void drive(PartEnergy* part, const LibraryCell& cell, std::uint32_t net) {
    const RiseFall each = cell.energy(load_[net], kSlewNs);
    part->internal_pj += each.rise * static_cast<double>(simulator_.rises()[net]) +
                         each.fall * static_cast<double>(simulator_.falls()[net]);
    part->load_pj += half_v2_ * load_[net] * static_cast<double>(transitions(net));
  }

  void gates() {
    for (std::size_t g = 0; g < netlist_.gates.size(); ++g) {
      const Gate& gate = netlist_.gates[g];
      PartEnergy& part = energy_[parts_.of_gate[g]];
      ++part.gates;
      part.area_um2 += gate.cell->area_um2;
      part.leakage_nw += gate.cell->leakage_nw;
      drive(&part, *gate.cell, gate.output);
    }
  }

  void registers() {
    for (std::size_t i = 0; i < netlist_.registers.size(); ++i) {
      const Register& flop = netlist_.registers[i];
      PartEnergy& part = energy_[parts_.of_register[i]];
      ++part.registers;
      part.area_um2 += flop.cell->area_um2;
      part.leakage_nw += flop.cell->leakage_nw;
      drive(&part, *flop.cell, flop.q);
      const RiseFall input = flop.cell->input_energy("D", kSlewNs);
      part.internal_pj += input.rise * static_cast<double>(simulator_.rises()[flop.d]) +
                          input.fall * static_cast<double>(simulator_.falls()[flop.d]);
      const double edge_pj =
          clock_edge_internal_pj(*flop.cell) + 2 * half_v2_ * flop.cell->pin_pf("CLK");
      const std::uint64_t edges = simulator_.edges()[i];
      part.edges += edges;
      part.clock_pj += edge_pj * static_cast<double>(edges);
      part.ungated_clock_pj += edge_pj * static_cast<double>(simulator_.cycles());
    }
  }

  void clock_gates() {
    // Registers of one instance, signal group and enable share gates.
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::vector<std::size_t>>
        groups;
    for (std::size_t i = 0; i < netlist_.registers.size(); ++i) {
      const Register& flop = netlist_.registers[i];
      if (flop.enable == kNoNet) continue;
      groups[{flop.path, parts_.of_register[i], flop.enable}].push_back(i);
    }
    for (const auto& [key, members] : groups) {
      PartEnergy& part = energy_[std::get<1>(key)];
      const std::size_t clock_gates =
          (members.size() + kRegistersPerClockGate - 1) / kRegistersPerClockGate;
      const auto count = static_cast<double>(clock_gates);
      const auto edges = static_cast<double>(simulator_.edges()[members.front()]);
      const double clock_pf = clock_gate_.latch->pin_pf("CLK") + clock_gate_.gate->input_pf[0];
      part.idle_clock_pj += count * static_cast<double>(simulator_.cycles()) *
                            (2 * half_v2_ * clock_pf + clock_edge_internal_pj(*clock_gate_.latch));
      // The AND's pulse; what it drives is counted with the registers.
      const double load =
          clock_gate_.latch->pin_pf("CLK") *
          static_cast<double>(std::min<std::size_t>(members.size(), kRegistersPerClockGate));
      const RiseFall pulse = clock_gate_.gate->energy(load, kSlewNs);
      part.clock_pj += count * edges * (pulse.rise + pulse.fall);
      part.area_um2 += count * (clock_gate_.latch->area_um2 + clock_gate_.gate->area_um2);
      part.leakage_nw += count * (clock_gate_.latch->leakage_nw + clock_gate_.gate->leakage_nw);
    }
  }

  void inputs() {
    std::vector<bool> is_input(netlist_.nets, false);
    for (const auto& entry : netlist_.ports) {
      if (!entry.second.is_input) continue;
      for (const std::uint32_t net : entry.second.nets) is_input[net] = true;
    }
    for (std::size_t g = 0; g < netlist_.gates.size(); ++g) {
      const Gate& gate = netlist_.gates[g];
      for (std::size_t i = 0; i < gate.inputs.size(); ++i) {
        const std::uint32_t net = gate.inputs[i];
        if (!is_input[net]) continue;
        energy_[parts_.of_gate[g]].load_pj +=
            half_v2_ * gate.cell->input_pf[i] * static_cast<double>(transitions(net));
      }
    }
    for (std::size_t i = 0; i < netlist_.registers.size(); ++i) {
      const Register& flop = netlist_.registers[i];
      if (!is_input[flop.d]) continue;
      energy_[parts_.of_register[i]].load_pj +=
          half_v2_ * flop.cell->pin_pf("D") * static_cast<double>(transitions(flop.d));
    }
  }

  const Netlist& netlist_;
  const GateSimulator& simulator_;
  const PartMap& parts_;
  double half_v2_;
  std::vector<double> load_;
  std::vector<PartEnergy> energy_;
  ClockGate clock_gate_;
};

}  // namespace

PartMap map_parts(const Netlist& netlist, const PartRule& rule) {
  PartMap map;
  std::map<std::string, std::uint32_t> index;
  const auto number = [&](const std::string& name) {
    const auto [entry, added] = index.emplace(name, static_cast<std::uint32_t>(map.names.size()));
    if (added) map.names.push_back(name);
    return entry->second;
  };
  const std::string none;
  constexpr std::uint32_t kUnknown = ~std::uint32_t{0};
  const std::string shared = "shared", output = "output";
  const std::uint32_t kSharedPart = number(shared);
  for (const Register& flop : netlist.registers) {
    map.of_register.push_back(number(rule({netlist.paths[flop.path], flop.name, none})));
  }
  // Part that reads a net, while it is one.
  std::vector<std::uint32_t> reader(netlist.nets, kUnknown), waiting(netlist.nets, 0);
  const auto read = [&](std::uint32_t net, std::uint32_t part) {
    if (net != kNoNet)
      reader[net] = reader[net] == kUnknown || reader[net] == part ? part : kSharedPart;
  };
  for (std::size_t i = 0; i < netlist.registers.size(); ++i) {
    read(netlist.registers[i].d, map.of_register[i]);
    read(netlist.registers[i].enable, map.of_register[i]);
  }
  std::vector<std::uint32_t> driver(netlist.nets, kUnknown), ready;
  for (std::uint32_t g = 0; g < netlist.gates.size(); ++g) {
    driver[netlist.gates[g].output] = g;
    for (const std::uint32_t net : netlist.gates[g].inputs) ++waiting[net];
  }
  // From the outputs backwards: a gate is looked at when all its readers are.
  map.of_gate.assign(netlist.gates.size(), kSharedPart);
  for (std::uint32_t g = 0; g < netlist.gates.size(); ++g) {
    if (waiting[netlist.gates[g].output] == 0) ready.push_back(g);
  }
  while (!ready.empty()) {
    const std::uint32_t g = ready.back();
    ready.pop_back();
    const Gate& gate = netlist.gates[g];
    const std::uint32_t by = reader[gate.output];
    const std::string feeds = by == kUnknown ? output : map.names[by];
    map.of_gate[g] = number(rule({netlist.paths[gate.path], none, feeds}));
    for (const std::uint32_t net : gate.inputs) {
      read(net, map.of_gate[g]);
      if (--waiting[net] == 0 && driver[net] != kUnknown) ready.push_back(driver[net]);
    }
  }
  return map;
}

EnergyByPart energy_by_part(const Netlist& netlist, const GateSimulator& simulator,
                            const PartMap& parts, const CellLibrary& library) {
  return Account(netlist, simulator, parts, library).run();
}

}  // namespace lutsim::gates
