// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/spec/arch_spec.h"
#include "sim/rtl_bridge/matrix_pins.h"
#include "sim/rtl_bridge/port_bits.h"
#include "sim/rtl_bridge/verilated_block.h"

namespace lutsim::rtl {

/// MatrixPins of one Verilated configuration. `Top` is the class that Verilator made of the top,
/// `Elaborated` that of the module, whose static members are its parameters.
template <class Top, class Elaborated>
class VerilatedMatrixUnit : public MatrixPins {
 public:
  VerilatedMatrixUnit() : out_(Elaborated::LanesN) { VerilatedMatrixUnit::reset(); }

  void reset() override {
    top_.cmd_valid_i = top_.act_valid_i = top_.column_valid_i = 0;
    top_.key_valid_i = top_.scale_valid_i = 0;
    top_.out_ready_i = 1;
    out_waits_ = false;
    top_.rst_ni = 0;
    block_.edge();
    top_.rst_ni = 1;
  }

  /// The elaborated parameters. Throws spec::SpecError if a derived one is not what models/spec
  /// derives.
  static spec::MatrixSpec spec() {
    spec::MatrixSpec spec;
    spec.engine = static_cast<spec::Engine>(Elaborated::Engine);
    spec.mu = Elaborated::Mu;
    spec.racs_per_lut = Elaborated::RacsPerLut;
    spec.array_rows = Elaborated::ArrayRows;
    spec.array_cols = Elaborated::ArrayCols;
    spec.planes = Elaborated::Planes;
    spec.align_bits = Elaborated::AlignBits;
    spec.psum_depth = Elaborated::PsumDepth;
    spec.act_format = act_format();
    spec.acc_format = acc_format(spec.engine);
    expect_same("LutEntries", Elaborated::LutEntries, spec.lut_entries());
    expect_same("LanesN", Elaborated::LanesN, spec.lanes_n());
    expect_same("LanesK", Elaborated::LanesK, spec.lanes_k());
    expect_same("EntryBits", Elaborated::EntryBits, spec.entry_bits());
    expect_same("SumBits", Elaborated::SumBits, spec.sum_bits());
    expect_same("Slots", Elaborated::Slots, spec.slots());
    expect_same("FrontStages", Elaborated::FrontStages, spec.front_stages());
    expect_same("ReduceStages", Elaborated::ReduceStages, spec.reduce_stages());
    expect_same("ScaleStages", Elaborated::ScaleStages, spec.scale_stages());
    expect_same("SlotStages", Elaborated::SlotStages, spec.slot_stages());
    return spec;
  }

  static std::unique_ptr<MatrixPins> make() {
    return std::make_unique<VerilatedMatrixUnit<Top, Elaborated>>();
  }

  Moved clock(const Offer& offer) override {
    top_.cmd_valid_i = offer.command != nullptr;
    if (offer.command != nullptr) set_command(*offer.command);
    top_.act_valid_i = offer.activations != nullptr;
    if (offer.activations != nullptr) set_activations(offer.activations);
    top_.column_valid_i = offer.column != nullptr;
    if (offer.column != nullptr) set_column(*offer.column);
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
    moved.column = top_.column_valid_i && top_.column_ready_o;
    moved.keys = top_.key_valid_i && top_.key_ready_o;
    moved.scales = top_.scale_valid_i && top_.scale_ready_o;
    moved.idle = top_.idle_o;
    if (top_.out_valid_o) {
      for (std::size_t n = 0; n < out_.size(); ++n) {
        const auto bits = static_cast<std::uint32_t>(get_bits(top_.out_o, n * 32, 32));
        if (out_waits_ && bits != out_[n]) {
          throw std::logic_error("out_o of matrix_unit changed before it was taken");
        }
        out_[n] = bits;
      }
      if (top_.out_ready_i) moved.out = out_.data();
    }
    out_waits_ = top_.out_valid_o && !top_.out_ready_i;
    top_.clk_i = 1;
    top_.eval();
    if (block_.failed()) {
      throw std::logic_error("an assertion of matrix_unit failed: see standard error");
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
    throw spec::SpecError(
        "matrix_unit was verilated with ActExpBits = " + std::to_string(Elaborated::ActExpBits) +
        ", ActManBits = " + std::to_string(Elaborated::ActManBits) + ": not a known format");
  }

  static spec::AccFormat acc_format(spec::Engine engine) {
    if (spec::is_aligned(engine)) return spec::AccFormat::integer;
    return Elaborated::AccExpBits == 5 ? spec::AccFormat::fp16 : spec::AccFormat::fp32;
  }

  static void expect_same(const char* name, std::uint32_t rtl, std::uint32_t derived) {
    if (rtl != derived) {
      throw spec::SpecError("matrix_unit was verilated with " + std::string(name) + " = " +
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

  void set_column(const MatrixColumn& column) {
    top_.column_last_i = column.last;
    copy_words(top_.column_i, column.bits.data());
    for (std::uint32_t n = 0; n < Elaborated::LanesN; ++n) {
      set_bits(top_.zero_i, std::size_t{n} * Elaborated::Planes, Elaborated::Planes,
               column.zeros[n]);
    }
  }

  void set_activations(const std::uint32_t* activations) {
    for (std::uint32_t k = 0; k < Elaborated::LanesK; ++k) {
      set_bits(top_.act_i, std::size_t{k} * kActBits, kActBits, activations[k]);
    }
  }

  VerilatedBlock<Top> block_;
  TopOf<Top>& top_ = block_.top;
  std::vector<std::uint32_t> out_;
  bool out_waits_ = false;  ///< out_ was offered and not taken in the last cycle
};

}  // namespace lutsim::rtl
