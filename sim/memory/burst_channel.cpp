// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/burst_channel.h"

namespace lutsim::sim {

BurstChannel::BurstChannel(const spec::MemoryStandard& standard, spec::AddressMapping mapping,
                           spec::Refresh refresh)
    : standard_(standard),
      map_(standard, mapping),
      timing_(standard),
      refresh_(standard, refresh),
      feed_(map_),
      banks_(standard.banks_per_channel()) {
  queues_[0].capacity = standard.read_queue;
  queues_[1].capacity = standard.write_queue;
  for (Queue& queue : queues_) queue.banks.resize(banks_.size());
}

void BurstChannel::submit(std::uint32_t port, const ChannelRequest& request, Slot at) {
  advance(at);
  feed_.push(port, requests_.open(request), request);
  if (feed(at)) next_ = std::min(next_, at + 1);
}

void BurstChannel::advance(Slot until) {
  while (next_ <= until) {
    const Slot now = next_;
    const bool issued = play(now);
    const bool fed = feed(now);
    next_ = issued || fed ? now + 1 : std::max(now + 1, std::min(soonest_, refresh_.due()));
  }
}

Slot BurstChannel::next_wake() const {
  const std::uint64_t left = requests_.fewest_left();
  if (left == 0) {
    const bool idle = queues_[1].size == 0 && active_.empty() && activating_bank_ == kNone;
    return idle ? kNever : next_;
  }
  const auto accesses = static_cast<Slot>((left - 1) / standard_.pseudo_channels);
  return next_ + accesses * timing_.table().burst();
}

bool BurstChannel::play(Slot now) {
  soonest_ = kNever;
  while (refresh_.due() <= now) {
    for (auto& banks : refresh_.take()) refresh_waiting_.push_back(std::move(banks));
    statistics_.refreshes = refresh_.rounds();
  }
  if (!standard_.split_command_bus) return play_bus(now, Slots::any);
  const bool column = play_bus(now, Slots::column);
  const bool row = play_bus(now, Slots::row);
  return column || row;
}

bool BurstChannel::play_bus(Slot now, Slots slots) {
  if (synced_entry_ != kNone) {
    access(std::exchange(synced_entry_, kNone), now);
    return true;
  }
  if (activating_bank_ != kNone && activate_deadline_ <= now) {
    finish_activate(now);
    return true;
  }
  Choice choice;
  if (slots != Slots::row) choose_active(now, choice);
  if (choice.entry == kNone) {
    if (refresh_waiting_.empty()) {
      choose_queued(now, slots, choice);
    } else if (slots != Slots::column && play_refresh(now)) {
      return true;
    }
  }
  if (choice.entry != kNone) {
    if (is_column(choice.command) && standard_.wck_post > 0 && now >= clock_until_) {
      // The clock must start first and the access follows at once; a split activate whose second
      // half would come too late goes before both.
      if (activating_bank_ != kNone && activate_deadline_ <= now + 1) {
        finish_activate(now);
      } else {
        issue(Command::clock_sync, entries_[choice.entry].bank, 0, now);
        synced_entry_ = choice.entry;
      }
    } else {
      issue_for(choice.entry, choice.command, now);
    }
    return true;
  }
  if (activating_bank_ != kNone) {
    finish_activate(now);
    return true;
  }
  need(choice.soonest);
  return false;
}

bool BurstChannel::play_refresh(Slot now) {
  const std::vector<std::uint32_t>& banks = refresh_waiting_.front();
  const bool per_bank = refresh_.per_bank();
  const Command close_command = per_bank ? Command::precharge : Command::precharge_all;
  const std::uint32_t reach =
      per_bank ? 1 : standard_.banks_per_channel() / standard_.pseudo_channels;
  Slot ready = now;
  for (const std::uint32_t first : banks) {
    bool open = false;
    for (std::uint32_t b = first; b < first + reach; ++b) {
      if (banks_[b].active != kNone || banks_[b].state == RowState::activating) return false;
      open = open || banks_[b].state == RowState::open;
    }
    if (open) {
      const Slot close_at = timing_.earliest(close_command, first, now);
      if (close_at > now) {
        need(close_at);
        return false;
      }
      issue(close_command, first, 0, now);
      for (std::uint32_t b = first; b < first + reach; ++b) close(b);
      return true;
    }
    const Command command = per_bank ? Command::refresh_bank : Command::refresh_all;
    ready = std::max(ready, timing_.earliest(command, first, now));
  }
  if (ready > now) {
    need(ready);
    return false;
  }
  for (const std::uint32_t first : banks) {
    issue(per_bank ? Command::refresh_bank : Command::refresh_all, first, 0, now);
  }
  refresh_waiting_.pop_front();
  return true;
}

void BurstChannel::choose_active(Slot now, Choice& choice) {
  for (const std::uint32_t entry : active_) {
    consider(now, entry, entries_[entry].write ? Command::write : Command::read, choice);
  }
}

void BurstChannel::choose_queued(Slot now, Slots slots, Choice& choice) {
  set_write_mode();
  const Queue& queue = queues_[write_mode_ ? 1 : 0];
  const Command access_command = write_mode_ ? Command::write : Command::read;
  for (const std::uint32_t bank : queue.busy) {
    const BankQueue& waiting = queue.banks[bank];
    if (banks_[bank].state == RowState::closed) {
      if (slots != Slots::column && activating_bank_ == kNone) {
        consider(now, waiting.head, Command::activate, choice);
      }
    } else if (banks_[bank].state == RowState::open) {
      if (waiting.hit != kNone && slots != Slots::row) {
        consider(now, waiting.hit, access_command, choice);
      }
      const bool row_in_use = banks_[bank].active != kNone ||
                              (waiting.hit != kNone && waiting.miss != kNone &&
                               entries_[waiting.hit].entered <= entries_[waiting.miss].entered);
      if (waiting.miss != kNone && slots != Slots::column && !row_in_use) {
        consider(now, waiting.miss, Command::precharge, choice);
      }
    }
  }
}

void BurstChannel::consider(Slot now, std::uint32_t entry, Command command, Choice& choice) {
  const Slot slot = timing_.earliest(command, entries_[entry].bank, now);
  if (slot > now) {
    choice.soonest = std::min(choice.soonest, slot);
  } else if (choice.entry == kNone || entries_[entry].order < entries_[choice.entry].order) {
    choice.entry = entry;
    choice.command = command;
  }
}

void BurstChannel::issue_for(std::uint32_t index, Command command, Slot now) {
  Entry& entry = entries_[index];
  if (!entry.counted) {
    entry.counted = true;
    ++(command == Command::activate    ? statistics_.row_misses
       : command == Command::precharge ? statistics_.row_conflicts
                                       : statistics_.row_hits);
  }
  Bank& bank = banks_[entry.bank];
  if (command == Command::precharge) {
    issue(command, entry.bank, 0, now);
    close(entry.bank);
  } else if (command == Command::activate) {
    issue(command, entry.bank, entry.row, now);
    ++statistics_.activates;
    bank.row = entry.row;
    remove_from_queue(index);
    activating_bank_ = entry.bank;
    activating_entry_ = index;
    bank.state = RowState::activating;
    if (standard_.aad == 0) {
      open_row();
    } else {
      activate_deadline_ = now + Slot{standard_.aad} * standard_.slots_per_clock;
    }
  } else {
    access(index, now);
  }
}

void BurstChannel::finish_activate(Slot now) {
  issue(Command::activate_2, activating_bank_, 0, now);
  open_row();
}

void BurstChannel::open_row() {
  banks_[activating_bank_].state = RowState::open;
  banks_[activating_bank_].active = activating_entry_;
  active_.push_back(activating_entry_);
  row_changed(std::exchange(activating_bank_, kNone));
}

void BurstChannel::access(std::uint32_t index, Slot now) {
  const Entry& entry = entries_[index];
  const Command command = entry.write ? Command::write : Command::read;
  issue(command, entry.bank, entry.row, now);
  if (!entry.counted) ++statistics_.row_hits;
  if (banks_[entry.bank].active == index) {
    banks_[entry.bank].active = kNone;
    active_.erase(std::find(active_.begin(), active_.end(), index));
  } else {
    remove_from_queue(index);
  }
  const Slot data_end = now + timing_.table().data_end(command);
  clock_until_ = std::max(clock_until_, data_end + Slot{standard_.wck_post});
  ++(entry.write ? statistics_.writes : statistics_.reads);
  if (!entry.write) {
    statistics_.read_latency_slots += static_cast<double>(data_end - entry.entered);
  }
  statistics_.last_data = std::max(statistics_.last_data, data_end);
  if (!entry.write) complete(entry.request, data_end);
  free_entries_.push_back(index);
}

void BurstChannel::issue(Command command, std::uint32_t bank, std::uint32_t row, Slot now) {
  timing_.issue(command, bank, now);
  if (log_ != nullptr) log_->push_back({now, command, bank, row});
}

bool BurstChannel::feed(Slot now) {
  bool fed = false;
  while (!feed_.empty()) {
    const RequestFeed::Piece& piece = feed_.front();
    if (queues_[piece.write ? 1 : 0].size == queues_[piece.write ? 1 : 0].capacity) break;
    enter(piece, now);
    feed_.take(1);
    fed = true;
  }
  return fed;
}

void BurstChannel::enter(const RequestFeed::Piece& piece, Slot now) {
  const Location location = map_.locate(piece.first);
  Queue& queue = queues_[piece.write ? 1 : 0];
  BankQueue& list = queue.banks[location.bank];
  std::uint32_t index = static_cast<std::uint32_t>(entries_.size());
  if (free_entries_.empty()) {
    entries_.emplace_back();
  } else {
    index = free_entries_.back();
    free_entries_.pop_back();
  }
  entries_[index] = {location.bank, location.row,  piece.request, kNone, list.tail,
                     now,           next_order_++, piece.write,   false};
  if (list.tail == kNone) {
    list.head = index;
    list.busy_index = static_cast<std::uint32_t>(queue.busy.size());
    queue.busy.push_back(location.bank);
  } else {
    entries_[list.tail].next = index;
  }
  list.tail = index;
  ++queue.size;
  if (piece.write) complete(piece.request, now);
  const Bank& bank = banks_[location.bank];
  if (bank.state == RowState::open) {
    std::uint32_t& oldest = bank.row == location.row ? list.hit : list.miss;
    if (oldest == kNone) oldest = index;
  }
}

void BurstChannel::complete(std::uint32_t request, Slot slot) {
  if (const auto done = requests_.finish(request, 1, slot)) completions_.push_back(*done);
}

void BurstChannel::remove_from_queue(std::uint32_t index) {
  const Entry& entry = entries_[index];
  Queue& queue = queues_[entry.write ? 1 : 0];
  BankQueue& list = queue.banks[entry.bank];
  for (std::uint32_t* oldest : {&list.hit, &list.miss}) {
    if (*oldest != index) continue;
    const bool same = oldest == &list.hit;
    *oldest = entry.next;
    while (*oldest != kNone && (entries_[*oldest].row == banks_[entry.bank].row) != same) {
      *oldest = entries_[*oldest].next;
    }
  }
  (entry.previous == kNone ? list.head : entries_[entry.previous].next) = entry.next;
  (entry.next == kNone ? list.tail : entries_[entry.next].previous) = entry.previous;
  --queue.size;
  if (list.head == kNone) {
    const std::uint32_t moved = queue.busy.back();
    queue.busy[list.busy_index] = moved;
    queue.banks[moved].busy_index = list.busy_index;
    queue.busy.pop_back();
  }
}

void BurstChannel::row_changed(std::uint32_t bank) {
  for (Queue& queue : queues_) {
    BankQueue& list = queue.banks[bank];
    list.hit = kNone;
    list.miss = kNone;
    if (banks_[bank].state != RowState::open) continue;
    for (std::uint32_t e = list.head; e != kNone && (list.hit == kNone || list.miss == kNone);
         e = entries_[e].next) {
      std::uint32_t& oldest = entries_[e].row == banks_[bank].row ? list.hit : list.miss;
      if (oldest == kNone) oldest = e;
    }
  }
}

void BurstChannel::close(std::uint32_t bank) {
  banks_[bank].state = RowState::closed;
  row_changed(bank);
}

void BurstChannel::set_write_mode() {
  const Queue& reads = queues_[0];
  const Queue& writes = queues_[1];
  if (!write_mode_) {
    write_mode_ = writes.size > standard_.write_high * writes.capacity || reads.size == 0;
  } else {
    write_mode_ = !(writes.size < standard_.write_low * writes.capacity && reads.size != 0);
  }
}

}  // namespace lutsim::sim
