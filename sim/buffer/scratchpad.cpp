// SPDX-License-Identifier: Apache-2.0
#include "sim/buffer/scratchpad.h"

#include <algorithm>
#include <tlm>

#include "sim/kernel/stream_window.h"
#include "sim/kernel/strided_access.h"

namespace lutsim::sim {

namespace {

/// Adds `times` uses of the words of one run.
void add_run(const spec::ScratchpadSpec& spec, std::uint64_t address, std::uint64_t bytes,
             std::uint64_t times, std::vector<std::uint64_t>& words) {
  const std::uint64_t first = address / spec.bank_width;
  const std::uint64_t count = (address + bytes - 1) / spec.bank_width - first + 1;
  const std::uint64_t rounds = count / spec.banks;
  if (rounds > 0) {
    for (std::uint64_t& bank : words) bank += rounds * times;
  }
  for (std::uint64_t i = 0; i < count % spec.banks; ++i) words[(first + i) % spec.banks] += times;
}

BankPattern pattern_of(const tlm::tlm_generic_payload& payload) {
  BankPattern pattern;
  pattern.address = payload.get_address();
  pattern.piece_bytes = payload.get_data_length();
  if (const auto* strided = payload.get_extension<StridedAccess>()) {
    pattern.piece_bytes = payload.get_streaming_width();
    pattern.stride = strided->stride;
    pattern.pieces = strided->pieces;
    pattern.repeats =
        spec::ceil_div(payload.get_data_length(), pattern.pieces * pattern.piece_bytes);
  }
  return pattern;
}

}  // namespace

std::vector<std::uint64_t> bank_words(const spec::ScratchpadSpec& spec,
                                      const BankPattern& pattern) {
  std::vector<std::uint64_t> words(spec.banks, 0);
  if (pattern.piece_bytes == 0) return words;
  // Runs that begin in the same bank use the same banks.
  const bool all_alike = pattern.stride % spec.bytes_per_cycle() == 0;
  const std::uint64_t distinct = all_alike ? 1 : pattern.pieces;
  const std::uint64_t times = pattern.repeats * (all_alike ? pattern.pieces : 1);
  for (std::uint64_t piece = 0; piece < distinct; ++piece) {
    add_run(spec, pattern.address + piece * pattern.stride, pattern.piece_bytes, times, words);
  }
  return words;
}

Scratchpad::Scratchpad(const sc_core::sc_module_name& name, const spec::ScratchpadSpec& spec,
                       const sc_core::sc_time& clock_period)
    : sc_module(name), spec_(spec), clock_period_(clock_period), banks_(spec.banks) {
  target.register_b_transport(this, &Scratchpad::b_transport);
}

void Scratchpad::b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const auto* window = payload.get_extension<StreamWindow>();
  const sc_core::sc_time begin = window ? window->begin : now;
  sc_core::sc_time end = now + delay;
  const std::vector<std::uint64_t> words = bank_words(spec_, pattern_of(payload));
  for (std::uint32_t bank = 0; bank < spec_.banks; ++bank) {
    if (words[bank] == 0) continue;
    const sc_core::sc_time occupancy = static_cast<double>(words[bank]) * clock_period_;
    end = std::max(end, banks_[bank].serve(begin, now + delay, occupancy));
  }
  delay = end - now;
  (payload.is_write() ? write_bytes_ : read_bytes_) += payload.get_data_length();
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

sc_core::sc_time Scratchpad::busy() const {
  sc_core::sc_time sum;
  for (const BandwidthServer& bank : banks_) sum += bank.busy();
  return sum / static_cast<double>(spec_.banks);
}

}  // namespace lutsim::sim
