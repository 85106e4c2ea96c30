// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/energy_flow/liberty.h"

/// A flat netlist of library gates and flip-flops, read from the JSON of Yosys.
namespace lutsim::gates {

/// Net of a constant.
constexpr std::uint32_t kNet0 = 0;
constexpr std::uint32_t kNet1 = 1;
constexpr std::uint32_t kNoNet = ~std::uint32_t{0};

struct Gate {
  const LibraryCell* cell = nullptr;
  std::vector<std::uint32_t> inputs;  ///< nets, in the order of cell->inputs
  std::uint32_t output = kNoNet;
  std::uint32_t path = 0;  ///< index into Netlist::paths
};

/// A flip-flop of the rising clock edge. With an enable, its clock is gated: it sees an edge, and
/// costs the energy of one, only in cycles with enable = 1.
struct Register {
  const LibraryCell* cell = nullptr;
  std::uint32_t d = kNoNet;
  std::uint32_t enable = kNoNet;  ///< kNoNet: clocked every cycle
  std::uint32_t q = kNoNet;
  std::uint32_t path = 0;
  std::string name;  ///< of the signal that it drives, as in the RTL: "entry_q[3]"
};

/// A port of the top, least significant bit first.
struct Port {
  bool is_input = false;
  std::vector<std::uint32_t> nets;
};

struct Netlist {
  std::uint32_t nets = 2;
  std::vector<Gate> gates;
  std::vector<Register> registers;
  std::map<std::string, Port> ports;
  /// Instances, "gen_row[0].gen_lut.u_row/gen_pe[3].u_pe"; the top is "".
  std::vector<std::string> paths;

  const Port& port(const std::string& name) const;
};

/// Flattens module `top`. Cells are those of `library`, $_DFF_P_ and $_DFFE_PP_ (of the library's
/// `register_cell`), and instances of other modules of the file. Throws std::runtime_error naming
/// any other cell, and a net with two drivers or with none that is read.
Netlist read_netlist(const std::string& yosys_json, const std::string& top,
                     const CellLibrary& library, const std::string& register_cell);

}  // namespace lutsim::gates
