// SPDX-License-Identifier: Apache-2.0
#include "sim/noc/noc_link.h"

#include <tlm>

#include "models/spec/field.h"
#include "sim/kernel/stream_window.h"

namespace lutsim::sim {

NocLink::NocLink(const sc_core::sc_module_name& name, std::uint64_t bytes_per_cycle,
                 const sc_core::sc_time& clock_period)
    : sc_module(name), bytes_per_cycle_(bytes_per_cycle), clock_period_(clock_period) {
  weight_target.register_b_transport(this, &NocLink::to_weights);
  activation_target.register_b_transport(this, &NocLink::to_activations);
}

void NocLink::to_weights(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  cross(payload, delay);
  weight_initiator->b_transport(payload, delay);
}

void NocLink::to_activations(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  cross(payload, delay);
  activation_initiator->b_transport(payload, delay);
}

void NocLink::cross(const tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const auto* window = payload.get_extension<StreamWindow>();
  const std::uint64_t cycles = spec::ceil_div(payload.get_data_length(), bytes_per_cycle_);
  delay = server_.serve(window ? window->begin : now, now + delay,
                        static_cast<double>(cycles) * clock_period_) -
          now;
}

}  // namespace lutsim::sim
