// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace lutsim::sim {

/// Consecutive bursts of one request in one row that wait in a queue: to the controller they differ
/// in nothing but their age.
struct BurstRun {
  std::uint32_t bank;
  std::uint32_t row;
  std::uint32_t request;
  std::uint32_t bursts;
  std::uint64_t order;  ///< of the first burst, over all bursts that enter; the rest follow it
  std::uint64_t end;    ///< number of the burst after the last
  bool counted;         ///< the first burst was counted as one that met another row
  std::uint32_t next;   ///< the next younger run of the same bank
  std::uint32_t previous;
};

/// The read queue or the write queue of a channel: places for bursts, kept as runs by bank.
class RunQueue {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  RunQueue(std::uint32_t banks, std::uint32_t places);

  std::uint32_t size() const { return size_; }  ///< bursts
  std::uint32_t places() const { return places_; }
  const BurstRun& run(std::uint32_t index) const { return runs_[index]; }
  /// Banks with runs, in no order.
  const std::vector<std::uint32_t>& busy() const { return busy_; }
  std::uint32_t oldest(std::uint32_t bank) const { return banks_[bank].head; }
  /// The oldest run of a bank that wants its open row, and the oldest that wants another. Both are
  /// kNone while no row is open.
  std::uint32_t hit(std::uint32_t bank) const { return banks_[bank].hit; }
  std::uint32_t miss(std::uint32_t bank) const { return banks_[bank].miss; }

  /// Whether the youngest burst is of a request, the last before `order`, and burst `next` is next.
  bool ends_with(std::uint32_t request, std::uint64_t order, std::uint64_t next) const {
    return last_ != kNone && runs_[last_].request == request && runs_[last_].end == next &&
           runs_[last_].order + runs_[last_].bursts == order;
  }
  /// Puts bursts behind all others, in the row of the youngest.
  void lengthen(std::uint32_t bursts) {
    size_ += bursts;
    runs_[last_].bursts += bursts;
    runs_[last_].end += bursts;
  }
  /// Puts bursts behind all others, as a run of their own. Precondition of both: as many places
  /// are free.
  void append(std::uint32_t bank, std::uint32_t row, std::uint32_t request, std::uint32_t bursts,
              std::uint64_t order, std::uint64_t first);
  /// Takes the first bursts of a run.
  void take(std::uint32_t index, std::uint32_t bursts);
  void mark_counted(std::uint32_t index) { runs_[index].counted = true; }
  void open(std::uint32_t bank, std::uint32_t row);
  void close(std::uint32_t bank);

 private:
  struct Bank {
    std::uint32_t head = kNone;
    std::uint32_t tail = kNone;
    std::uint32_t hit = kNone;
    std::uint32_t miss = kNone;
    std::uint32_t open_row = kNone;
    std::uint32_t busy_index = kNone;
  };

  void end_run(std::uint32_t index);

  std::vector<BurstRun> runs_;  ///< pool
  std::vector<std::uint32_t> free_;
  std::vector<Bank> banks_;
  std::vector<std::uint32_t> busy_;
  std::uint32_t places_;
  std::uint32_t size_ = 0;
  std::uint32_t last_ = kNone;  ///< the youngest run, unless it has ended
};

}  // namespace lutsim::sim
