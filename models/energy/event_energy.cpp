// SPDX-License-Identifier: Apache-2.0
#include "models/energy/event_energy.h"

#include <cmath>
#include <stdexcept>

#include "models/energy/area.h"
#include "models/energy/geometry.h"
#include "models/engine/half_lut.h"

namespace lutsim::models {
namespace {

/// sram_*_bit is the energy of a bank of this size; energy grows with the square root of the bank
/// (Horowitz 2014: 8 KB, 32 KB, 1 MB cost 10, 20, 100 pJ a word).
constexpr double kSramBankBytes = 8192;
/// psum_*_bit is the energy of an array of this size.
constexpr double kPsumBytes = 128;

double bank_factor(const spec::ScratchpadSpec& buffer) {
  return std::sqrt(static_cast<double>(buffer.capacity) / buffer.banks / kSramBankBytes);
}

double psum_factor(const MatrixGeometry& m) {
  return std::sqrt(m.psum_bits / kBitsPerByte / kPsumBytes);
}

/// "fp16_add" or "fp32_multiply": BF16 is priced as FP16, whose significand is wider.
std::string float_unit(spec::NumberFormat format, const char* operation) {
  return std::string(format == spec::NumberFormat::fp32 ? "fp32_" : "fp16_") + operation;
}

/// DMA and scratchpads lie half a die edge apart.
double noc_millimetres(const spec::ArchSpec& arch, const EnergyTable& table) {
  return 0.5 * std::sqrt(chip_area(arch, table).total.value * 1e6);
}

std::vector<Term> formula(Event event, const spec::ArchSpec& arch, const EnergyTable& table) {
  const MatrixGeometry m(arch.matrix);
  const std::string dram = "dram." + memory_family(arch.memory.standard) + ".";
  switch (event) {
    case Event::dram_activate:
      return {{dram + "activate", 1}};
    case Event::dram_read_bit:
      return {{dram + "read_bit", 1}};
    case Event::dram_write_bit:
      return {{dram + "write_bit", 1}};
    case Event::dram_phy_bit:
      return {{dram + "phy_bit", 1}};
    case Event::dram_refresh:
      return {{dram + "refresh", 1}};

    case Event::sram_weight_read_bit:
      return {{"sram_read_bit", bank_factor(arch.weight_buffer)}};
    case Event::sram_weight_write_bit:
      return {{"sram_write_bit", bank_factor(arch.weight_buffer)}};
    case Event::sram_act_read_bit:
      return {{"sram_read_bit", bank_factor(arch.activation_buffer)}};
    case Event::sram_act_write_bit:
      return {{"sram_write_bit", bank_factor(arch.activation_buffer)}};

    case Event::noc_bit:
      return {{"wire_bit_mm", noc_millimetres(arch, table)}};

    case Event::decoder_block: {
      // Each weight bit is the XOR of half of its taps (a gate like a 2:1 stage); the shift
      // register takes a block, the output register its bits.
      const spec::XorCodeSpec& code = arch.decoder.code;
      return {{"mux_bit", code.n_out * (code.taps() / 2.0 - 1)},
              {"register_write_bit", static_cast<double>(code.n_in + code.n_out)}};
    }
    case Event::decoder_patch:
      // A decoder of the distance, and the flipped bit.
      return {{"mux_bit", static_cast<double>(arch.decoder.code.n_out)}, {"register_write_bit", 1}};

    case Event::link_bit:
      return {{"link_bit", 1}};

    case Event::matrix_align:
      // Compare with the largest exponent, subtract from it, shift, negate.
      return {{"int_add_bit", 2 * m.act_exponent_bits + m.align_bits}, {"shift_bit", m.align_bits}};
    case Event::matrix_lut_generate: {
      const double additions = generator_additions(arch.matrix.mu);
      if (spec::is_aligned(arch.matrix.engine)) return {{"int_add_bit", additions * m.entry_bits}};
      return {{float_unit(arch.matrix.float_acc(), "add"), additions}};
    }
    case Event::matrix_lut_write:
      return {{"register_write_bit", m.lut_bits}, {"lut_fanout_bit", m.lut_bits * m.racs_per_lut}};
    case Event::matrix_activation_write: {
      // Without an aligner in front of it the operand register has one more before it.
      const bool aligned = spec::is_aligned(arch.matrix.engine);
      const double bits = aligned ? m.align_bits : m.act_bits;
      return {{"register_write_bit", (aligned ? 1 : 2) * bits}, {"lut_fanout_bit", bits * m.rows}};
    }
    case Event::matrix_key_write:
      if (spec::is_lut(arch.matrix.engine)) return {{"register_write_bit", m.weight_bits}};
      // Every second write, into the shadow register, comes over a bus along the columns.
      return {{"register_write_bit", m.weight_bits},
              {"lut_fanout_bit", m.weight_bits * m.columns / 2}};
    case Event::matrix_lut_read: {
      // mu - 1 select stages and the sign inversion, then one addition of the adder tree; a
      // floating-point tree keeps every sum in a register.
      const Term select{"mux_bit", m.mu * m.entry_bits};
      if (spec::is_aligned(arch.matrix.engine)) return {select, {"int_add_bit", m.sum_bits}};
      return {select,
              {float_unit(arch.matrix.float_acc(), "add"), 1},
              {"register_write_bit", m.sum_bits}};
    }
    case Event::matrix_add_sub:
      return {{"mux_bit", m.align_bits}, {"int_add_bit", m.sum_bits}};
    case Event::matrix_integer_mac:
      return {{"int_multiply_bit2", m.align_bits * (m.planes + 1)}, {"int_add_bit", m.sum_bits}};
    case Event::matrix_dequantize:
      // Subtract the zero point, normalise, multiply.
      return {{"int_add_bit", m.planes + 1},
              {"shift_bit", m.planes + 1},
              {float_unit(arch.matrix.act_format, "multiply"), 1}};
    case Event::matrix_fp_mac:
      return {{float_unit(arch.matrix.act_format, "multiply"), 1},
              {float_unit(arch.matrix.float_acc(), "add"), 1},
              {"register_write_bit", m.sum_bits}};
    case Event::matrix_scale:
      if (!spec::is_aligned(arch.matrix.engine)) return {{"fp32_multiply", 1}};
      // Negate and normalise the sum, add the exponents, multiply.
      return {{"int_add_bit", m.sum_bits + kFp32ExponentBits},
              {"shift_bit", m.sum_bits},
              {"fp32_multiply", 1}};
    case Event::matrix_slot_add:
      return {{"fp32_add", 1}, {"register_write_bit", kFp32Bits}};
    case Event::matrix_accumulate:
      return {{"fp32_add", 1},
              {"psum_read_bit", kFp32Bits * psum_factor(m)},
              {"psum_write_bit", kFp32Bits * psum_factor(m)}};

    case Event::vector_add:
      return {{"fp32_add", 1}, {"register_write_bit", kFp32Bits}};
    case Event::vector_multiply:
      return {{"fp32_multiply", 1}, {"register_write_bit", kFp32Bits}};
    case Event::vector_function: {
      // A lane multiplies, adds and keeps the result in every cycle of the function.
      const double cycles = arch.vector.function_cycles;
      return {{"fp32_multiply", cycles},
              {"fp32_add", cycles},
              {"register_write_bit", cycles * kFp32Bits}};
    }
    case Event::vector_convert:
      return {
          {"shift_bit", kFp32Bits}, {"int_add_bit", kFp32Bits}, {"register_write_bit", kFp32Bits}};

    case Event::command_issue:
      return {{"command_issue", 1}};
    case Event::count_:
      break;
  }
  throw std::invalid_argument("an event without an energy formula");
}
}  // namespace

std::string memory_family(const std::string& standard) {
  return standard.substr(0, standard.find('-'));
}

std::vector<Term> event_terms(Event event, const spec::ArchSpec& arch, const EnergyTable& table) {
  const std::string event_name = event_info(event).name;
  if (table.contains(event_name)) return {{event_name, 1}};
  std::vector<Term> terms = formula(event, arch, table);
  for (Term& term : terms) {
    const std::string own = for_event(term.name, event_name);
    if (table.contains(own)) term.name = own;
  }
  return terms;
}

std::vector<StaticPart> static_parts(const spec::ArchSpec& arch, const EnergyTable& table) {
  const double chips = arch.system.chips;
  const double logic_mm2 = chips * chip_area(arch, table).logic.value * 1e6;
  const double sram_kib =
      chips * static_cast<double>(arch.weight_buffer.capacity + arch.activation_buffer.capacity) /
      1024;
  return {{"dram",
           {{"static.dram." + memory_family(arch.memory.standard), chips * arch.memory.channels}}},
          {"static",
           {{"static.sram_kib", sram_kib},
            {"static.logic_mm2", logic_mm2},
            {"clock_tree_mm2", logic_mm2 * arch.clock}}}};
}

double event_joules(Event event, const spec::ArchSpec& arch, const EnergyTable& table) {
  double joules = 0;
  for (const Term& term : event_terms(event, arch, table)) {
    joules += term.amount *
              table.at(term.name, std::string("event '") + event_info(event).name + "'").value;
  }
  return joules;
}

}  // namespace lutsim::models
