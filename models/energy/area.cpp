// SPDX-License-Identifier: Apache-2.0
#include "models/energy/area.h"

#include <map>

#include "models/energy/event_energy.h"
#include "models/energy/geometry.h"

namespace lutsim::models {
namespace {

void add(AreaRange* sum, const AreaRange& part) {
  sum->value += part.value;
  sum->low += part.low;
  sum->high += part.high;
}

/// Names a part of the chip and the cells in it.
struct Part {
  const char* name;
  bool is_logic;
  std::vector<Term> cells;
};

std::vector<Part> parts_of(const spec::ArchSpec& arch) {
  const MatrixGeometry m(arch.matrix);
  const double lanes = arch.vector.lanes;
  const double dma_channels = static_cast<double>(arch.dma.read_channels) + arch.dma.write_channels;
  const double sram_bits =
      static_cast<double>(arch.weight_buffer.capacity + arch.activation_buffer.capacity) *
      kBitsPerByte;
  const double dram_channels = arch.memory.channels;

  // One LUT generator serves a column, the PEs of its rows keep a copy (docs/units/matrix.md).
  const std::vector<Term> align{
      {"area.int_add_bit", m.lanes_k * (2 * m.act_exponent_bits + m.align_bits)},
      {"area.shift_bit", m.lanes_k * m.align_bits},
      {"area.register_bit", m.lanes_k * (m.act_bits + m.align_bits)}};
  const std::vector<Term> generator{
      {"area.int_add_bit", m.columns * generator_additions(arch.matrix.mu) * m.entry_bits}};
  const std::vector<Term> lut{{"area.register_bit", m.pes * m.lut_bits}};
  // A RAC selects with a tree of lut_entries - 1 stages and inverts with one more.
  const std::vector<Term> rac{{"area.register_bit", m.racs * m.mu},
                              {"area.mux_bit", m.racs * m.lut_entries * m.entry_bits},
                              {"area.int_add_bit", m.racs * m.sum_bits}};
  const std::vector<Term> scale{{"area.int_add_bit", m.lanes_n * (m.sum_bits + kFp32ExponentBits)},
                                {"area.shift_bit", m.lanes_n * m.sum_bits},
                                {"area.fp32_multiply", m.lanes_n},
                                {"area.fp32_add", m.lanes_n}};
  const std::vector<Term> vector{
      {"area.fp32_multiply", lanes},
      {"area.fp32_add", lanes},
      {"area.shift_bit", lanes * kFp32Bits},
      {"area.register_bit", lanes * kFp32Bits * arch.vector.pipeline_cycles}};

  return {{"matrix.align", true, align},
          {"matrix.lut_generator", true, generator},
          {"matrix.lut", true, lut},
          {"matrix.rac", true, rac},
          {"matrix.scale_accumulate", true, scale},
          {"matrix.psum", true, {{"area.psum_bit", m.lanes_n * m.psum_bits}}},
          {"vector", true, vector},
          {"dma", true, {{"area.dma_channel", dma_channels}}},
          {"command", true, {{"area.command_processor", 1}}},
          {"sram", false, {{"area.sram_bit", sram_bits}}},
          {"dram_interface",
           false,
           {{"area.dram." + memory_family(arch.memory.standard), dram_channels}}}};
}

}  // namespace

AreaReport chip_area(const spec::ArchSpec& arch, const EnergyTable& table) {
  AreaReport report;
  std::map<std::string, Constant> used;
  for (const Part& part : parts_of(arch)) {
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

}  // namespace lutsim::models
