// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/memory/channel.h"
#include "sim/memory/refresh_schedule.h"
#include "sim/memory/request_feed.h"
#include "sim/memory/timing_state.h"

namespace lutsim::sim {

/// The per-row path: the same queues, banks and constraint tables, one calculation for a row visit
/// instead of one for a burst.
///
/// Precharges, activates and refreshes are commands at slots that TimingState allows. The bursts of
/// a visit are a block: it starts when its row is open and the data pins have served the blocks
/// before it, holds the pins for ccd_s a burst, and ends no sooner than ccd_l a burst after its
/// start, because visits of other bank groups fill the gaps. Rows of the visits behind it in the
/// queue are opened meanwhile. docs/units/memory.md says how far this is from the per-burst path.
class RowChannel final : public Channel {
 public:
  RowChannel(const spec::MemoryStandard& standard, spec::AddressMapping mapping,
             spec::Refresh refresh);

  void submit(std::uint32_t port, const ChannelRequest& request, Slot at) override;
  void advance(Slot until) override;
  Slot next_wake() const override;

 private:
  struct Target {
    std::uint32_t bank;
    std::uint32_t row;
  };
  /// Consecutive bursts of one request in one row, or with `mop` in rows of several banks.
  struct Visit {
    std::uint32_t request;
    bool write;
    std::uint64_t bursts;
    Slot arrived;                 ///< when it entered the queue
    std::vector<Target> targets;  ///< in the order of their first bursts
    std::uint32_t activates = 0;
    std::uint32_t conflicts = 0;  ///< precharges of other rows
  };
  struct Bank {
    bool open = false;
    std::uint32_t row = 0;
    Slot activated = 0;
    Slot precharge_from = 0;  ///< after the last column command of the block that used it last
  };
  /// Data pins of a pseudo-channel: blocks that they have taken so far.
  struct Pins {
    Slot free = 0;         ///< first slot for the column command of the next block
    bool writing = false;  ///< direction of the last block
  };

  void fill_queues(Slot now);
  Visit make_visit(const RequestFeed::Piece& piece, Slot now) const;
  /// Reads, or writes once enough of them wait (write_high) until few do (write_low).
  std::deque<Visit>& choose_queue();
  /// FR-FCFS: a visit that finds its row open, the one opened first, else the oldest.
  std::size_t choose_visit(const std::deque<Visit>& queue) const;
  bool row_open(const Target& target) const;
  void open_row(Visit& visit, const Target& target, Slot now);
  void open_rows_ahead(const Visit& served, std::deque<Visit>& queue, Slot now);
  void serve(Visit& visit, Slot now);
  void refresh_due_by(Slot now);
  /// The pseudo-channel whose pins are free first decides when the next visit is looked at.
  Slot earliest_pins() const;

  const spec::MemoryStandard standard_;
  AddressMap map_;
  TimingState timing_;
  RefreshSchedule refresh_;
  RequestFeed feed_;
  RequestTable requests_;
  std::uint32_t banks_per_pseudo_channel_;
  Slot lookahead_;  ///< a visit is scheduled this long before the pins are free: precharge to data
  std::vector<Bank> banks_;
  std::vector<Pins> pins_;  ///< by pseudo-channel
  std::deque<Visit> reads_, writes_;
  std::uint64_t queued_reads_ = 0, queued_writes_ = 0;  ///< bursts
  bool draining_writes_ = false;
  Slot now_ = 0;
};

}  // namespace lutsim::sim
