// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <deque>
#include <vector>

#include "sim/memory/channel.h"
#include "sim/memory/refresh_schedule.h"
#include "sim/memory/request_feed.h"
#include "sim/memory/timing_state.h"

namespace lutsim::sim {

/// The per-burst path: a first-ready first-come-first-served controller that decides about every
/// command. It looks only at slots in which something can happen.
///
/// In every slot (for each bus, where row and column commands have their own):
///  1. a read or write whose row was opened for it ("active"), oldest first;
///  2. a refresh that is due; while one waits, nothing of 3;
///  3. the oldest request of the queue in use whose next command is legal now. Its next command is
///     the access if its row is open, a precharge if another is, an activate if none is. A
///     precharge is not for a bank whose open row an older request wants, nor before the access
///     that the row was opened for.
/// Rows stay open. A burst can be served in the slot after it entered its queue.
class BurstChannel final : public Channel {
 public:
  BurstChannel(const spec::MemoryStandard& standard, spec::AddressMapping mapping,
               spec::Refresh refresh);

  void submit(std::uint32_t port, const ChannelRequest& request, Slot at) override;
  void advance(Slot until) override;
  Slot next_wake() const override;

  /// Appends every command issued from now on to `log`; null stops it.
  void record_commands(std::vector<IssuedCommand>* log) { log_ = log; }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  enum class RowState : std::uint8_t { closed, activating, open };
  enum class Slots : std::uint8_t { any, column, row };

  /// One burst in a queue.
  struct Entry {
    std::uint32_t bank;
    std::uint32_t row;
    std::uint32_t request;
    std::uint32_t next;  ///< the next younger one of the same queue and bank
    std::uint32_t previous;
    Slot entered;
    std::uint64_t order;
    bool write;
    bool counted;  ///< as hit, miss or conflict
  };
  /// The entries of one queue in one bank, oldest first.
  struct BankQueue {
    std::uint32_t head = kNone;
    std::uint32_t tail = kNone;
    std::uint32_t hit = kNone;   ///< oldest that wants the open row
    std::uint32_t miss = kNone;  ///< oldest that does not
    std::uint32_t busy_index = kNone;
  };
  struct Queue {
    std::vector<BankQueue> banks;
    std::vector<std::uint32_t> busy;  ///< banks with entries, any order
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
  };
  struct Bank {
    RowState state = RowState::closed;
    std::uint32_t row = 0;
    std::uint32_t active = kNone;  ///< the entry that its row was opened for
  };
  /// The best command found so far, or the slot at which one becomes legal.
  struct Choice {
    std::uint32_t entry = kNone;
    Command command = Command::activate;
    Slot soonest = kNever;  ///< of those not legal yet
  };

  bool play(Slot now);
  bool play_bus(Slot now, Slots slots);
  bool play_refresh(Slot now);
  void choose_active(Slot now, Choice& choice);
  void choose_queued(Slot now, Slots slots, Choice& choice);
  void consider(Slot now, std::uint32_t entry, Command command, Choice& choice);
  void issue_for(std::uint32_t entry, Command command, Slot now);
  void access(std::uint32_t entry, Slot now);
  void finish_activate(Slot now);
  void open_row();
  void issue(Command command, std::uint32_t bank, std::uint32_t row, Slot now);
  bool feed(Slot now);
  void enter(const RequestFeed::Piece& piece, Slot now);
  void complete(std::uint32_t request, Slot slot);
  void remove_from_queue(std::uint32_t entry);
  void row_changed(std::uint32_t bank);
  void close(std::uint32_t bank);
  void set_write_mode();
  void need(Slot slot) { soonest_ = std::min(soonest_, slot); }

  const spec::MemoryStandard standard_;
  AddressMap map_;
  TimingState timing_;
  RefreshSchedule refresh_;
  RequestFeed feed_;
  RequestTable requests_;

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_entries_;
  std::array<Queue, 2> queues_;  ///< reads, writes
  std::vector<Bank> banks_;
  std::vector<std::uint32_t> active_;  ///< entries, any order
  std::deque<std::vector<std::uint32_t>> refresh_waiting_;
  bool write_mode_ = false;
  std::uint64_t next_order_ = 0;

  std::uint32_t activating_bank_ = kNone;  ///< between the halves of a split activate
  std::uint32_t activating_entry_ = kNone;
  Slot activate_deadline_ = kNever;
  std::uint32_t synced_entry_ = kNone;  ///< the access that the clock was started for
  Slot clock_until_ = 0;

  Slot next_ = 0;          ///< next slot worth looking at
  Slot soonest_ = kNever;  ///< what play() found out about it
  std::vector<IssuedCommand>* log_ = nullptr;
};

}  // namespace lutsim::sim
