// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/netlist.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace lutsim::gates {
namespace {

using nlohmann::json;

/// Net numbers of a module's bits in the flat netlist.
using NetMap = std::unordered_map<std::uint64_t, std::uint32_t>;

class Flattener {
 public:
  Flattener(const json& modules, const CellLibrary& library, const LibraryCell& register_cell)
      : modules_(modules), library_(library), register_cell_(register_cell) {}

  Netlist run(const std::string& top) {
    if (!modules_.contains(top)) throw std::runtime_error("the netlist has no module " + top);
    NetMap map;
    for (const auto& [name, port] : modules_.at(top).at("ports").items()) {
      Port flat;
      flat.is_input = port.at("direction") == "input";
      for (const json& bit : port.at("bits")) flat.nets.push_back(net(bit, &map));
      netlist_.ports.emplace(name, std::move(flat));
    }
    module(top, "", &map);
    check();
    return std::move(netlist_);
  }

 private:
  std::uint32_t net(const json& bit, NetMap* map) {
    if (bit.is_string()) return bit == "1" ? kNet1 : kNet0;
    const auto [entry, added] = map->emplace(bit.get<std::uint64_t>(), netlist_.nets);
    if (added) ++netlist_.nets;
    return entry->second;
  }

  /// RTL names of the module's bits: those that the RTL gave, the shortest of several.
  static std::unordered_map<std::uint64_t, std::string> names_of(const json& definition) {
    std::unordered_map<std::uint64_t, std::string> names;
    for (const auto& [name, entry] : definition.at("netnames").items()) {
      if (entry.value("hide_name", 0) != 0) continue;
      const auto& bits = entry.at("bits");
      for (std::size_t i = 0; i < bits.size(); ++i) {
        if (!bits[i].is_number()) continue;
        std::string full = bits.size() == 1 ? name : name + "[" + std::to_string(i) + "]";
        std::string& held = names[bits[i].get<std::uint64_t>()];
        if (held.empty() || full.size() < held.size()) held = std::move(full);
      }
    }
    return names;
  }

  void module(const std::string& type, const std::string& path, NetMap* map) {
    const json& definition = modules_.at(type);
    const auto path_index = static_cast<std::uint32_t>(netlist_.paths.size());
    netlist_.paths.push_back(path);
    const auto names = names_of(definition);
    for (const auto& [name, cell] : definition.at("cells").items()) {
      const std::string kind = cell.at("type");
      const json& connections = cell.at("connections");
      if (kind == "$_DFF_P_" || kind == "$_DFFE_PP_") {
        Register flop;
        flop.cell = &register_cell_;
        flop.d = net(connections.at("D")[0], map);
        if (kind == "$_DFFE_PP_") flop.enable = net(connections.at("E")[0], map);
        const json& q = connections.at("Q")[0];
        flop.q = net(q, map);
        flop.path = path_index;
        const auto named = names.find(q.get<std::uint64_t>());
        flop.name = named == names.end() ? name : named->second;
        netlist_.registers.push_back(std::move(flop));
      } else if (modules_.contains(kind) && library_.cells.count(kind) == 0) {
        std::string inner = path;
        inner.append(path.empty() ? "" : "/").append(name);
        instance(kind, inner, connections, map);
      } else {
        gate(library_.at(kind), connections, path_index, map);
      }
    }
  }

  void gate(const LibraryCell& type, const json& connections, std::uint32_t path, NetMap* map) {
    Gate flat;
    flat.cell = &type;
    flat.path = path;
    for (const std::string& pin : type.inputs)
      flat.inputs.push_back(net(connections.at(pin)[0], map));
    flat.output = net(connections.at(type.output)[0], map);
    netlist_.gates.push_back(std::move(flat));
  }

  void instance(const std::string& type, const std::string& path, const json& connections,
                NetMap* outer) {
    NetMap inner;
    for (const auto& [name, port] : modules_.at(type).at("ports").items()) {
      const auto& bits = port.at("bits");
      if (!connections.contains(name)) continue;
      const auto& outside = connections.at(name);
      for (std::size_t i = 0; i < bits.size(); ++i) {
        if (bits[i].is_string()) {
          if (port.at("direction") == "output") tie(outside[i], bits[i], outer);
          continue;
        }
        const std::uint32_t number = net(outside[i], outer);
        const auto [entry, added] = inner.emplace(bits[i].get<std::uint64_t>(), number);
        // An input that is passed on as an output: two names outside for one net inside.
        if (!added && entry->second != number) alias(number, entry->second);
      }
    }
    module(type, path, &inner);
  }

  /// The net outside an instance is a constant inside it.
  void tie(const json& outside, const json& constant, NetMap* outer) {
    alias(net(outside, outer), constant == "1" ? kNet1 : kNet0);
  }
  void alias(std::uint32_t net, std::uint32_t same) { aliases_.emplace_back(net, same); }

  std::uint32_t resolve(std::uint32_t net) const {
    while (target_[net] != net) net = target_[net];
    return net;
  }

  void check() {
    target_.resize(netlist_.nets);
    for (std::uint32_t i = 0; i < netlist_.nets; ++i) target_[i] = i;
    std::vector<bool> driven(netlist_.nets, false);
    driven[kNet0] = driven[kNet1] = true;
    const auto drive = [&](std::uint32_t net) {
      if (driven[net]) throw std::runtime_error("a net of the netlist has two drivers");
      driven[net] = true;
    };
    for (const auto& entry : netlist_.ports) {
      if (!entry.second.is_input) continue;
      for (const std::uint32_t net : entry.second.nets) drive(net);
    }
    for (const Gate& gate : netlist_.gates) drive(gate.output);
    for (const Register& flop : netlist_.registers) drive(flop.q);
    // Of two names of a net the one without a driver follows the other; chains need several turns.
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [a, b] : aliases_) {
        const std::uint32_t x = resolve(a), y = resolve(b);
        if (x == y) continue;
        if (driven[x] && driven[y])
          throw std::runtime_error("a net of the netlist has two drivers");
        target_[driven[x] ? y : x] = driven[x] ? x : y;
        changed = true;
      }
    }
    const auto follow = [&](std::uint32_t* net) {
      if (*net == kNoNet) return;
      *net = resolve(*net);
      if (!driven[*net]) throw std::runtime_error("a net of the netlist is read and has no driver");
    };
    for (Gate& gate : netlist_.gates) {
      for (std::uint32_t& net : gate.inputs) follow(&net);
    }
    for (Register& flop : netlist_.registers) {
      follow(&flop.d);
      follow(&flop.enable);
    }
    for (auto& entry : netlist_.ports) {
      for (std::uint32_t& net : entry.second.nets) follow(&net);
    }
  }

  const json& modules_;
  const CellLibrary& library_;
  const LibraryCell& register_cell_;
  Netlist netlist_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> aliases_;
  std::vector<std::uint32_t> target_;
};

}  // namespace

const Port& Netlist::port(const std::string& name) const {
  const auto found = ports.find(name);
  if (found == ports.end()) throw std::runtime_error("the netlist has no port " + name);
  return found->second;
}

Netlist read_netlist(const std::string& yosys_json, const std::string& top,
                     const CellLibrary& library, const std::string& register_cell) {
  const json file = json::parse(yosys_json);
  return Flattener(file.at("modules"), library, library.at(register_cell)).run(top);
}

}  // namespace lutsim::gates
