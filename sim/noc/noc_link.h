// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <systemc>

#include "sim/kernel/bandwidth_server.h"

namespace lutsim::sim {

/// One link of the crossbar between the units and the scratchpads: a finite number of bytes a
/// cycle, shared by whoever is bound to it and by both scratchpads. Transactions cross it in the
/// order in which they ask; at the same time, in the order of the units (sim/kernel/agenda.h).
class NocLink : public sc_core::sc_module {
 public:
  /// A unit may use one of the scratchpads only.
  using TargetSocket =
      tlm_utils::multi_passthrough_target_socket<NocLink, 32, tlm::tlm_base_protocol_types, 0,
                                                 sc_core::SC_ZERO_OR_MORE_BOUND>;
  TargetSocket weight_target{"weight_target"};
  TargetSocket activation_target{"activation_target"};
  tlm_utils::simple_initiator_socket<NocLink> weight_initiator{"weight_initiator"};
  tlm_utils::simple_initiator_socket<NocLink> activation_initiator{"activation_initiator"};

  NocLink(const sc_core::sc_module_name& name, std::uint64_t bytes_per_cycle,
          const sc_core::sc_time& clock_period);

  const sc_core::sc_time& busy() const { return server_.busy(); }

 private:
  void to_weights(int id, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void to_activations(int id, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  /// Delays the transaction by the link.
  void cross(const tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  const std::uint64_t bytes_per_cycle_;
  const sc_core::sc_time clock_period_;
  BandwidthServer server_;
};

}  // namespace lutsim::sim
