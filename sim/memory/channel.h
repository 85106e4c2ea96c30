// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"
#include "sim/memory/address_map.h"
#include "sim/memory/command.h"
#include "sim/memory/refresh_schedule.h"
#include "sim/memory/request.h"
#include "sim/memory/request_feed.h"
#include "sim/memory/run_queue.h"
#include "sim/memory/stream_period.h"
#include "sim/memory/timing_state.h"

namespace lutsim::sim {

/// How a channel gets from one command to the next. The commands are the same.
enum class DramPath {
  burst,  ///< decides about every command
  row,    ///< skips whole periods of a stream, row by row, where they provably repeat
};

/// What a channel did. Counts are bursts unless said.
struct ChannelStatistics {
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t row_hits = 0;       ///< found their row open
  std::uint64_t row_misses = 0;     ///< found their bank closed
  std::uint64_t row_conflicts = 0;  ///< found another row open
  std::uint64_t activates = 0;      ///< commands
  std::uint64_t refreshes = 0;  ///< all-bank refreshes that fell due (per-bank ones add up to it)
  /// Sum over reads, from entering the read queue to last data; those that still wait count as far
  /// as they have waited.
  Slot read_latency_slots = 0;
  Slot last_data = 0;  ///< end of the last burst scheduled
};

/// The controller and the DRAM behind one channel, without SystemC. Time moves forward only through
/// advance(); what happens before is final, what comes after may still change with new requests.
/// A value: a copy goes on as the original would.
///
/// Requests arrive at ports. A port is served in order; ports take turns, one row visit each
/// (AddressMap::visit_bursts), and their bursts enter the read or the write queue in that one
/// order: a burst that finds its queue full holds up all behind it.
///
/// The controller is first-ready, first-come-first-served. In every slot (for each bus, where row
/// and column commands have their own):
///  1. a read or write whose row was opened for it ("active"), oldest first;
///  2. a refresh that is due; while one waits, nothing of 3;
///  3. the oldest request of the queue in use whose next command is legal now. Its next command is
///     the access if its row is open, a precharge if another is, an activate if none is. A
///     precharge is not for a bank whose open row an older request wants, nor before the access
///     that the row was opened for.
/// Rows stay open. A burst can be served in the slot after it entered its queue.
class Channel {
 public:
  /// Throws SpecError for a standard that contradicts itself and for per-bank refresh of a standard
  /// without it.
  Channel(const spec::MemoryStandard& standard, spec::AddressMapping mapping, spec::Refresh refresh,
          DramPath path);

  /// Hands over a request at slot `at`. Precondition: `at` is not before a slot advanced to.
  void submit(std::uint32_t port, const BurstRequest& request, Slot at);
  /// Plays everything up to and including slot `until`.
  void advance(Slot until);
  /// A slot before which no further request can complete, and at which it is worth advancing to
  /// know more; kNever when there is nothing to do, posted writes included.
  Slot next_wake() const;
  /// Requests completed since the last call.
  std::vector<Completion> take_completions() { return std::exchange(completions_, {}); }

  ChannelStatistics statistics() const;

  /// Appends every command issued from now on to `log`; null stops it.
  void record_commands(std::vector<IssuedCommand>* log) { log_ = log; }

 private:
  static constexpr std::uint32_t kNone = RunQueue::kNone;
  static constexpr std::size_t kMostSearched = 512;
  enum class RowState : std::uint8_t { closed, activating, open };
  enum class Slots : std::uint8_t { any, column, row };

  /// The burst that a row was opened for. It has left its queue.
  struct ActiveBurst {
    std::uint32_t request;
    std::uint64_t order;
    bool write;
  };
  struct Bank {
    RowState state = RowState::closed;
    bool has_active = false;
    std::uint32_t row = 0;
    ActiveBurst active{};
  };
  /// A command for a bank: for its active burst, or for a run of the queue in use.
  struct Choice {
    std::uint32_t bank = kNone;
    Command command = Command::activate;
    std::uint32_t run = kNone;  ///< kNone for the active burst
    std::uint64_t order = 0;
    Slot soonest = kNever;  ///< of the commands that are not legal yet
  };

  RunQueue& queue_in_use() { return queues_[write_mode_ ? 1 : 0]; }
  const RunQueue& queue_in_use() const { return queues_[write_mode_ ? 1 : 0]; }

  bool play(Slot now);
  bool play_bus(Slot now, Slots slots);
  bool play_refresh(Slot now);
  void choose_active(Slot now, Choice& choice) const;
  void choose_queued(Slot now, Slots slots, Choice& choice);
  /// Calls f(bank, command, run) for the next commands of the queue in use.
  template <class F>
  void for_each_queued(Slots slots, F f) const;
  /// Calls f(bank, command) for every command that may be next, legal yet or not: those of active
  /// bursts and of the queue in use.
  template <class F>
  void for_each_candidate(F f) const;
  /// Whether the next command is more than a choice among the candidates: a second half, a refresh
  /// or a change of the queue in use is pending.
  bool undecided() const;
  void consider(Slot now, const Choice& candidate, Choice& choice) const;
  bool row_in_use(std::uint32_t bank, const RunQueue& queue) const;
  void issue_for(const Choice& choice, Slot now);
  void access(const Choice& choice, Slot now);
  void finish_activate(Slot now);
  void open_row();
  void issue(Command command, std::uint32_t bank, std::uint32_t row, Slot now);
  bool feed(Slot now);
  void enter(const RequestFeed::Piece& piece, std::uint32_t bursts, Slot now);
  /// Whether the first burst of a piece goes on where the youngest of its queue ends.
  bool lengthens_run(const RequestFeed::Piece& piece) const;
  void complete(std::uint32_t request, std::uint64_t bursts, Slot slot);
  void close(std::uint32_t bank);
  bool next_write_mode() const;
  Slot next_slot(Slot now) const;
  void count_waiting(Slot now);
  void need(Slot slot) { soonest_ = std::min(soonest_, slot); }

  /// Skips whole periods after a column command at `now`, none beyond `until`. Returns the last
  /// slot skipped, or `now`.
  Slot skip_periods(Slot now, Slot until);
  /// False when there are too many streams.
  bool find_streams(Slot now, ColumnState& state);
  /// The first slot after `now` in which something other than the streams may want the bus.
  Slot first_interference(Slot now) const;
  std::uint64_t most_periods(const ColumnPeriod& period);
  void repeat(const ColumnPeriod& period, Slot now, std::uint64_t times);
  void log_repetitions(const ColumnPeriod& period, Slot now, std::uint64_t times);

  spec::MemoryStandard standard_;
  AddressMap map_;
  DramPath path_;
  TimingState timing_;
  RefreshSchedule refresh_;
  RequestFeed feed_;
  RequestTable requests_;

  std::array<RunQueue, 2> queues_;  ///< reads, writes
  std::vector<Bank> banks_;
  std::vector<std::uint32_t> active_;  ///< banks with an open row and an active burst, any order
  std::deque<std::vector<std::uint32_t>> refresh_waiting_;
  bool write_mode_ = false;
  std::uint64_t next_order_ = 0;

  std::uint32_t activating_bank_ = kNone;  ///< between the halves of a split activate
  Slot activate_deadline_ = kNever;
  Choice synced_;  ///< the access that the clock was started for
  Slot clock_until_ = 0;

  Slot next_ = 0;          ///< next slot worth looking at
  Slot soonest_ = kNever;  ///< what play() found out about it
  /// The column command of this slot, if it was for a run that has not ended.
  Choice accessed_;
  StreamPeriods periods_;
  std::array<std::uint32_t, ColumnState::kMostStreams> streams_{};  ///< runs, oldest first

  std::uint64_t waiting_reads_ = 0;
  Slot waiting_counted_ = 0;  ///< up to here waiting reads are in the statistics
  std::vector<Completion> completions_;
  ChannelStatistics statistics_;
  std::vector<IssuedCommand>* log_ = nullptr;
};

template <class F>
void Channel::for_each_queued(Slots slots, F f) const {
  const RunQueue& queue = queue_in_use();
  for (const std::uint32_t bank : queue.busy()) {
    if (banks_[bank].state == RowState::closed) {
      if (slots != Slots::column && activating_bank_ == kNone) {
        f(bank, Command::activate, queue.oldest(bank));
      }
    } else if (banks_[bank].state == RowState::open) {
      const std::uint32_t hit = queue.hit(bank);
      const std::uint32_t miss = queue.miss(bank);
      if (hit != kNone && slots != Slots::row) {
        f(bank, access_command(write_mode_), hit);
      }
      if (miss != kNone && slots != Slots::column && !row_in_use(bank, queue)) {
        f(bank, Command::precharge, miss);
      }
    }
  }
}

template <class F>
void Channel::for_each_candidate(F f) const {
  for (const std::uint32_t bank : active_) f(bank, access_command(banks_[bank].active.write));
  for_each_queued(Slots::any,
                  [&](std::uint32_t bank, Command command, std::uint32_t) { f(bank, command); });
}

}  // namespace lutsim::sim
