// SPDX-License-Identifier: Apache-2.0
#include "sim/decoder/weight_decoder.h"

#include <tlm>

#include "sim/decoder/decoder_timing.h"
#include "sim/kernel/coded_stream.h"
#include "sim/kernel/stream_window.h"

namespace lutsim::sim {

WeightDecoder::WeightDecoder(const sc_core::sc_module_name& name, const spec::DecoderSpec& spec,
                             const sc_core::sc_time& clock_period)
    : sc_module(name), spec_(spec), clock_period_(clock_period) {
  target.register_b_transport(this, &WeightDecoder::b_transport);
}

void WeightDecoder::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (const auto* coded = payload.get_extension<CodedStream>()) {
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    const auto* window = payload.get_extension<StreamWindow>();
    const std::uint64_t cycles = decoder_bank_cycles(coded->blocks, coded->flips, spec_.decoders);
    delay = server_.serve(window ? window->begin : now, now + delay,
                          static_cast<double>(cycles) * clock_period_) -
            now;
    events_.add(models::Event::decoder_block, coded->blocks);
    events_.add(models::Event::decoder_patch, coded->flips);
  }
  initiator->b_transport(payload, delay);
}

}  // namespace lutsim::sim
