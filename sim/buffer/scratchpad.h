// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <cstdint>
#include <systemc>

#include "models/spec/arch_spec.h"
#include "sim/kernel/bandwidth_server.h"

namespace lutsim::sim {

/// Banked scratchpad with one port per bank. Consecutive bank_width words lie in consecutive banks;
/// a run of bytes takes as many cycles as its most used bank has words of it. Reads and writes
/// share the ports and are served in the order in which they ask.
///
/// Timing only: the values of tensors are kept by sim/platform/functional_computation.h. Without a
/// StreamWindow a transaction starts to move now; `delay` comes in as the earliest end and goes out
/// as the end.
class Scratchpad : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Scratchpad> target{"target"};

  Scratchpad(const sc_core::sc_module_name& name, const spec::ScratchpadSpec& spec,
             const sc_core::sc_time& clock_period);

  std::uint64_t read_bytes() const { return read_bytes_; }
  std::uint64_t write_bytes() const { return write_bytes_; }
  const sc_core::sc_time& busy() const { return ports_.busy(); }

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  const spec::ScratchpadSpec spec_;
  const sc_core::sc_time clock_period_;
  BandwidthServer ports_;
  std::uint64_t read_bytes_ = 0;
  std::uint64_t write_bytes_ = 0;
};

/// Cycles that `pieces` runs of `piece_bytes` keep the banks busy.
constexpr std::uint64_t scratchpad_cycles(const spec::ScratchpadSpec& spec, std::uint64_t bytes,
                                          std::uint64_t piece_bytes) {
  if (bytes == 0) return 0;
  const std::uint64_t pieces = spec::ceil_div(bytes, piece_bytes);
  return pieces * spec::ceil_div(piece_bytes, spec.bytes_per_cycle());
}

}  // namespace lutsim::sim
