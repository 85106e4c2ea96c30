// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <functional>
#include <systemc>

#include "models/energy/event.h"
#include "models/spec/arch_spec.h"
#include "sim/kernel/unit_front.h"

namespace lutsim::sim {

/// Matrix unit: executes one tile after another, as long as matrix_cost() says or as its
/// scratchpads take to serve it.
///
/// Functional mode gives it an implementation, the golden model or the Verilated RTL; it computes
/// the tile and reports the cycles that it took, which must be those of matrix_cost(): a difference
/// is an SC_REPORT_ERROR.
class MatrixUnit : public sc_core::sc_module {
 public:
  /// Computes a tile, returns its cycles.
  using Implementation = std::function<std::uint64_t(workloads::OperatorId, const MatrixWork&)>;

  sc_core::sc_fifo_in<CommandPtr> command_in{"command_in"};
  tlm_utils::simple_initiator_socket<MatrixUnit> weight_buffer_initiator{"weight_buffer_initiator"};
  tlm_utils::simple_initiator_socket<MatrixUnit> activation_buffer_initiator{
      "activation_buffer_initiator"};

  /// `implementation` may be empty: timing mode.
  MatrixUnit(const sc_core::sc_module_name& name, const spec::MatrixSpec& spec,
             const sc_core::sc_time& clock_period, CompletionBoard& board, Agenda& agenda,
             UnitFront::Observer observer, Implementation implementation);

  const UnitFront& front() const { return front_; }
  const models::EventCounts& events() const { return events_; }
  /// Cycles of all tiles, as the implementation reported them (functional) or as modelled (timing).
  std::uint64_t tile_cycles_total() const { return tile_cycles_total_; }

 private:
  void run();

  const spec::MatrixSpec spec_;
  const sc_core::sc_time clock_period_;
  const Implementation implementation_;
  UnitFront front_;
  models::EventCounts events_;
  std::uint64_t tile_cycles_total_ = 0;
};

}  // namespace lutsim::sim
