// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/spec/arch_spec.h"
#include "sim/rtl_bridge/lut_matrix_pins.h"
#include "sim/rtl_bridge/port_bits.h"
#include "sim/rtl_bridge/verilated_block.h"

namespace lutsim::rtl {

/// LutMatrixPins of one Verilated configuration. `Top` is the class that Verilator made of the top,
/// `Elaborated` that of the module, whose static members are its parameters.
template <class Top, class Elaborated>
class VerilatedMatrixUnit : public LutMatrixPins {
 public:
  VerilatedMatrixUnit() : out_(Elaborated::LanesN) { VerilatedMatrixUnit::reset(); }

  void reset() override {
    top_.cmd_valid_i = top_.act_valid_i = top_.key_valid_i = top_.scale_valid_i = 0;
    top_.out_ready_i = 1;
    top_.rst_ni = 0;
    block_.edge();
    top_.rst_ni = 1;
  }

  /// The elaborated parameters. Throws spec::SpecError if a derived one is not what models/spec
  /// derives.
  static spec::MatrixSpec spec() {
    spec::MatrixSpec spec;
    spec.mu = Elaborated::Mu;
    spec.racs_per_lut = Elaborated::RacsPerLut;
    spec.array_rows = Elaborated::ArrayRows;
    spec.array_cols = Elaborated::ArrayCols;
    spec.align_bits = Elaborated::AlignBits;
    spec.psum_depth = Elaborated::PsumDepth;
    spec.act_format = act_format();
    expect_same("LutEntries", Elaborated::LutEntries, spec.lut_entries());
    expect_same("LanesN", Elaborated::LanesN, spec.lanes_n());
    expect_same("LanesK", Elaborated::LanesK, spec.lanes_k());
    expect_same("EntryBits", Elaborated::EntryBits, spec.entry_bits());
    expect_same("SumBits", Elaborated::SumBits, spec.sum_bits());
    return spec;
  }

  static std::unique_ptr<LutMatrixPins> make() {
    return std::make_unique<VerilatedMatrixUnit<Top, Elaborated>>();
  }

  Moved clock(const Offer& offer) override {
    top_.cmd_valid_i = offer.command != nullptr;
    if (offer.command != nullptr) set_command(*offer.command);
    top_.act_valid_i = offer.activations != nullptr;
    if (offer.activations != nullptr) set_activations(offer.activations);
    top_.key_valid_i = offer.keys != nullptr;
    if (offer.keys != nullptr) copy_words(top_.key_i, offer.keys);
    top_.scale_valid_i = offer.scales != nullptr;
    if (offer.scales != nullptr) copy_words(top_.scale_i, offer.scales);
    top_.out_ready_i = offer.out_ready;

    // Handshakes are settled before the edge.
    top_.clk_i = 0;
    top_.eval();
    Moved moved;
    moved.command = top_.cmd_valid_i && top_.cmd_ready_o;
    moved.activations = top_.act_valid_i && top_.act_ready_o;
    moved.keys = top_.key_valid_i && top_.key_ready_o;
    moved.scales = top_.scale_valid_i && top_.scale_ready_o;
    moved.idle = top_.idle_o;
    if (top_.out_valid_o && top_.out_ready_i) {
      for (std::size_t n = 0; n < out_.size(); ++n) {
        out_[n] = static_cast<std::uint32_t>(get_bits(top_.out_o, n * 32, 32));
      }
      moved.out = out_.data();
    }
    top_.clk_i = 1;
    top_.eval();
    if (block_.failed()) {
      throw std::logic_error("an assertion of lut_matrix_unit failed: see standard error");
    }
    return moved;
  }

 private:
  static constexpr std::uint32_t kActBits = 1 + Elaborated::ActExpBits + Elaborated::ActManBits;

  static spec::NumberFormat act_format() {
    using spec::NumberFormat;
    for (const NumberFormat format : {NumberFormat::fp16, NumberFormat::bf16, NumberFormat::fp32}) {
      const spec::FloatEncoding encoding = spec::float_encoding(format);
      if (encoding.exponent_bits == Elaborated::ActExpBits &&
          encoding.mantissa_bits == Elaborated::ActManBits) {
        return format;
      }
    }
    throw spec::SpecError("lut_matrix_unit was verilated with ActExpBits = " +
                          std::to_string(Elaborated::ActExpBits) + ", ActManBits = " +
                          std::to_string(Elaborated::ActManBits) + ": not a known format");
  }

  static void expect_same(const char* name, std::uint32_t rtl, std::uint32_t derived) {
    if (rtl != derived) {
      throw spec::SpecError("lut_matrix_unit was verilated with " + std::string(name) + " = " +
                            std::to_string(rtl) + ", models/spec derives " +
                            std::to_string(derived));
    }
  }

  void set_command(const MatrixCommand& command) {
    top_.cmd_lut_broadcast_i = command.lut_broadcast;
    top_.cmd_beats_i = static_cast<SData>(command.beats);
    top_.cmd_planes_i = static_cast<CData>(command.planes);
    top_.cmd_has_offset_i = command.has_offset;
    top_.cmd_first_i = command.first;
    top_.cmd_last_i = command.last;
  }

  void set_activations(const std::uint32_t* activations) {
    for (std::uint32_t k = 0; k < Elaborated::LanesK; ++k) {
      set_bits(top_.act_i, std::size_t{k} * kActBits, kActBits, activations[k]);
    }
  }

  VerilatedBlock<Top> block_;
  TopOf<Top>& top_ = block_.top;
  std::vector<std::uint32_t> out_;
};

}  // namespace lutsim::rtl
