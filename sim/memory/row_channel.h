// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "sim/memory/channel.h"
#include "sim/memory/refresh_schedule.h"
#include "sim/memory/request_feed.h"
#include "sim/memory/timing_state.h"

namespace lutsim::sim {

/// The per-row path: the same controller, resolved by row visits.
///
/// Precharges and activates are commands at slots that TimingState allows. The reads or writes of a
/// visit are not: they flow. In each pseudo-channel the oldest visits whose rows are open share the
/// data pins, each at no more than one burst per ccd_l of its bank group, all together at no more
/// than one per ccd_s (per ccd_r between ranks). The queues are the window of the controller: a
/// visit enters when the first of its bursts finds a place, and from then on its row can be opened.
/// Between two events all flows are constant, so time jumps from event to event.
class RowChannel final : public Channel {
 public:
  RowChannel(const spec::MemoryStandard& standard, spec::AddressMapping mapping,
             spec::Refresh refresh);

  void submit(std::uint32_t port, const ChannelRequest& request, Slot at) override;
  void advance(Slot until) override;
  Slot next_wake() const override;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::size_t kMaxPseudoChannels = 4;
  static constexpr std::size_t kMaxRanks = 8;
  static constexpr std::size_t kMaxLanes = 16;

  struct Target {
    std::uint32_t bank;
    std::uint32_t row;
  };
  /// Consecutive bursts of one request in one row, or with `mop` in rows of several banks.
  struct Visit {
    double left;    ///< bursts not served yet
    double rate;    ///< bursts per slot now
    double period;  ///< slots between its bursts when it was last served
    double bursts;
    std::uint32_t opened;          ///< targets whose rows are open, from the first on
    std::uint32_t released;        ///< targets that it needs no more, from the first on
    std::uint32_t banks;           ///< number of targets
    std::uint32_t bank;            ///< of the first target, as the next three
    std::uint32_t pseudo_channel;  ///< in the channel
    std::uint32_t rank;            ///< in its pseudo-channel
    std::uint32_t group;           ///< in the channel
    std::uint32_t activates;
    bool write;
    bool flowing;  ///< its column commands have begun
    bool posted;   ///< a write that lies in the write queue as a whole
    std::uint32_t request;
    std::uint32_t conflicts;      ///< precharges of other rows
    std::uint32_t pins;           ///< bit mask of its pseudo-channels
    Slot from;                    ///< first slot in which a command may be issued for it
    std::uint64_t order;          ///< of entering
    std::vector<Target> targets;  ///< in the order of their first bursts
  };
  struct Bank {
    bool open = false;
    std::uint32_t row = 0;
    /// Reads and writes that opened the row or found it open, and still need it.
    std::array<std::uint32_t, 2> users{};
    /// Reads and writes that need it next, oldest first.
    std::array<std::vector<std::uint32_t>, 2> waiting;
  };
  /// Column timing of reads or writes, in slots.
  struct Columns {
    Command command;
    double same_group;
    double other_group;
    double other_rank;
    std::uint32_t lanes;  ///< visits that can share the pins of a pseudo-channel
    double queue;         ///< places
  };
  /// Bursts waiting in the queue of one kind, and how fast they leave.
  struct Occupancy {
    double waiting = 0.0;  ///< of all visits that entered, counting places beyond the queue
    double rate = 0.0;
    double open_rows = 0.0;  ///< bursts that wait beside the queue, for the row opened for them
  };

  /// Visits of one rank that can use the data pins together: of other bank groups each, oldest
  /// first.
  struct Lanes {
    std::array<std::uint32_t, kMaxLanes> visits;
    std::uint32_t used;
  };
  /// Who uses the data pins of a pseudo-channel.
  struct Pins {
    std::array<Lanes, kMaxRanks> ranks;
    std::uint32_t rank = kNone;  ///< the one that used them last
    bool taken = false;          ///< by a visit of several banks
  };

  /// Does everything that happens at now_ and finds the next event.
  void settle();
  void run_to(double time);
  bool enter_visits();
  void enter();
  void choose_mode();
  void open_rows();
  bool issue_now(Command command, std::uint32_t bank, Slot from);
  double row_bus_share() const;
  void use_open_row(Visit& visit, Bank& bank);
  void share_pins();
  void offer_pins(std::uint32_t index);
  void flow(std::uint32_t index, double period);
  std::uint32_t choose_rank(const Pins& pins) const;
  void find_events();
  bool retire();
  void finish(Visit& visit);
  void complete(Visit& visit, Slot slot);
  /// Completes writes that are whole in their queue; returns what the next one lacks of places.
  double post_writes();
  void release(Visit& visit);
  void refresh();
  void evict(std::uint32_t bank_first, std::uint32_t bank_last);
  void wait_for(std::uint32_t index, Bank& bank);
  void record_column(const Visit& visit, const Target& target);
  void count_occupancy();
  double served_limit(const Visit& visit) const;
  double release_at(const Visit& visit) const;
  void event(double time) { event_ = std::min(event_, time); }

  const spec::MemoryStandard standard_;
  AddressMap map_;
  TimingState timing_;
  RefreshSchedule refresh_;
  RequestFeed feed_;
  RequestTable requests_;
  std::array<Columns, 2> columns_;  ///< reads, writes
  std::uint32_t banks_per_pseudo_channel_;

  std::vector<Visit> visits_;  ///< pool
  std::vector<std::uint32_t> free_visits_;
  std::vector<std::uint32_t> window_;  ///< visits that entered, oldest first
  std::vector<Bank> banks_;
  std::array<Occupancy, 2> occupancy_;  ///< reads, writes
  std::array<Pins, kMaxPseudoChannels> pins_;
  double pins_free_ = 0.0;           ///< end of the gap after a change of rank
  double row_commands_ahead_ = 0.0;  ///< slots of row commands that a shared bus has yet to carry
  double column_rate_ = 0.0;         ///< reads or writes per slot over all pins
  std::uint64_t next_order_ = 0;
  bool write_mode_ = false;
  bool last_entered_write_ = false;
  double now_ = 0.0;
  double event_ = 0.0;          ///< time of the next event
  double blocked_until_ = 0.0;  ///< a refresh waits for its commands until then
};

}  // namespace lutsim::sim
