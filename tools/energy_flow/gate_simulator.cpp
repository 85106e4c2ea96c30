// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/gate_simulator.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace lutsim::gates {
namespace {

/// Delay from the clock edge to registers and inputs, which come from registers elsewhere: that of
/// a flip-flop with a small load does not matter, since all of them move together.
constexpr std::uint32_t kLaunchPs = 1;
/// No settled netlist takes longer; more is a loop.
constexpr std::uint64_t kLongestPs = 1000000;

}  // namespace

std::vector<double> pin_loads_pf(const Netlist& netlist) {
  std::vector<double> load(netlist.nets, 0);
  for (const Gate& gate : netlist.gates) {
    for (std::size_t i = 0; i < gate.inputs.size(); ++i)
      load[gate.inputs[i]] += gate.cell->input_pf[i];
  }
  for (const Register& flop : netlist.registers) load[flop.d] += flop.cell->pin_pf("D");
  load[kNet0] = load[kNet1] = 0;
  return load;
}

GateSimulator::GateSimulator(const Netlist& netlist, Delays delays)
    : netlist_(netlist),
      delays_(delays),
      value_(netlist.nets, 0),
      next_register_(netlist.registers.size(), 0),
      next_input_(netlist.nets, 0),
      rises_(netlist.nets, 0),
      falls_(netlist.nets, 0),
      edges_(netlist.registers.size(), 0) {
  value_[kNet1] = 1;
  for (const auto& entry : netlist.ports) {
    if (!entry.second.is_input) continue;
    input_nets_.insert(input_nets_.end(), entry.second.nets.begin(), entry.second.nets.end());
  }
  levelize();
  if (delays == Delays::liberty) delays_from_library();
  // Settle from a state in which no gate has been evaluated.
  for (std::uint32_t g = 0; g < netlist.gates.size(); ++g) {
    dirty_[level_[g]].push_back(g);
    is_dirty_[g] = 1;
  }
  settle_levels();
  projected_ = value_;
  reset_counts();
}

void GateSimulator::levelize() {
  const std::size_t gates = netlist_.gates.size();
  std::vector<std::uint32_t> readers(netlist_.nets + 1, 0), unknown(gates, 0);
  std::vector<std::uint8_t> from_gate(netlist_.nets, 0);
  for (const Gate& gate : netlist_.gates) from_gate[gate.output] = 1;
  for (std::size_t g = 0; g < gates; ++g) {
    for (const std::uint32_t net : netlist_.gates[g].inputs) {
      ++readers[net + 1];
      unknown[g] += from_gate[net];
    }
  }
  for (std::size_t i = 1; i < readers.size(); ++i) readers[i] += readers[i - 1];
  reader_begin_ = readers;
  reader_.resize(readers.back());
  for (std::size_t g = 0; g < gates; ++g) {
    for (const std::uint32_t net : netlist_.gates[g].inputs) {
      reader_[readers[net]++] = static_cast<std::uint32_t>(g);
    }
  }
  level_.assign(gates, 0);
  std::vector<std::uint32_t> ready;
  for (std::size_t g = 0; g < gates; ++g) {
    if (unknown[g] == 0) ready.push_back(static_cast<std::uint32_t>(g));
  }
  std::size_t done = 0;
  for (; done < ready.size(); ++done) {
    const std::uint32_t g = ready[done];
    const std::uint32_t net = netlist_.gates[g].output;
    for (std::uint32_t r = reader_begin_[net]; r < reader_begin_[net + 1]; ++r) {
      level_[reader_[r]] = std::max(level_[reader_[r]], level_[g] + 1);
      if (--unknown[reader_[r]] == 0) ready.push_back(reader_[r]);
    }
  }
  if (done != gates) throw std::runtime_error("the netlist has a loop of gates");
  const std::uint32_t deepest = gates == 0 ? 0 : *std::max_element(level_.begin(), level_.end());
  dirty_.resize(deepest + 1);
  is_dirty_.assign(gates, 0);
}

void GateSimulator::delays_from_library() {
  const std::vector<double> load = pin_loads_pf(netlist_);
  const auto picoseconds = [](double ns) {
    return static_cast<std::uint32_t>(std::max(1.0, std::round(ns * 1000)));
  };
  for (const Gate& gate : netlist_.gates) {
    const RiseFall delay = gate.cell->delay(load[gate.output], kSlewNs);
    rise_ps_.push_back(picoseconds(delay.rise));
    fall_ps_.push_back(picoseconds(delay.fall));
  }
  std::uint32_t longest = kLaunchPs;
  for (const std::uint32_t ps : rise_ps_) longest = std::max(longest, ps);
  for (const std::uint32_t ps : fall_ps_) longest = std::max(longest, ps);
  calendar_.resize(longest + 1);
  stamp_.assign(netlist_.nets, 0);
}

bool GateSimulator::evaluate(std::uint32_t gate) const {
  const Gate& g = netlist_.gates[gate];
  std::uint32_t row = 0;
  for (std::size_t i = 0; i < g.inputs.size(); ++i) row |= std::uint32_t{value_[g.inputs[i]]} << i;
  return (g.cell->truth >> row) & 1;
}

void GateSimulator::set_port(const Port& port, std::size_t lsb, std::uint32_t width,
                             std::uint64_t value) {
  for (std::uint32_t i = 0; i < width; ++i) next_input_[port.nets.at(lsb + i)] = (value >> i) & 1;
}

std::uint64_t GateSimulator::port_value(const Port& port, std::size_t lsb,
                                        std::uint32_t width) const {
  std::uint64_t bits = 0;
  for (std::uint32_t i = 0; i < width; ++i)
    bits |= std::uint64_t{value_[port.nets.at(lsb + i)]} << i;
  return bits;
}

void GateSimulator::change(std::uint32_t net, bool value) {
  value_[net] = value;
  ++(value ? rises_ : falls_)[net];
}

void GateSimulator::settle() {
  const bool zero = delays_ == Delays::zero;
  const auto launch = [&](std::uint32_t net, bool value) {
    if (value_[net] == static_cast<std::uint8_t>(value)) return;
    if (zero) {
      change(net, value);
      for (std::uint32_t r = reader_begin_[net]; r < reader_begin_[net + 1]; ++r) {
        const std::uint32_t g = reader_[r];
        if (!is_dirty_[g]) dirty_[level_[g]].push_back(g);
        is_dirty_[g] = 1;
      }
      return;
    }
    projected_[net] = value;
    calendar_[kLaunchPs % calendar_.size()].push_back({net, ++stamp_[net]});
    ++pending_;
  };
  for (const std::uint32_t net : input_nets_) launch(net, next_input_[net] != 0);
  for (std::size_t i = 0; i < netlist_.registers.size(); ++i) {
    launch(netlist_.registers[i].q, next_register_[i] != 0);
  }
  if (zero) {
    settle_levels();
  } else {
    settle_events();
  }
}

void GateSimulator::settle_levels() {
  for (auto& gates : dirty_) {
    // Readers lie in deeper levels.
    for (const std::uint32_t g : gates) {
      is_dirty_[g] = 0;
      const std::uint32_t net = netlist_.gates[g].output;
      const bool value = evaluate(g);
      if (value_[net] == static_cast<std::uint8_t>(value)) continue;
      change(net, value);
      for (std::uint32_t r = reader_begin_[net]; r < reader_begin_[net + 1]; ++r) {
        const std::uint32_t reader = reader_[r];
        if (!is_dirty_[reader]) dirty_[level_[reader]].push_back(reader);
        is_dirty_[reader] = 1;
      }
    }
    gates.clear();
  }
}

void GateSimulator::schedule(std::uint32_t gate, std::uint64_t now) {
  const std::uint32_t net = netlist_.gates[gate].output;
  const bool value = evaluate(gate);
  if (projected_[net] == static_cast<std::uint8_t>(value)) return;
  projected_[net] = value;
  ++stamp_[net];
  if (value_[net] == static_cast<std::uint8_t>(value)) {
    // The pulse is shorter than the gate's delay: the transition on its way does not happen.
    --pending_;
    return;
  }
  const std::uint64_t when = now + (value ? rise_ps_ : fall_ps_)[gate];
  calendar_[when % calendar_.size()].push_back({net, stamp_[net]});
  ++pending_;
}

void GateSimulator::settle_events() {
  std::vector<Event> now;
  for (std::uint64_t time = kLaunchPs; pending_ > 0; ++time) {
    if (time > kLongestPs) throw std::runtime_error("the netlist does not settle");
    now.swap(calendar_[time % calendar_.size()]);
    if (now.empty()) continue;
    for (Event& event : now) {
      if (event.stamp != stamp_[event.net]) {
        event.net = kNoNet;
        continue;
      }
      --pending_;
      change(event.net, projected_[event.net] != 0);
    }
    for (const Event& event : now) {
      if (event.net == kNoNet) continue;
      for (std::uint32_t r = reader_begin_[event.net]; r < reader_begin_[event.net + 1]; ++r) {
        schedule(reader_[r], time);
      }
    }
    now.clear();
  }
}

void GateSimulator::clock() {
  ++cycles_;
  for (std::size_t i = 0; i < netlist_.registers.size(); ++i) {
    const Register& flop = netlist_.registers[i];
    if (flop.enable != kNoNet && value_[flop.enable] == 0) continue;
    ++edges_[i];
    next_register_[i] = value_[flop.d];
  }
}

void GateSimulator::reset_counts() {
  std::fill(rises_.begin(), rises_.end(), 0);
  std::fill(falls_.begin(), falls_.end(), 0);
  std::fill(edges_.begin(), edges_.end(), 0);
  cycles_ = 0;
}

}  // namespace lutsim::gates
