// SPDX-License-Identifier: Apache-2.0
#include "sim/vector/vector_unit.h"

#include <utility>
#include <variant>

#include "sim/kernel/transport.h"
#include "sim/vector/vector_timing.h"

namespace lutsim::sim {

VectorUnit::VectorUnit(const sc_core::sc_module_name& name, const spec::VectorSpec& spec,
                       const sc_core::sc_time& clock_period, const workloads::OperatorTrace& trace,
                       CompletionBoard& board, Agenda& agenda, UnitFront::Observer observer,
                       Compute compute)
    : sc_module(name),
      spec_(spec),
      clock_period_(clock_period),
      trace_(trace),
      compute_(std::move(compute)),
      front_(board, agenda, std::move(observer)) {
  SC_HAS_PROCESS(VectorUnit);
  SC_THREAD(run);
}

void VectorUnit::run() {
  using models::Event;
  while (true) {
    const CommandPtr command = front_.take(command_in);
    const auto& work = std::get<VectorWork>(command->work);
    const VectorCost cost = vector_cost(spec_, trace_, trace_.operators[command->op], work);

    sc_core::sc_time delay = static_cast<double>(cost.cycles) * clock_period_;
    transport_bits(weight_buffer_initiator, tlm::TLM_READ_COMMAND, cost.weight_read_bits, delay,
                   name());
    transport_bits(activation_buffer_initiator, tlm::TLM_READ_COMMAND, cost.activation_read_bits,
                   delay, name());
    transport_bits(activation_buffer_initiator, tlm::TLM_WRITE_COMMAND, cost.activation_write_bits,
                   delay, name());
    front_.wait(delay);

    events_.add(Event::vector_add, cost.adds);
    events_.add(Event::vector_multiply, cost.multiplies);
    events_.add(Event::vector_function, cost.functions);
    events_.add(Event::vector_convert, cost.conversions);
    events_.add(Event::sram_weight_read_bit, cost.weight_read_bits);
    events_.add(Event::sram_act_read_bit, cost.activation_read_bits);
    events_.add(Event::sram_act_write_bit, cost.activation_write_bits);
    if (compute_) compute_(command->op, work);
    front_.finish();
  }
}

}  // namespace lutsim::sim
