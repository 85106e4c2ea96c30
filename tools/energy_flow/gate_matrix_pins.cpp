// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/gate_matrix_pins.h"

namespace lutsim::gates {

GateMatrixPins::GateMatrixPins(const spec::MatrixSpec& spec, const Netlist& netlist,
                               GateSimulator::Delays delays)
    : spec_(spec), netlist_(netlist), simulator_(netlist, delays), out_(spec.lanes_n()) {
  GateMatrixPins::reset();
}

void GateMatrixPins::set(const char* name, std::uint64_t value) {
  const Port& p = port(name);
  simulator_.set_port(p, 0, static_cast<std::uint32_t>(p.nets.size()), value);
}

void GateMatrixPins::set_words(const char* name, const std::uint32_t* words) {
  const Port& p = port(name);
  for (std::size_t i = 0; i < p.nets.size(); ++i) {
    simulator_.set_input(p.nets[i], (words[i / 32] >> (i % 32)) & 1);
  }
}

void GateMatrixPins::set_fields(const char* name, const std::uint32_t* values,
                                std::uint32_t width) {
  const Port& p = port(name);
  for (std::size_t i = 0; i < p.nets.size(); ++i) {
    simulator_.set_input(p.nets[i], (values[i / width] >> (i % width)) & 1);
  }
}

void GateMatrixPins::reset() {
  for (const char* name :
       {"cmd_valid_i", "act_valid_i", "column_valid_i", "key_valid_i", "scale_valid_i", "rst_ni"}) {
    set(name, 0);
  }
  set("out_ready_i", 1);
  simulator_.settle();
  simulator_.clock();
  set("rst_ni", 1);
}

GateMatrixPins::Moved GateMatrixPins::clock(const Offer& offer) {
  set("cmd_valid_i", offer.command != nullptr);
  if (offer.command != nullptr) {
    set("cmd_lut_broadcast_i", offer.command->lut_broadcast);
    set("cmd_beats_i", offer.command->beats);
    set("cmd_planes_i", offer.command->planes);
    set("cmd_has_offset_i", offer.command->has_offset);
    set("cmd_first_i", offer.command->first);
    set("cmd_last_i", offer.command->last);
  }
  set("act_valid_i", offer.activations != nullptr);
  if (offer.activations != nullptr) {
    set_fields("act_i", offer.activations, spec::width_bits(spec_.act_format));
  }
  set("column_valid_i", offer.column != nullptr);
  if (offer.column != nullptr) {
    set("column_last_i", offer.column->last);
    set_words("column_i", offer.column->bits.data());
    set_fields("zero_i", offer.column->zeros.data(), spec_.planes);
  }
  set("key_valid_i", offer.keys != nullptr);
  if (offer.keys != nullptr) set_words("key_i", offer.keys);
  set("scale_valid_i", offer.scales != nullptr);
  if (offer.scales != nullptr) set_words("scale_i", offer.scales);
  set("out_ready_i", offer.out_ready);

  simulator_.settle();
  Moved moved;
  moved.command = offer.command != nullptr && pin("cmd_ready_o");
  moved.activations = offer.activations != nullptr && pin("act_ready_o");
  moved.column = offer.column != nullptr && pin("column_ready_o");
  moved.keys = offer.keys != nullptr && pin("key_ready_o");
  moved.scales = offer.scales != nullptr && pin("scale_ready_o");
  moved.idle = pin("idle_o");
  if (pin("out_valid_o") && offer.out_ready) {
    const Port& out = port("out_o");
    for (std::size_t n = 0; n < out_.size(); ++n) {
      out_[n] = static_cast<std::uint32_t>(simulator_.port_value(out, n * 32, 32));
    }
    moved.out = out_.data();
  }
  simulator_.clock();
  return moved;
}

}  // namespace lutsim::gates
