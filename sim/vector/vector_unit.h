// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>
#include <systemc>

#include "models/energy/event.h"
#include "models/spec/arch_spec.h"
#include "sim/kernel/unit_front.h"

namespace lutsim::sim {

/// Vector unit: executes one command after another, as long as vector_cost() says or as its
/// scratchpads take to serve it. What is computed (functional mode) is `compute`'s business.
class VectorUnit : public sc_core::sc_module {
 public:
  using Compute = std::function<void(workloads::OperatorId, const VectorWork&)>;

  sc_core::sc_fifo_in<CommandPtr> command_in{"command_in"};
  tlm_utils::simple_initiator_socket<VectorUnit> weight_buffer_initiator{"weight_buffer_initiator"};
  tlm_utils::simple_initiator_socket<VectorUnit> activation_buffer_initiator{
      "activation_buffer_initiator"};

  /// `compute` may be empty: timing mode.
  VectorUnit(const sc_core::sc_module_name& name, const spec::VectorSpec& spec,
             const sc_core::sc_time& clock_period, const workloads::OperatorTrace& trace,
             CompletionBoard& board, Agenda& agenda, UnitFront::Observer observer, Compute compute);

  const UnitFront& front() const { return front_; }
  const models::EventCounts& events() const { return events_; }

 private:
  void run();

  const spec::VectorSpec spec_;
  const sc_core::sc_time clock_period_;
  const workloads::OperatorTrace& trace_;
  const Compute compute_;
  UnitFront front_;
  models::EventCounts events_;
};

}  // namespace lutsim::sim
