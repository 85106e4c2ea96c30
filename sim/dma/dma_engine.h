// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <deque>
#include <systemc>

#include "models/energy/event.h"
#include "models/spec/arch_spec.h"
#include "sim/kernel/unit_front.h"

namespace lutsim::sim {

/// Moves blocks between DRAM and the scratchpads: `channels` transfers at a time, each carried by
/// the first free channel in program order. A transfer streams: its bytes cross the crossbar
/// and enter the scratchpad while later ones are still on their way.
class DmaEngine : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaEngine> dram_initiator{"dram_initiator"};
  tlm_utils::simple_initiator_socket<DmaEngine> weight_buffer_initiator{"weight_buffer_initiator"};
  tlm_utils::simple_initiator_socket<DmaEngine> activation_buffer_initiator{
      "activation_buffer_initiator"};
  sc_core::sc_fifo_in<CommandPtr> command_in{"command_in"};

  DmaEngine(const sc_core::sc_module_name& name, const spec::DmaSpec& spec, std::uint32_t channels,
            const sc_core::sc_time& clock_period, CompletionBoard& board, Agenda& agenda,
            const UnitFront::Observer& observer);

  /// One per channel.
  const std::deque<UnitFront>& fronts() const { return fronts_; }
  const models::EventCounts& events() const { return events_; }

 private:
  void run(UnitFront& front);
  void move(UnitFront& front, const DmaTransfer& transfer);

  const spec::DmaSpec spec_;
  const sc_core::sc_time clock_period_;
  std::deque<UnitFront> fronts_;
  models::EventCounts events_;
};

}  // namespace lutsim::sim
