// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/channel.h"

#include <algorithm>

namespace lutsim::sim {

Channel::Channel(const spec::MemoryStandard& standard, spec::AddressMapping mapping,
                 spec::Refresh refresh, DramPath path)
    : standard_(standard),
      map_(standard, mapping),
      path_(path),
      timing_(standard),
      refresh_(standard, refresh),
      feed_(map_),
      queues_{RunQueue(standard.banks_per_channel(), standard.read_queue),
              RunQueue(standard.banks_per_channel(), standard.write_queue)},
      banks_(standard.banks_per_channel()) {}

void Channel::submit(std::uint32_t port, const BurstRequest& request, Slot at) {
  advance(at);
  feed_.push(port, requests_.open(request), request);
  if (feed(at)) next_ = std::min(next_, at + 1);
}

void Channel::advance(Slot until) {
  while (next_ <= until) {
    const Slot now = next_;
    accessed_ = {};
    const bool issued = play(now);
    const bool fed = feed(now);
    if (accessed_.bank != kNone) {
      next_ = next_slot(path_ == DramPath::row ? skip_periods(now, until) : now);
    } else {
      next_ = issued || fed ? now + 1 : std::max(now + 1, std::min(soonest_, refresh_.due()));
    }
  }
}

bool Channel::undecided() const {
  return activating_bank_ != kNone || synced_.bank != kNone || !refresh_waiting_.empty() ||
         next_write_mode() != write_mode_;
}

Slot Channel::next_slot(Slot now) const {
  if (undecided()) return now + 1;
  Slot next = refresh_.due();
  for_each_candidate([&](std::uint32_t bank, Command command) {
    next = std::min(next, timing_.earliest(command, bank, now + 1));
  });
  return next;
}

Slot Channel::next_wake() const {
  if (requests_.open() == 0) {
    const bool idle = queues_[1].size() == 0 && active_.empty() && activating_bank_ == kNone;
    return idle ? kNever : next_;
  }
  // A long queue of requests is not worth searching: one of them will end soon.
  if (requests_.open() > kMostSearched) return next_;
  // How many accesses there are until one ends a request. A burst enters when another leaves its
  // queue, by an access or because its row is opened.
  std::uint64_t accesses = requests_.fewest_left_inside();
  std::uint64_t leave_without = banks_.size();
  for (const RunQueue& queue : queues_) leave_without += queue.places() - queue.size();
  feed_.for_each_waiting([&](const RequestFeed::Piece& last, std::uint64_t entries) {
    // A write is over when it has entered.
    const std::uint64_t least = last.write ? 1 : requests_.left(last.request);
    accesses = std::min(accesses, std::max(least, entries - std::min(entries, leave_without)));
  });
  const auto before = static_cast<Slot>((accesses - 1) / standard_.pseudo_channels);
  return next_ + before * timing_.table().burst();
}

ChannelStatistics Channel::statistics() const {
  ChannelStatistics s = statistics_;
  s.read_latency_slots += static_cast<Slot>(s.reads) * timing_.table().data_end(Command::read);
  return s;
}

bool Channel::play(Slot now) {
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

bool Channel::play_bus(Slot now, Slots slots) {
  if (synced_.bank != kNone) {
    access(std::exchange(synced_, Choice{}), now);
    return true;
  }
  if (activating_bank_ != kNone && activate_deadline_ <= now) {
    finish_activate(now);
    return true;
  }
  Choice choice;
  if (slots != Slots::row) choose_active(now, choice);
  if (choice.bank == kNone) {
    if (refresh_waiting_.empty()) {
      choose_queued(now, slots, choice);
    } else if (slots != Slots::column && play_refresh(now)) {
      return true;
    }
  }
  if (choice.bank != kNone) {
    if (is_column(choice.command) && standard_.wck_post > 0 && now >= clock_until_) {
      // The clock must start first and the access follows at once; a split activate whose second
      // half would come too late goes before both.
      if (activating_bank_ != kNone && activate_deadline_ <= now + 1) {
        finish_activate(now);
      } else {
        issue(Command::clock_sync, choice.bank, 0, now);
        synced_ = choice;
      }
    } else {
      issue_for(choice, now);
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

bool Channel::play_refresh(Slot now) {
  const std::vector<std::uint32_t>& banks = refresh_waiting_.front();
  const bool per_bank = refresh_.per_bank();
  const Command close_command = per_bank ? Command::precharge : Command::precharge_all;
  const std::uint32_t reach =
      per_bank ? 1 : standard_.banks_per_channel() / standard_.pseudo_channels;
  Slot ready = now;
  for (const std::uint32_t first : banks) {
    bool open = false;
    for (std::uint32_t b = first; b < first + reach; ++b) {
      if (banks_[b].has_active || banks_[b].state == RowState::activating) return false;
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

void Channel::choose_active(Slot now, Choice& choice) const {
  for (const std::uint32_t bank : active_) {
    const ActiveBurst& burst = banks_[bank].active;
    consider(now, {bank, access_command(burst.write), kNone, burst.order}, choice);
  }
}

void Channel::choose_queued(Slot now, Slots slots, Choice& choice) {
  write_mode_ = next_write_mode();
  const RunQueue& queue = queue_in_use();
  for_each_queued(slots, [&](std::uint32_t bank, Command command, std::uint32_t run) {
    consider(now, {bank, command, run, queue.run(run).order}, choice);
  });
}

bool Channel::row_in_use(std::uint32_t bank, const RunQueue& queue) const {
  if (banks_[bank].has_active) return true;
  const std::uint32_t hit = queue.hit(bank);
  const std::uint32_t miss = queue.miss(bank);
  return hit != kNone && (miss == kNone || queue.run(hit).order < queue.run(miss).order);
}

void Channel::consider(Slot now, const Choice& candidate, Choice& choice) const {
  const Slot slot = timing_.earliest(candidate.command, candidate.bank, now);
  if (slot > now) {
    choice.soonest = std::min(choice.soonest, slot);
    return;
  }
  if (choice.bank != kNone && choice.order < candidate.order) return;
  choice.bank = candidate.bank;
  choice.command = candidate.command;
  choice.run = candidate.run;
  choice.order = candidate.order;
}

void Channel::issue_for(const Choice& choice, Slot now) {
  if (is_column(choice.command)) {
    access(choice, now);
    return;
  }
  RunQueue& queue = queue_in_use();
  const BurstRun run = queue.run(choice.run);
  if (choice.command == Command::precharge) {
    if (!run.counted) ++statistics_.row_conflicts;
    queue.mark_counted(choice.run);
    issue(Command::precharge, choice.bank, 0, now);
    close(choice.bank);
    return;
  }
  if (!run.counted) ++statistics_.row_misses;
  ++statistics_.activates;
  issue(Command::activate, choice.bank, run.row, now);
  Bank& bank = banks_[choice.bank];
  bank.row = run.row;
  bank.has_active = true;
  bank.active = {run.request, run.order, write_mode_};
  bank.state = RowState::activating;
  queue.take(choice.run, 1);
  activating_bank_ = choice.bank;
  if (standard_.aad == 0) {
    open_row();
  } else {
    activate_deadline_ = now + Slot{standard_.aad} * standard_.slots_per_clock;
  }
}

void Channel::finish_activate(Slot now) {
  issue(Command::activate_2, activating_bank_, 0, now);
  open_row();
}

void Channel::open_row() {
  const std::uint32_t bank = std::exchange(activating_bank_, kNone);
  banks_[bank].state = RowState::open;
  active_.push_back(bank);
  for (RunQueue& queue : queues_) queue.open(bank, banks_[bank].row);
}

void Channel::access(const Choice& choice, Slot now) {
  const Command command = choice.command;
  const bool write = command == Command::write;
  RunQueue& queue = queues_[write ? 1 : 0];
  Bank& bank = banks_[choice.bank];
  issue(command, choice.bank, bank.row, now);
  std::uint32_t request = 0;
  if (choice.run == kNone) {
    request = bank.active.request;
    bank.has_active = false;
    active_.erase(std::find(active_.begin(), active_.end(), choice.bank));
  } else {
    const BurstRun& run = queue.run(choice.run);
    request = run.request;
    if (!run.counted) ++statistics_.row_hits;
    if (run.bursts > 1) accessed_ = choice;
    queue.take(choice.run, 1);
  }
  if (accessed_.bank == kNone) periods_.interrupt();
  const Slot data_end = now + timing_.table().data_end(command);
  clock_until_ = std::max(clock_until_, data_end + Slot{standard_.wck_post});
  statistics_.last_data = std::max(statistics_.last_data, data_end);
  if (write) {
    ++statistics_.writes;
  } else {
    ++statistics_.reads;
    count_waiting(now);
    --waiting_reads_;
    complete(request, 1, data_end);
  }
}

void Channel::issue(Command command, std::uint32_t bank, std::uint32_t row, Slot now) {
  timing_.issue(command, bank, now);
  // On a split bus a row can be opened beside the streams.
  const bool beside_streams = standard_.split_command_bus && command == Command::activate;
  if (!is_column(command) && !beside_streams) periods_.interrupt();
  if (log_ != nullptr) log_->push_back({now, command, bank, row});
}

bool Channel::feed(Slot now) {
  bool fed = false;
  while (!feed_.empty()) {
    const RequestFeed::Piece& piece = feed_.front();
    RunQueue& queue = queues_[piece.write ? 1 : 0];
    const std::uint32_t room = queue.places() - queue.size();
    if (room == 0) break;
    const auto bursts = static_cast<std::uint32_t>(
        std::min({std::uint64_t{room}, piece.bursts, map_.run_bursts(piece.first)}));
    enter(piece, bursts, now);
    if (!piece.write) {
      count_waiting(now);
      waiting_reads_ += bursts;
    }
    feed_.take(bursts);
    fed = true;
  }
  return fed;
}

void Channel::enter(const RequestFeed::Piece& piece, std::uint32_t bursts, Slot now) {
  RunQueue& queue = queues_[piece.write ? 1 : 0];
  if (lengthens_run(piece)) {
    queue.lengthen(bursts);
  } else {
    const Location location = map_.locate(piece.first);
    queue.append(location.bank, location.row, piece.request, bursts, next_order_, piece.first);
  }
  next_order_ += bursts;
  requests_.enter(piece.request, bursts);
  // A write is taken when it has entered; its initiator knows at the next slot.
  if (piece.write) complete(piece.request, bursts, now + 1);
}

bool Channel::lengthens_run(const RequestFeed::Piece& piece) const {
  return !map_.begins_run(piece.first) &&
         queues_[piece.write ? 1 : 0].ends_with(piece.request, next_order_, piece.first);
}

void Channel::count_waiting(Slot now) {
  statistics_.read_latency_slots +=
      static_cast<Slot>(waiting_reads_) * (now - std::exchange(waiting_counted_, now));
}

void Channel::complete(std::uint32_t request, std::uint64_t bursts, Slot slot) {
  if (const auto done = requests_.finish(request, bursts, slot)) completions_.push_back(*done);
}

void Channel::close(std::uint32_t bank) {
  banks_[bank].state = RowState::closed;
  for (RunQueue& queue : queues_) queue.close(bank);
}

bool Channel::next_write_mode() const {
  const RunQueue& reads = queues_[0];
  const RunQueue& writes = queues_[1];
  if (!write_mode_) {
    return writes.size() > standard_.write_high * writes.places() || reads.size() == 0;
  }
  return !(writes.size() < standard_.write_low * writes.places() && reads.size() != 0);
}

}  // namespace lutsim::sim
