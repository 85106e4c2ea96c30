// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/spec/matrix_spec.h"
#include "sim/rtl_bridge/matrix_pins.h"
#include "tools/energy_flow/gate_simulator.h"

namespace lutsim::gates {

/// The matrix unit as gates, behind the pins of the Verilated one: the same beats go in, and what
/// comes out is compared with the same golden results.
class GateMatrixPins : public rtl::MatrixPins {
 public:
  /// `netlist` is matrix_unit with the parameters of `spec`; it outlives this.
  GateMatrixPins(const spec::MatrixSpec& spec, const Netlist& netlist,
                 GateSimulator::Delays delays);

  Moved clock(const Offer& offer) override;
  void reset() override;

  GateSimulator& simulator() { return simulator_; }

 private:
  const Port& port(const char* name) const { return netlist_.port(name); }
  void set(const char* name, std::uint64_t value);
  void set_words(const char* name, const std::uint32_t* words);
  void set_fields(const char* name, const std::uint32_t* values, std::uint32_t width);
  bool pin(const char* name) const { return simulator_.value(port(name).nets[0]); }

  spec::MatrixSpec spec_;
  const Netlist& netlist_;
  GateSimulator simulator_;
  std::vector<std::uint32_t> out_;
};

}  // namespace lutsim::gates
