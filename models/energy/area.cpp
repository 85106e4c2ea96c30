// SPDX-License-Identifier: Apache-2.0
#include "models/energy/area.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "models/energy/event_energy.h"
#include "models/energy/geometry.h"
#include "models/energy/matrix_area.h"

namespace lutsim::models {
namespace {

void add(AreaRange* sum, const AreaRange& part) {
  sum->value += part.value;
  sum->low += part.low;
  sum->high += part.high;
}

struct UnitArea {
  const char* unit;
  const char* constant;
};
constexpr UnitArea kUnits[] = {
    {"matrix", "area.matrix"}, {"vector", "area.vector"},
    {"dma", "area.dma"},       {"command", "area.command"},
    {"sram", "area.sram"},     {"dram_interface", "area.dram_interface"}};

/// Puts one part in the place of all parts of a unit that the table gives as a whole.
std::vector<AreaCells> with_whole_units(std::vector<AreaCells> parts, const EnergyTable& table) {
  for (const UnitArea& whole : kUnits) {
    if (!table.contains(whole.constant)) continue;
    const auto in_unit = [&whole](const AreaCells& p) { return area_unit(p.name) == whole.unit; };
    const auto first = std::find_if(parts.begin(), parts.end(), in_unit);
    *first = {whole.unit, first->is_logic, {{whole.constant, 1}}};
    parts.erase(std::remove_if(std::next(first), parts.end(), in_unit), parts.end());
  }
  return parts;
}

std::vector<AreaCells> parts_of(const spec::ArchSpec& arch) {
  const double lanes = arch.vector.lanes;
  const double dma_channels = static_cast<double>(arch.dma.read_channels) + arch.dma.write_channels;
  const double sram_bits =
      static_cast<double>(arch.weight_buffer.capacity + arch.activation_buffer.capacity) *
      kBitsPerByte;
  const double dram_channels = arch.memory.channels;

  const std::vector<Term> vector{
      {"area.fp32_multiply", lanes},
      {"area.fp32_add", lanes},
      {"area.shift_bit", lanes * kFp32Bits},
      {"area.register_bit", lanes * kFp32Bits * arch.vector.pipeline_cycles}};

  std::vector<AreaCells> parts = matrix_cells(arch.matrix);
  const spec::XorCodeSpec& code = arch.decoder.code;
  const double decoders = arch.decoder.decoders;
  const std::vector<Term> decoder{
      {"area.mux_bit", decoders * code.n_out * code.taps() / 2.0},
      {"area.register_bit", decoders * (code.n_out + code.n_in * code.n_stages + code.patch_bits)}};
  const std::vector<AreaCells> others{
      {"vector", true, vector},
      {"dma", true, {{"area.dma_channel", dma_channels}}},
      {"command", true, {{"area.command_processor", 1}}},
      {"sram", false, {{"area.sram_bit", sram_bits}}},
      {"dram_interface",
       false,
       {{"area.dram." + memory_family(arch.memory.standard), dram_channels}}}};
  parts.insert(parts.end(), others.begin(), others.end());
  if (decoders > 0) parts.push_back({"decoder", true, decoder});
  return parts;
}

}  // namespace

std::string area_unit(const std::string& part) { return part.substr(0, part.find('.')); }

AreaReport chip_area(const spec::ArchSpec& arch, const EnergyTable& table) {
  AreaReport report;
  std::map<std::string, Constant> used;
  for (const AreaCells& part : with_whole_units(parts_of(arch), table)) {
    AreaRange area;
    for (const Term& cell : part.cells) {
      const Constant& c = table.at(cell.name, std::string("the area of '") + part.name + "'");
      add(&area, {cell.amount * c.value, cell.amount * c.low, cell.amount * c.high});
      used.emplace(c.name, c);
    }
    add(&report.total, area);
    if (part.is_logic) add(&report.logic, area);
    report.parts.push_back({part.name, area});
  }
  for (auto& entry : used) report.constants.push_back(std::move(entry.second));
  return report;
}

AreaReport system_area(const spec::ArchSpec& arch, const EnergyTable& table) {
  AreaReport report = chip_area(arch, table);
  const auto multiply = [chips = static_cast<double>(arch.system.chips)](AreaRange& area) {
    area = {area.value * chips, area.low * chips, area.high * chips};
  };
  for (AreaPart& part : report.parts) multiply(part.area);
  multiply(report.logic);
  multiply(report.total);
  return report;
}

}  // namespace lutsim::models
