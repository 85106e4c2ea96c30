// SPDX-License-Identifier: Apache-2.0
#include "sim/buffer/scratchpad.h"

#include <tlm>

#include "sim/kernel/stream_window.h"

namespace lutsim::sim {

Scratchpad::Scratchpad(const sc_core::sc_module_name& name, const spec::ScratchpadSpec& spec,
                       const sc_core::sc_time& clock_period)
    : sc_module(name), spec_(spec), clock_period_(clock_period) {
  target.register_b_transport(this, &Scratchpad::b_transport);
}

void Scratchpad::b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const auto* window = payload.get_extension<StreamWindow>();
  const sc_core::sc_time begin = window ? window->begin : now;
  const std::uint64_t bytes = payload.get_data_length();
  const double cycles =
      static_cast<double>(scratchpad_cycles(spec_, bytes, payload.get_streaming_width()));
  delay = ports_.serve(begin, now + delay, cycles * clock_period_) - now;
  (payload.is_write() ? write_bytes_ : read_bytes_) += bytes;
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

}  // namespace lutsim::sim
