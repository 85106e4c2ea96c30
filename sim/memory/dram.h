// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/multi_passthrough_target_socket.h>

#include <cstdint>
#include <deque>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "models/energy/event.h"
#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"
#include "sim/kernel/agenda.h"
#include "sim/memory/channel_set.h"

namespace lutsim::sim {

/// What one channel, or all of them together, did up to now.
struct DramStatistics {
  std::uint64_t read_bytes = 0;     ///< whole bursts, as they went over the pins
  std::uint64_t write_bytes = 0;    ///< likewise
  std::uint64_t row_hits = 0;       ///< bursts that found their row open
  std::uint64_t row_misses = 0;     ///< bursts that found their bank closed
  std::uint64_t row_conflicts = 0;  ///< bursts that found another row open
  std::uint64_t activates = 0;
  std::uint64_t refreshes = 0;      ///< all-bank, by elapsed time / tREFI
  std::uint64_t reads = 0;          ///< bursts
  double read_latency_sum_s = 0.0;  ///< from entering a channel's queue to data, over all bursts

  double mean_read_latency_s() const {
    return reads == 0 ? 0.0 : read_latency_sum_s / static_cast<double>(reads);
  }
  DramStatistics& operator+=(const DramStatistics& other);
};

/// External memory: any number of initiators, any number of channels, one controller for each.
///
/// b_transport takes reads and writes of any length at any address, from threads. A read returns
/// when its last burst has gone over the pins, a write when its last burst lies in the write queue
/// of its channel (posted). Concurrent calls contend for the queues, banks and pins of the channels
/// that they touch. A payload is moved in whole bursts of the standard.
///
/// With a StridedAccess a payload is several runs of bytes, all in flight together.
///
/// The data pointer may be null: then only time passes. With a pointer, bytes are kept in pages
/// that exist from their first write; memory never written reads as zero. transport_dbg reads and
/// writes those bytes in no time.
///
/// Refused, with the TLM response that says so: an address beyond the capacity
/// (TLM_ADDRESS_ERROR_RESPONSE), length 0 or a streaming width below the length
/// (TLM_BURST_ERROR_RESPONSE), byte enables (TLM_BYTE_ENABLE_ERROR_RESPONSE), a command that is
/// neither read nor write (TLM_COMMAND_ERROR_RESPONSE).
class Dram : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Dram> target{"target"};

  /// `memory.standard` is the name that `standard` was found under; it is not looked at here.
  /// Throws spec::SpecError for a standard that contradicts itself, for no channel, and for
  /// per-bank refresh of a standard without it.
  Dram(const sc_core::sc_module_name& name, const spec::MemorySpec& memory,
       const spec::MemoryStandard& standard, Agenda& agenda, DramPath path = DramPath::row);

  std::uint64_t capacity_bytes() const;
  double peak_bytes_per_second() const;
  const spec::MemoryStandard& standard() const { return standard_; }

  std::uint32_t channels() const { return memory_.channels; }
  /// Of one channel, up to now.
  DramStatistics statistics(std::uint32_t channel) const;
  /// Sum over the channels.
  DramStatistics statistics() const;
  /// Energy events of all that was read and written so far, and of the refreshes due by `until`:
  /// those are counted by elapsed time, also while nothing is read.
  models::EventCounts events(const sc_core::sc_time& until) const;

 private:
  /// What a payload moves: `pieces` runs of `bytes`, `stride` apart.
  struct Shape {
    std::uint64_t address;
    std::uint64_t bytes;
    std::uint64_t stride;
    std::uint32_t pieces;
  };
  struct Transaction {
    std::uint32_t port;
    std::uint32_t channels_left;
    Slot data_end;
    Agenda::Timer* done;
  };
  static constexpr std::uint64_t kPageBytes = 4096;

  void b_transport(int id, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned int transport_dbg(int id, tlm::tlm_generic_payload& payload);
  static Shape shape_of(const tlm::tlm_generic_payload& payload);
  tlm::tlm_response_status check(const tlm::tlm_generic_payload& payload) const;
  void wait_for_data(const tlm::tlm_generic_payload& payload);
  void move_data(tlm::tlm_generic_payload& payload);
  void move_bytes(unsigned char* data, std::uint64_t address, std::uint64_t bytes, bool write);
  /// All-bank refreshes of one channel due by then.
  std::uint64_t refreshes_by(const sc_core::sc_time& until) const;
  /// The only process: plays the channels that may have something to tell.
  void play();
  /// Whether no process of the simulation can run before `time`.
  static bool is_alone_until(const sc_core::sc_time& time);
  void tell_completions();
  void wake_at(Slot slot);
  Slot slot_at_or_after(const sc_core::sc_time& time) const;
  Slot slot_at_or_before(const sc_core::sc_time& time) const;
  sc_core::sc_time time_of(Slot slot) const;

  const spec::MemoryStandard standard_;
  const spec::MemorySpec memory_;
  const double slot_ps_;
  ChannelSet channels_;
  Agenda& agenda_;
  Agenda::Timer wake_;
  std::deque<Agenda::Timer> ports_;  ///< by port; not all are in use
  std::unordered_map<std::uint64_t, Transaction*> transactions_;
  std::uint64_t next_id_ = 0;
  std::vector<std::uint32_t> free_ports_;
  std::unordered_map<std::uint64_t, std::vector<unsigned char>> pages_;
};

}  // namespace lutsim::sim
