// SPDX-License-Identifier: Apache-2.0
#include "sim/matrix/matrix_unit.h"

#include <string>
#include <utility>
#include <variant>

#include "sim/kernel/transport.h"
#include "sim/matrix/matrix_cost.h"

namespace lutsim::sim {

MatrixUnit::MatrixUnit(const sc_core::sc_module_name& name, const spec::MatrixSpec& spec,
                       const sc_core::sc_time& clock_period, CompletionBoard& board, Agenda& agenda,
                       UnitFront::Observer observer, Implementation implementation)
    : sc_module(name),
      spec_(spec),
      clock_period_(clock_period),
      implementation_(std::move(implementation)),
      front_(board, agenda, std::move(observer)) {
  SC_HAS_PROCESS(MatrixUnit);
  SC_THREAD(run);
}

void MatrixUnit::run() {
  while (true) {
    const CommandPtr command = front_.take(command_in);
    const auto& work = std::get<MatrixWork>(command->work);
    const MatrixCost cost = matrix_cost(spec_, work);
    std::uint64_t cycles = cost.cycles;
    if (implementation_) {
      cycles = implementation_(command->op, work);
      if (cycles != cost.cycles) {
        SC_REPORT_ERROR(name(), ("a tile took " + std::to_string(cycles) +
                                 " cycles, the timing model says " + std::to_string(cost.cycles))
                                    .c_str());
      }
    }
    tile_cycles_total_ += cycles;

    sc_core::sc_time delay = static_cast<double>(cycles) * clock_period_;
    transport_bits(weight_buffer_initiator, tlm::TLM_READ_COMMAND, cost.weight_read_bits, delay,
                   name());
    Access activations;
    activations.bytes = spec::ceil_div(cost.activation_read_bits, 8);
    activations.address = cost.activation_address;
    activations.piece_bytes = cost.activation_run_bytes;
    activations.strided.stride = cost.activation_stride;
    activations.strided.pieces = static_cast<std::uint32_t>(work.m_count);
    transport(activation_buffer_initiator, activations, delay, name());
    transport_bits(activation_buffer_initiator, tlm::TLM_WRITE_COMMAND, cost.activation_write_bits,
                   delay, name());
    front_.wait(delay);
    events_ += cost.events;
    front_.finish();
  }
}

}  // namespace lutsim::sim
