// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/liberty.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace lutsim::gates {
namespace {

std::vector<double> numbers(const std::string& list) {
  std::vector<double> values;
  std::istringstream stream(list);
  for (std::string item; std::getline(stream, item, ',');)
    values.push_back(std::strtod(item.c_str(), nullptr));
  return values;
}

/// `slew_only`: names of the templates whose first variable is the slew.
LoadSlewTable table_of(const LibertyGroup& group, const std::map<std::string, bool>& slew_only) {
  LoadSlewTable table;
  const auto* first = group.values("index_1");
  const auto* second = group.values("index_2");
  const auto* values = group.values("values");
  if (values == nullptr) return table;
  table.values.clear();
  for (const std::string& row : *values) {
    for (const double value : numbers(row)) table.values.push_back(value);
  }
  const auto kind = group.arguments.empty() ? slew_only.end() : slew_only.find(group.arguments[0]);
  if (kind != slew_only.end() && kind->second) {
    if (first != nullptr) table.slew = numbers(first->at(0));
  } else {
    if (first != nullptr) table.load = numbers(first->at(0));
    if (second != nullptr) table.slew = numbers(second->at(0));
  }
  if (table.values.size() != table.load.size() * table.slew.size()) {
    throw std::runtime_error("Liberty: a table of " + std::to_string(table.values.size()) +
                             " values over " + std::to_string(table.load.size()) + " x " +
                             std::to_string(table.slew.size()) + " points");
  }
  return table;
}

using TablePair = std::pair<LoadSlewTable, LoadSlewTable>;

/// The tables called `rise` and `fall` of a timing or power group; a missing one is that of the
/// other direction.
bool tables_of(const LibertyGroup& group, const char* rise, const char* fall,
               const std::map<std::string, bool>& slew_only, TablePair* pair) {
  const LibertyGroup *up = nullptr, *down = nullptr;
  for (const LibertyGroup& child : group.groups) {
    if (child.type == rise) up = &child;
    if (child.type == fall) down = &child;
  }
  if (up == nullptr && down == nullptr) return false;
  *pair = {table_of(up != nullptr ? *up : *down, slew_only),
           table_of(down != nullptr ? *down : *up, slew_only)};
  return true;
}

RiseFall mean_at(const std::vector<TablePair>& arcs, double load, double slew) {
  RiseFall mean;
  for (const TablePair& arc : arcs) {
    mean.rise += arc.first.at(load, slew) / static_cast<double>(arcs.size());
    mean.fall += arc.second.at(load, slew) / static_cast<double>(arcs.size());
  }
  return mean;
}

/// Throws unless the library counts in the units of this file: ns, pF, nW.
void check_units(const LibertyGroup& library) {
  const auto is = [&](const char* name, const std::vector<std::string>& unit) {
    const auto* given = library.values(name);
    if (given == nullptr || *given == unit) return;
    throw std::runtime_error("Liberty: " + std::string(name) + " of " + library.arguments.at(0) +
                             " is not that of the energy flow");
  };
  is("time_unit", {"1ns"});
  is("voltage_unit", {"1V"});
  is("leakage_power_unit", {"1nW"});
  is("capacitive_load_unit", {"1", "pf"});
}

/// False: not a cell that a netlist of ours can hold.
bool read_cell(const LibertyGroup& group, const std::map<std::string, bool>& slew_only,
               LibraryCell* cell) {
  cell->name = group.arguments.at(0);
  cell->area_um2 = group.number("area", 0);
  cell->leakage_nw = group.number("cell_leakage_power", 0);
  std::string function;
  std::size_t outputs = 0;
  TablePair pair;
  for (const LibertyGroup& child : group.groups) {
    if (child.type == "ff") cell->is_register = true;
    if (child.type == "latch" || child.type == "statetable") return false;
    if (child.type != "pin") continue;
    const std::string pin = child.arguments.at(0);
    if (child.value("direction") != "output") {
      cell->inputs.push_back(pin);
      cell->input_pf.push_back(child.number("capacitance", 0));
      for (const LibertyGroup& part : child.groups) {
        if (part.type == "internal_power" &&
            tables_of(part, "rise_power", "fall_power", slew_only, &pair)) {
          cell->input_energy_pj[pin] = pair;
        }
      }
      continue;
    }
    ++outputs;
    cell->output = pin;
    function = child.value("function");
    if (!child.value("three_state").empty()) return false;
    for (const LibertyGroup& part : child.groups) {
      if (part.type == "timing" && tables_of(part, "cell_rise", "cell_fall", slew_only, &pair)) {
        cell->delay_ns.push_back(pair);
      }
      if (part.type == "internal_power" &&
          tables_of(part, "rise_power", "fall_power", slew_only, &pair)) {
        cell->energy_pj.push_back(pair);
      }
    }
  }
  if (outputs != 1 || function.empty()) return false;
  if (cell->is_register) return true;
  if (cell->inputs.size() > 6) return false;
  cell->truth = truth_table(function, cell->inputs);
  return true;
}

}  // namespace

double LoadSlewTable::at(double load_pf, double slew_ns) const {
  // Index of the point below `x` and how far `x` is on the way to the next.
  const auto place = [](const std::vector<double>& points, double x) {
    if (points.size() == 1 || x <= points.front()) return std::make_pair(std::size_t{0}, 0.0);
    if (x >= points.back()) return std::make_pair(points.size() - 2, 1.0);
    const auto above = std::upper_bound(points.begin(), points.end(), x);
    const auto below = static_cast<std::size_t>(above - points.begin()) - 1;
    return std::make_pair(below, (x - points[below]) / (points[below + 1] - points[below]));
  };
  const auto [l, l_part] = place(load, load_pf);
  const auto [s, s_part] = place(slew, slew_ns);
  const std::size_t columns = slew.size();
  const auto value = [&](std::size_t row, std::size_t column) {
    return values[std::min(row, load.size() - 1) * columns + std::min(column, columns - 1)];
  };
  const double low = value(l, s) + s_part * (value(l, s + 1) - value(l, s));
  const double high = value(l + 1, s) + s_part * (value(l + 1, s + 1) - value(l + 1, s));
  return low + l_part * (high - low);
}

RiseFall LibraryCell::delay(double load_pf, double slew_ns) const {
  return mean_at(delay_ns, load_pf, slew_ns);
}

RiseFall LibraryCell::energy(double load_pf, double slew_ns) const {
  return mean_at(energy_pj, load_pf, slew_ns);
}

RiseFall LibraryCell::input_energy(const std::string& pin, double slew_ns) const {
  const auto found = input_energy_pj.find(pin);
  if (found == input_energy_pj.end()) return {};
  return {found->second.first.at(0, slew_ns), found->second.second.at(0, slew_ns)};
}

double LibraryCell::pin_pf(const std::string& pin) const {
  const auto found = std::find(inputs.begin(), inputs.end(), pin);
  if (found == inputs.end()) throw std::runtime_error("cell " + name + " has no input " + pin);
  return input_pf[static_cast<std::size_t>(found - inputs.begin())];
}

const LibraryCell& CellLibrary::at(const std::string& cell) const {
  const auto found = cells.find(cell);
  if (found == cells.end())
    throw std::runtime_error("library " + name + " has no usable cell " + cell);
  return found->second;
}

CellLibrary read_library(const std::string& liberty_text) {
  const LibertyGroup group = parse_liberty(liberty_text);
  check_units(group);
  CellLibrary library;
  library.name = group.arguments.at(0);
  library.voltage = group.number("nom_voltage", 0);
  std::map<std::string, bool> slew_only;
  for (const LibertyGroup& child : group.groups) {
    const std::string first = child.value("variable_1");
    if (!first.empty()) slew_only[child.arguments.at(0)] = first.rfind("input_", 0) == 0;
  }
  for (const LibertyGroup& child : group.groups) {
    LibraryCell cell;
    if (child.type == "cell" && read_cell(child, slew_only, &cell))
      library.cells.emplace(cell.name, cell);
  }
  return library;
}

}  // namespace lutsim::gates
