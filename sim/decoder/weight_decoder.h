// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <systemc>

#include "models/energy/event.h"
#include "models/spec/arch_spec.h"
#include "sim/kernel/bandwidth_server.h"

namespace lutsim::sim {

/// XOR decoders side by side, between the DMA and the weight buffer: transactions with a
/// CodedStream are decoded while they stream through, each block by the next free decoder; a patch
/// stalls the one that it belongs to for a cycle. All others pass.
class WeightDecoder : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<WeightDecoder> target{"target"};
  tlm_utils::simple_initiator_socket<WeightDecoder> initiator{"initiator"};

  WeightDecoder(const sc_core::sc_module_name& name, const spec::DecoderSpec& spec,
                const sc_core::sc_time& clock_period);

  const sc_core::sc_time& busy() const { return server_.busy(); }
  const models::EventCounts& events() const { return events_; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  const spec::DecoderSpec spec_;
  const sc_core::sc_time clock_period_;
  BandwidthServer server_;
  models::EventCounts events_;
};

}  // namespace lutsim::sim
