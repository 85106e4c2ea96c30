// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <cstdint>
#include <systemc>
#include <vector>

#include "models/spec/arch_spec.h"
#include "sim/kernel/bandwidth_server.h"

namespace lutsim::sim {

/// Which bytes an access touches: `pieces` runs of `piece_bytes`, `stride` bytes from the start of
/// one to the start of the next, the whole of it `repeats` times.
struct BankPattern {
  std::uint64_t address = 0;
  std::uint64_t piece_bytes = 0;
  std::uint64_t stride = 0;
  std::uint64_t pieces = 1;
  std::uint64_t repeats = 1;
};

/// Words of bank_width that the pattern reads or writes in each bank: consecutive words lie in
/// consecutive banks, and a run touches every word that it has a byte of.
std::vector<std::uint64_t> bank_words(const spec::ScratchpadSpec& spec, const BankPattern& pattern);

/// Banked scratchpad with one port per bank, which reads or writes a word a cycle. Accesses to
/// different banks do not disturb each other; those to one bank are served in the order in which
/// they ask. An access is through when its last bank is.
///
/// Timing only: the values of tensors are kept by sim/platform/functional_computation.h. Without a
/// StreamWindow a transaction starts to move now; `delay` comes in as the earliest end and goes out
/// as the end. With a StridedAccess it is one of several runs, over and over until its data length
/// is reached.
class Scratchpad : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Scratchpad> target{"target"};

  Scratchpad(const sc_core::sc_module_name& name, const spec::ScratchpadSpec& spec,
             const sc_core::sc_time& clock_period);

  std::uint64_t read_bytes() const { return read_bytes_; }
  std::uint64_t write_bytes() const { return write_bytes_; }
  /// Time for which the ports were busy, the mean over the banks.
  sc_core::sc_time busy() const;

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  const spec::ScratchpadSpec spec_;
  const sc_core::sc_time clock_period_;
  std::vector<BandwidthServer> banks_;
  std::uint64_t read_bytes_ = 0;
  std::uint64_t write_bytes_ = 0;
};

}  // namespace lutsim::sim
