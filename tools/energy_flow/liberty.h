// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tools/energy_flow/liberty_syntax.h"

/// The subset of Liberty that a gate-level energy needs: pins with capacitance and function, delay
/// and internal-energy tables over output load and input slew, area and leakage.
namespace lutsim::gates {

/// Values over output load (pF) and input slew (ns); a table of the slew alone has one load. Linear
/// between the points. Beyond them: the value at the edge.
struct LoadSlewTable {
  std::vector<double> load{0}, slew{0};
  std::vector<double> values{0};  ///< [load][slew]

  double at(double load_pf, double slew_ns) const;
};

/// A number for each direction of the output.
struct RiseFall {
  double rise = 0;
  double fall = 0;
};

/// A combinational gate of one output, or a flip-flop.
struct LibraryCell {
  std::string name;
  double area_um2 = 0;
  double leakage_nw = 0;
  std::vector<std::string> inputs;  ///< in the order of the truth table's bits
  std::vector<double> input_pf;
  std::string output;
  /// Bit i: output for the inputs whose values are the bits of i. Of a gate.
  std::uint64_t truth = 0;
  /// One table for each timing arc or power group of the output; arcs are averaged.
  std::vector<std::pair<LoadSlewTable, LoadSlewTable>> delay_ns, energy_pj;
  /// Energy of an input transition that moves no output, by input: D and CLK of a flip-flop.
  std::map<std::string, std::pair<LoadSlewTable, LoadSlewTable>> input_energy_pj;
  bool is_register = false;

  RiseFall delay(double load_pf, double slew_ns) const;
  RiseFall energy(double load_pf, double slew_ns) const;
  RiseFall input_energy(const std::string& pin, double slew_ns) const;
  double pin_pf(const std::string& pin) const;
};

/// Cells with one output and a function of at most 6 inputs, and flip-flops; the others (latches,
/// tristate buffers, cells with two outputs) are left out.
struct CellLibrary {
  std::string name;
  double voltage = 0;
  std::map<std::string, LibraryCell> cells;

  /// Throws std::runtime_error for an unknown cell.
  const LibraryCell& at(const std::string& cell) const;
};

CellLibrary read_library(const std::string& liberty_text);

}  // namespace lutsim::gates
