// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/row_channel.h"

#include <algorithm>
#include <cmath>

namespace lutsim::sim {
namespace {

/// Flows are sums of fractions: bursts below this are rounding.
constexpr double kBurstEpsilon = 1e-6;
constexpr double kSlotEpsilon = 1e-6;
constexpr double kFar = 1e300;
/// Bursts that `mop` keeps in one bank before the next.
constexpr double kMopRun = 4.0;

Slot slot_at(double time) { return static_cast<Slot>(std::ceil(time - kSlotEpsilon)); }

}  // namespace

RowChannel::RowChannel(const spec::MemoryStandard& standard, spec::AddressMapping mapping,
                       spec::Refresh refresh)
    : standard_(standard),
      map_(standard, mapping),
      timing_(standard),
      refresh_(standard, refresh),
      feed_(map_),
      banks_per_pseudo_channel_(standard.banks_per_channel() / standard.pseudo_channels),
      banks_(standard.banks_per_channel()) {
  const double clock = standard.slots_per_clock;
  const auto columns = [&](Command command, std::uint32_t same, std::uint32_t other,
                           std::uint32_t queue) {
    return Columns{command,
                   clock * same,
                   clock * other,
                   clock * standard.ccd_r,
                   static_cast<std::uint32_t>(spec::ceil_div(same, other)),
                   static_cast<double>(queue)};
  };
  columns_ = {columns(Command::read, standard.ccd_l, standard.ccd_s, standard.read_queue),
              columns(Command::write, standard.ccd_l_wr, standard.ccd_s_wr, standard.write_queue)};
}

void RowChannel::submit(std::uint32_t port, const ChannelRequest& request, Slot at) {
  advance(at);
  run_to(static_cast<double>(at));
  feed_.push(port, requests_.open(request), request);
  settle();
}

void RowChannel::advance(Slot until) {
  const double end = static_cast<double>(until);
  while (event_ <= end) {
    run_to(event_);
    settle();
  }
}

Slot RowChannel::next_wake() const {
  const std::uint64_t left = requests_.fewest_left();
  if (left == 0) return kNever;
  double in_window = 0.0;
  for (const std::uint32_t v : window_) in_window += visits_[v].bursts;
  const double certain = (static_cast<double>(left) - in_window) / standard_.pseudo_channels;
  const double flow_end = now_ + certain * static_cast<double>(timing_.table().burst());
  return slot_at(std::max(event_, flow_end));
}

void RowChannel::run_to(double time) {
  const double elapsed = time - now_;
  if (elapsed <= 0.0) return;
  const Occupancy reads = occupancy(false);
  // Reads beyond the queue have not entered it yet.
  const double waiting = std::min(reads.waiting, columns_[0].queue + reads.open_rows);
  const double end_waiting =
      std::min(reads.waiting - reads.rate * elapsed, columns_[0].queue + reads.open_rows);
  statistics_.read_latency_slots += (waiting + end_waiting) / 2.0 * elapsed;
  for (const std::uint32_t v : window_) {
    Visit& visit = visits_[v];
    if (visit.rate == 0.0) continue;
    visit.left -= visit.rate * elapsed;
    // A flow counts its burst as waiting for half a period longer than a command that is issued at
    // the start of the period.
    if (!visit.write) statistics_.read_latency_slots -= elapsed / 2.0;
  }
  now_ = time;
}

void RowChannel::settle() {
  while (retire()) {
  }
  if (refresh_.due() <= now_ + kSlotEpsilon) refresh();
  while (enter_visits()) {
  }
  choose_mode();
  event_ = kFar;
  if (now_ + kSlotEpsilon < blocked_until_) {
    for (const std::uint32_t v : window_) visits_[v].rate = 0.0;
    event(blocked_until_);
  } else {
    open_rows();
    share_pins();
  }
  find_events();
  event_ = std::max(event_, now_ + kSlotEpsilon);
}

RowChannel::Occupancy RowChannel::occupancy(bool write) const {
  Occupancy o;
  for (const std::uint32_t v : window_) {
    const Visit& visit = visits_[v];
    if (visit.write != write) continue;
    o.waiting += visit.left;
    o.rate += visit.rate;
    if (visit.opened > 0 && !visit.flowing) o.open_rows += 1.0;
  }
  return o;
}

bool RowChannel::enter_visits() {
  if (feed_.empty()) return false;
  const bool write = feed_.front().write;
  const Occupancy own = occupancy(write);
  if (own.waiting > columns_[write].queue + own.open_rows - 1.0 + kBurstEpsilon) return false;
  if (write != last_entered_write_) {
    const Occupancy before = occupancy(!write);
    if (before.waiting > columns_[!write].queue + before.open_rows + kBurstEpsilon) return false;
  }
  enter();
  return true;
}

void RowChannel::enter() {
  const RequestFeed::Piece piece = feed_.front();
  std::uint32_t index = static_cast<std::uint32_t>(visits_.size());
  if (free_visits_.empty()) {
    visits_.emplace_back();
  } else {
    index = free_visits_.back();
    free_visits_.pop_back();
  }
  Visit& visit = visits_[index];
  visit.request = piece.request;
  visit.write = piece.write;
  visit.bursts = static_cast<double>(piece.bursts);
  visit.left = visit.bursts;
  visit.rate = 0.0;
  visit.period = 0.0;
  visit.from = static_cast<Slot>(now_ + kSlotEpsilon) + 1;
  visit.targets.clear();
  visit.opened = 0;
  visit.released = 0;
  visit.activates = 0;
  visit.pseudo_channels = 0;
  visit.flowing = false;

  const std::uint64_t all_banks = banks_.size() * static_cast<std::uint64_t>(kMopRun);
  const std::uint64_t distinct =
      map_.visit_bursts() > standard_.bursts_per_row() ? std::min(piece.bursts, all_banks) : 1;
  std::uint64_t seen = 0;
  for (std::uint64_t i = 0; i < distinct && visit.targets.size() < banks_.size(); ++i) {
    const Location l = map_.locate(piece.first + i);
    const bool known = std::any_of(visit.targets.begin(), visit.targets.end(),
                                   [&](const Target& t) { return t.bank == l.bank; });
    if (known) continue;
    visit.targets.push_back({l.bank, l.row});
    visit.pseudo_channels |= 1u << timing_.pseudo_channel_of(l.bank);
    banks_[l.bank].visits.push_back(index);
    ++seen;
  }
  window_.push_back(index);
  last_entered_write_ = piece.write;
  feed_.take(piece.bursts);
}

void RowChannel::choose_mode() {
  const Occupancy reads = occupancy(false);
  const Occupancy writes = occupancy(true);
  const double queue = columns_[1].queue;
  const double queued = std::min(writes.waiting, queue);
  bool write_mode = write_mode_;
  if (!write_mode_) {
    write_mode = queued > standard_.write_high * queue || reads.waiting < kBurstEpsilon;
  } else {
    write_mode = !(queued < standard_.write_low * queue + kBurstEpsilon &&
                   reads.waiting > kBurstEpsilon);
  }
  if (write_mode == write_mode_) return;
  for (const std::uint32_t v : window_) {
    Visit& visit = visits_[v];
    if (visit.flowing) {
      for (std::uint32_t t = visit.released; t < visit.opened; ++t) {
        record_column(visit, visit.targets[t]);
      }
    }
    visit.flowing = false;
    visit.rate = 0.0;
  }
  write_mode_ = write_mode;
}

void RowChannel::open_rows() {
  const Slot now = slot_at(now_);
  for (const std::uint32_t v : window_) {
    Visit& visit = visits_[v];
    if (visit.write != write_mode_) continue;
    while (visit.opened < visit.targets.size()) {
      const Target& target = visit.targets[visit.opened];
      Bank& bank = banks_[target.bank];
      // Visits that want the same row share it; another row waits until all before it are done.
      bool mine = false;
      for (const std::uint32_t user : bank.visits) {
        mine = user == v;
        if (mine) break;
        bool same_row = false;
        for (const Target& t : visits_[user].targets) {
          same_row = same_row || (t.bank == target.bank && t.row == target.row);
        }
        if (!same_row) break;
      }
      if (!mine) break;
      if (bank.open && bank.row == target.row) {
        ++visit.opened;
        continue;
      }
      const Command command = bank.open ? Command::precharge : Command::activate;
      const Slot slot = timing_.earliest(command, target.bank, std::max(now, visit.from));
      if (static_cast<double>(slot) > now_ + kSlotEpsilon) {
        event(static_cast<double>(slot));
        break;
      }
      timing_.issue(command, target.bank, slot);
      if (command == Command::precharge) {
        bank.open = false;
        ++statistics_.row_conflicts;
        --statistics_.row_misses;
      } else {
        bank.open = true;
        bank.row = target.row;
        ++visit.opened;
        ++visit.activates;
        ++statistics_.activates;
        ++statistics_.row_misses;
      }
    }
  }
}

double RowChannel::served_limit(const Visit& visit) const {
  return visit.opened == visit.targets.size() ? visit.bursts : visit.opened * kMopRun;
}

double RowChannel::release_at(const Visit& visit) const {
  return kMopRun * static_cast<double>(visit.targets.size() - 1 - visit.released);
}

void RowChannel::share_pins() {
  const Columns& columns = columns_[write_mode_];
  constexpr std::size_t kMaxPseudoChannels = 4;
  constexpr std::size_t kMaxLanes = 16;
  struct Pins {
    std::array<std::uint32_t, kMaxLanes> lanes;
    std::uint32_t used = 0;
    std::uint32_t other_rank = kNone;
    bool taken = false;
  };
  std::array<Pins, kMaxPseudoChannels> pins;
  for (const std::uint32_t v : window_) {
    Visit& visit = visits_[v];
    visit.rate = 0.0;
    if (visit.write != write_mode_ || visit.opened == 0) continue;
    if (!visit.flowing) {
      const Slot ready = timing_.ready_without_bus(columns.command, visit.targets[0].bank);
      if (static_cast<double>(ready) > now_ + kSlotEpsilon) {
        event(static_cast<double>(ready));
        continue;
      }
    }
    if (visit.bursts - visit.left + kBurstEpsilon > served_limit(visit)) continue;
    if (visit.targets.size() > 1) {
      // Bursts over many banks find another bank group every time: all the pins.
      bool free = true;
      double rate = 0.0;
      for (std::uint32_t p = 0; p < standard_.pseudo_channels; ++p) {
        if ((visit.pseudo_channels >> p & 1u) == 0) continue;
        free = free && !pins[p].taken && pins[p].used == 0;
        rate += 1.0 / columns.other_group;
      }
      if (!free) continue;
      for (std::uint32_t p = 0; p < standard_.pseudo_channels; ++p) {
        if ((visit.pseudo_channels >> p & 1u) != 0) pins[p].taken = true;
      }
      visit.rate = rate;
      visit.flowing = true;
      visit.period = 1.0 / rate;
      continue;
    }
    const std::uint32_t bank = visit.targets[0].bank;
    Pins& p = pins[timing_.pseudo_channel_of(bank)];
    if (p.taken) continue;
    bool fits = p.used < columns.lanes;
    for (std::uint32_t i = 0; fits && i < p.used; ++i) {
      const std::uint32_t other = visits_[p.lanes[i]].targets[0].bank;
      if (timing_.rank_of(other) != timing_.rank_of(bank)) {
        fits = false;
        if (p.other_rank == kNone) p.other_rank = v;
      } else if (timing_.group_of(other) == timing_.group_of(bank)) {
        fits = false;
      }
    }
    if (fits) p.lanes[p.used++] = v;
  }
  const auto flow = [&](std::uint32_t v, double period) {
    visits_[v].rate = 1.0 / period;
    visits_[v].period = period;
    visits_[v].flowing = true;
  };
  for (Pins& p : pins) {
    if (p.used == 1 && p.other_rank != kNone && columns.lanes > 1) {
      const double period = std::max(columns.same_group, 2.0 * columns.other_rank);
      flow(p.lanes[0], period);
      flow(p.other_rank, period);
      continue;
    }
    const double period = std::max(columns.same_group, p.used * columns.other_group);
    for (std::uint32_t i = 0; i < p.used; ++i) flow(p.lanes[i], period);
  }
}

void RowChannel::find_events() {
  if (refresh_.due() != kNever) event(static_cast<double>(refresh_.due()));
  for (const std::uint32_t v : window_) {
    const Visit& visit = visits_[v];
    if (visit.rate == 0.0) continue;
    double until = release_at(visit);
    const double limit = served_limit(visit);
    if (limit < visit.bursts) until = std::max(until, visit.bursts - limit);
    event(now_ + (visit.left - until) / visit.rate);
  }
  const Occupancy writes = occupancy(true);
  if (!feed_.empty()) {
    const bool write = feed_.front().write;
    const Occupancy own = write ? writes : occupancy(false);
    const double too_many = own.waiting - (columns_[write].queue + own.open_rows - 1.0);
    double wait = too_many > 0.0 ? (own.rate > 0.0 ? too_many / own.rate : kFar) : 0.0;
    if (write != last_entered_write_) {
      const Occupancy before = write ? occupancy(false) : writes;
      const double over = before.waiting - (columns_[!write].queue + before.open_rows);
      if (over > 0.0) wait = std::max(wait, before.rate > 0.0 ? over / before.rate : kFar);
    }
    event(now_ + wait);
  }
  if (write_mode_ && writes.rate > 0.0) {
    const double above = writes.waiting - standard_.write_low * columns_[1].queue;
    if (above > 0.0) event(now_ + above / writes.rate);
  }
}

bool RowChannel::retire() {
  for (std::size_t i = 0; i < window_.size(); ++i) {
    Visit& visit = visits_[window_[i]];
    while (visit.released + 1 < visit.targets.size() && visit.released < visit.opened &&
           visit.left <= release_at(visit) + kBurstEpsilon) {
      release(visit);
    }
    if (visit.left > kBurstEpsilon) continue;
    while (visit.released < visit.targets.size()) release(visit);
    const Command command = columns_[visit.write].command;
    const double last_column = now_ - visit.period;
    const Slot data_end = slot_at(last_column) + timing_.table().data_end(command);
    const auto bursts = static_cast<std::uint64_t>(visit.bursts);
    ++(visit.write ? statistics_.writes : statistics_.reads);
    (visit.write ? statistics_.writes : statistics_.reads) += bursts - 1;
    if (!visit.write) {
      statistics_.read_latency_slots +=
          visit.bursts * static_cast<double>(timing_.table().data_end(command));
    }
    statistics_.row_hits += bursts > visit.activates ? bursts - visit.activates : 0;
    statistics_.data_slots += visit.bursts * static_cast<double>(timing_.table().burst());
    statistics_.last_data = std::max(statistics_.last_data, data_end);
    if (const auto done = requests_.finish(visit.request, bursts, data_end)) {
      completions_.push_back(*done);
    }
    free_visits_.push_back(window_[i]);
    window_.erase(window_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

void RowChannel::release(Visit& visit) {
  const Target& target = visit.targets[visit.released++];
  record_column(visit, target);
  auto& users = banks_[target.bank].visits;
  const auto index = static_cast<std::uint32_t>(&visit - visits_.data());
  users.erase(std::find(users.begin(), users.end(), index));
}

void RowChannel::record_column(const Visit& visit, const Target& target) {
  const Slot last = static_cast<Slot>(now_ - visit.period + kSlotEpsilon);
  timing_.issue(columns_[visit.write].command, target.bank, last);
}

void RowChannel::refresh() {
  Slot slot = slot_at(std::max(now_, blocked_until_));
  const bool per_bank = refresh_.per_bank();
  const Command close = per_bank ? Command::precharge : Command::precharge_all;
  const Command command = per_bank ? Command::refresh_bank : Command::refresh_all;
  const std::uint32_t reach = per_bank ? 1 : banks_per_pseudo_channel_;
  for (const auto& banks : refresh_.take()) {
    Slot ready = slot;
    for (const std::uint32_t first : banks) {
      const bool open = std::any_of(banks_.begin() + first, banks_.begin() + first + reach,
                                    [](const Bank& b) { return b.open; });
      pause(first, first + reach);
      if (open) {
        slot = timing_.earliest(close, first, slot);
        timing_.issue(close, first, slot);
      }
      ready = std::max(ready, timing_.earliest(command, first, slot));
    }
    for (const std::uint32_t first : banks) timing_.issue(command, first, ready);
    slot = ready;
  }
  statistics_.refreshes = refresh_.rounds();
  blocked_until_ = static_cast<double>(slot + 1);
}

void RowChannel::pause(std::uint32_t bank_first, std::uint32_t bank_last) {
  for (std::uint32_t b = bank_first; b < bank_last; ++b) {
    Bank& bank = banks_[b];
    for (const std::uint32_t v : bank.visits) {
      Visit& visit = visits_[v];
      for (std::uint32_t t = visit.released; t < visit.opened; ++t) {
        if (visit.flowing && visit.targets[t].bank == b) record_column(visit, visit.targets[t]);
      }
    }
    for (const std::uint32_t v : bank.visits) {
      Visit& visit = visits_[v];
      visit.flowing = false;
      visit.rate = 0.0;
      for (std::uint32_t t = visit.released; t < visit.opened; ++t) {
        if (visit.targets[t].bank == b) visit.opened = t;
      }
    }
    bank.open = false;
  }
}

}  // namespace lutsim::sim
