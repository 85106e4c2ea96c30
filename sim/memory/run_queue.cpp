// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/run_queue.h"

namespace lutsim::sim {

RunQueue::RunQueue(std::uint32_t banks, std::uint32_t places) : banks_(banks), places_(places) {}

void RunQueue::append(std::uint32_t bank_index, std::uint32_t row, std::uint32_t request,
                      std::uint32_t bursts, std::uint64_t order, std::uint64_t first) {
  Bank& bank = banks_[bank_index];
  std::uint32_t index = static_cast<std::uint32_t>(runs_.size());
  if (free_.empty()) {
    runs_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  runs_[index] = {bank_index, row, request, bursts, order, first + bursts, false, kNone, bank.tail};
  last_ = index;
  size_ += bursts;
  if (bank.tail == kNone) {
    bank.head = index;
    bank.busy_index = static_cast<std::uint32_t>(busy_.size());
    busy_.push_back(bank_index);
  } else {
    runs_[bank.tail].next = index;
  }
  bank.tail = index;
  if (bank.open_row == kNone) return;
  std::uint32_t& oldest = bank.open_row == row ? bank.hit : bank.miss;
  if (oldest == kNone) oldest = index;
}

void RunQueue::take(std::uint32_t index, std::uint32_t bursts) {
  BurstRun& run = runs_[index];
  run.bursts -= bursts;
  run.order += bursts;
  run.counted = false;
  size_ -= bursts;
  if (run.bursts == 0) end_run(index);
}

void RunQueue::end_run(std::uint32_t index) {
  const BurstRun run = runs_[index];
  Bank& bank = banks_[run.bank];
  for (std::uint32_t* oldest : {&bank.hit, &bank.miss}) {
    if (*oldest != index) continue;
    const bool hit = oldest == &bank.hit;
    *oldest = run.next;
    while (*oldest != kNone && (runs_[*oldest].row == bank.open_row) != hit) {
      *oldest = runs_[*oldest].next;
    }
  }
  (run.previous == kNone ? bank.head : runs_[run.previous].next) = run.next;
  (run.next == kNone ? bank.tail : runs_[run.next].previous) = run.previous;
  if (bank.head == kNone) {
    const std::uint32_t moved = busy_.back();
    busy_[bank.busy_index] = moved;
    banks_[moved].busy_index = bank.busy_index;
    busy_.pop_back();
  }
  if (last_ == index) last_ = kNone;
  free_.push_back(index);
}

void RunQueue::open(std::uint32_t bank, std::uint32_t row) {
  Bank& b = banks_[bank];
  b.open_row = row;
  b.hit = kNone;
  b.miss = kNone;
  for (std::uint32_t r = b.head; r != kNone && (b.hit == kNone || b.miss == kNone);
       r = runs_[r].next) {
    std::uint32_t& oldest = runs_[r].row == row ? b.hit : b.miss;
    if (oldest == kNone) oldest = r;
  }
}

void RunQueue::close(std::uint32_t bank) {
  banks_[bank].open_row = kNone;
  banks_[bank].hit = kNone;
  banks_[bank].miss = kNone;
}

}  // namespace lutsim::sim
