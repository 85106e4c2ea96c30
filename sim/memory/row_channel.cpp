// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/row_channel.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

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
  const bool others_wait = !feed_.empty();
  const std::uint32_t next = others_wait ? feed_.front().request : 0;
  feed_.push(port, requests_.open(request), request);
  // Behind others it changes nothing yet.
  if (others_wait && feed_.front().request == next) return;
  run_to(static_cast<double>(at));
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
  if (left == 0) return window_.empty() ? kNever : static_cast<Slot>(std::ceil(event_));
  double in_window = 0.0;
  for (const std::uint32_t v : window_) in_window += visits_[v].bursts;
  const double certain = (static_cast<double>(left) - in_window) / standard_.pseudo_channels;
  const double flow_end = now_ + certain * static_cast<double>(timing_.table().burst());
  return static_cast<Slot>(std::ceil(std::max(event_, flow_end)));
}

void RowChannel::run_to(double time) {
  const double elapsed = time - now_;
  if (elapsed <= 0.0) return;
  const Occupancy& reads = occupancy_[0];
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
  // Commands start at whole slots; what that rounding costs one, the next gets back.
  row_commands_ahead_ = std::max(-1.0, row_commands_ahead_ - elapsed * row_bus_share());
  now_ = time;
}

void RowChannel::settle() {
  while (retire()) {
  }
  if (refresh_.due() <= now_ + kSlotEpsilon) refresh();
  count_occupancy();
  do {
    event_ = kFar;
    while (enter_visits()) {
    }
    choose_mode();
    if (now_ + kSlotEpsilon < blocked_until_) {
      for (const std::uint32_t v : window_) visits_[v].rate = 0.0;
      column_rate_ = 0.0;
      event(blocked_until_);
    } else {
      open_rows();
      share_pins();
    }
    if (feed_.empty()) {
      occupancy_[write_mode_].rate = column_rate_;
      occupancy_[!write_mode_].rate = 0.0;
      break;
    }
    count_occupancy();
    // A row opened for a burst takes it out of the queue: another may enter.
  } while (enter_visits());
  find_events();
  if (event_ == kFar && !(window_.empty() && feed_.empty())) {
    throw std::logic_error("a DRAM channel has requests but no event at slot " +
                           std::to_string(now_));
  }
  event_ = std::max(event_, now_ + kSlotEpsilon);
}

void RowChannel::count_occupancy() {
  occupancy_ = {};
  for (const std::uint32_t v : window_) {
    const Visit& visit = visits_[v];
    Occupancy& o = occupancy_[visit.write];
    o.waiting += visit.left;
    o.rate += visit.rate;
    if (visit.activates > 0 && visit.opened > 0 && !visit.flowing) o.open_rows += 1.0;
  }
}

bool RowChannel::enter_visits() {
  if (feed_.empty()) return false;
  const bool write = feed_.front().write;
  const Occupancy& own = occupancy_[write];
  if (own.waiting > columns_[write].queue + own.open_rows - 1.0 + kBurstEpsilon) return false;
  if (write != last_entered_write_) {
    const Occupancy& before = occupancy_[!write];
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
  visit.conflicts = 0;
  visit.pins = 0;
  visit.flowing = false;
  visit.posted = false;

  const std::uint64_t all_banks = banks_.size() * static_cast<std::uint64_t>(kMopRun);
  const std::uint64_t distinct =
      map_.visit_bursts() > standard_.bursts_per_row() ? std::min(piece.bursts, all_banks) : 1;
  for (std::uint64_t i = 0; i < distinct && visit.targets.size() < banks_.size(); ++i) {
    const Location l = map_.locate(piece.first + i);
    const bool known = std::any_of(visit.targets.begin(), visit.targets.end(),
                                   [&](const Target& t) { return t.bank == l.bank; });
    if (known) continue;
    visit.targets.push_back({l.bank, l.row});
    visit.pins |= 1u << timing_.pseudo_channel_of(l.bank);
    banks_[l.bank].waiting[visit.write].push_back(index);
  }
  visit.banks = static_cast<std::uint32_t>(visit.targets.size());
  visit.bank = visit.targets[0].bank;
  visit.pseudo_channel = timing_.pseudo_channel_of(visit.bank);
  visit.rank = timing_.rank_of(visit.bank) % standard_.ranks;
  visit.order = next_order_++;
  visit.group = timing_.group_of(visit.bank);
  window_.push_back(index);
  occupancy_[piece.write].waiting += visit.left;
  last_entered_write_ = piece.write;
  feed_.take(piece.bursts);
}

void RowChannel::choose_mode() {
  const Occupancy& reads = occupancy_[0];
  const Occupancy& writes = occupancy_[1];
  const double queue = columns_[1].queue;
  const double queued = std::min(writes.waiting, queue);
  bool write_mode = false;
  if (!write_mode_) {
    write_mode = queued > standard_.write_high * queue || reads.waiting < kBurstEpsilon;
  } else {
    write_mode =
        !(queued < standard_.write_low * queue + kBurstEpsilon && reads.waiting > kBurstEpsilon);
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

bool RowChannel::issue_now(Command command, std::uint32_t bank, Slot from) {
  const Slot slot = timing_.earliest(command, bank, from);
  const double bus_free = now_ + std::max(row_commands_ahead_, 0.0) / row_bus_share();
  const double when = std::max(static_cast<double>(slot), bus_free);
  if (when > now_ + kSlotEpsilon) {
    event(when);
    return false;
  }
  timing_.issue(command, bank, slot);
  if (!standard_.split_command_bus) {
    row_commands_ahead_ += static_cast<double>(timing_.table().length(command));
    if (command == Command::activate && standard_.aad > 0) row_commands_ahead_ += 1.0;
  }
  return true;
}

double RowChannel::row_bus_share() const {
  // Reads and writes go first; row commands get the slots that they leave, but never none, as an
  // older one goes before a younger access.
  constexpr double kBusiestBus = 0.95;
  return 1.0 - std::min(column_rate_ * standard_.column_slots, kBusiestBus);
}

void RowChannel::use_open_row(Visit& visit, Bank& bank) {
  const auto index = static_cast<std::uint32_t>(&visit - visits_.data());
  auto& waiting = bank.waiting[visit.write];
  ++visit.opened;
  ++bank.users[visit.write];
  waiting.erase(std::find(waiting.begin(), waiting.end(), index));
}

void RowChannel::open_rows() {
  for (const std::uint32_t v : window_) {
    Visit& visit = visits_[v];
    if (visit.write != write_mode_ || visit.opened == visit.banks) continue;
    const Slot from = std::max(slot_at(now_), visit.from);
    bool in_turn = true;
    for (std::uint32_t t = visit.opened; t < visit.banks; ++t) {
      const Target& target = visit.targets[t];
      Bank& bank = banks_[target.bank];
      const bool in_line = bank.waiting[visit.write].front() == v;
      // Who needs several banks takes none out of turn: two of them could wait for each other.
      if (!in_line && visit.banks > 1) break;
      const bool hit = bank.open && bank.row == target.row;
      if (!hit) {
        // The open row is kept for those of the queue in use that want it; then the oldest who
        // waits gets the bank.
        if (bank.users[visit.write] > 0 || !in_line) break;
        if (bank.open) {
          if (!issue_now(Command::precharge, target.bank, from)) break;
          evict(target.bank, target.bank + 1);
          ++visit.conflicts;
        }
      }
      // Banks are closed ahead of their turn, so that one tRP does not follow the other.
      if (!in_turn) continue;
      if (!hit) {
        if (!issue_now(Command::activate, target.bank, from)) {
          in_turn = false;
          continue;
        }
        bank.open = true;
        bank.row = target.row;
        ++visit.activates;
        ++statistics_.activates;
      }
      use_open_row(visit, bank);
    }
  }
}

double RowChannel::served_limit(const Visit& visit) const {
  const double closed = static_cast<double>(visit.banks) - visit.opened;
  if (closed == 0.0) return visit.bursts;
  // At least one burst is for each bank that is still closed.
  return std::min(visit.opened * kMopRun, visit.bursts - closed);
}

double RowChannel::release_at(const Visit& visit) const {
  return kMopRun * static_cast<double>(visit.banks - 1 - visit.released);
}

void RowChannel::flow(std::uint32_t index, double period) {
  visits_[index].rate = 1.0 / period;
  visits_[index].period = period;
  visits_[index].flowing = true;
  column_rate_ += visits_[index].rate;
}

void RowChannel::share_pins() {
  const Columns& columns = columns_[write_mode_];
  column_rate_ = 0.0;
  for (std::uint32_t p = 0; p < standard_.pseudo_channels; ++p) {
    pins_[p].taken = false;
    for (std::uint32_t r = 0; r < standard_.ranks; ++r) pins_[p].ranks[r].used = 0;
  }
  for (const std::uint32_t v : window_) offer_pins(v);

  // A change of rank leaves a gap of ccd_r - ccd_s. Where the column bus has no more places than
  // the pseudo-channels need, the gap of one shifts the others too.
  bool gap = false;
  std::array<std::uint32_t, kMaxPseudoChannels> rank_of;
  for (std::uint32_t p = 0; p < standard_.pseudo_channels; ++p) {
    rank_of[p] = choose_rank(pins_[p]);
    if (rank_of[p] == kNone) continue;
    gap = gap || (pins_[p].rank != kNone && pins_[p].rank != rank_of[p]);
    pins_[p].rank = rank_of[p];
  }
  if (gap) pins_free_ = now_ + columns.other_rank - columns.other_group;
  if (now_ + kSlotEpsilon < pins_free_) {
    event(pins_free_);
    return;
  }
  for (std::uint32_t p = 0; p < standard_.pseudo_channels; ++p) {
    if (rank_of[p] == kNone) continue;
    const Lanes& lanes = pins_[p].ranks[rank_of[p]];
    std::uint32_t other = kNone;
    for (std::uint32_t r = 0; r < standard_.ranks && lanes.used == 1; ++r) {
      if (r != rank_of[p] && pins_[p].ranks[r].used > 0) other = pins_[p].ranks[r].visits[0];
    }
    if (other != kNone && columns.lanes > 1) {
      const double period = std::max(columns.same_group, 2.0 * columns.other_rank);
      flow(lanes.visits[0], period);
      flow(other, period);
      continue;
    }
    const double period = std::max(columns.same_group, lanes.used * columns.other_group);
    for (std::uint32_t l = 0; l < lanes.used; ++l) flow(lanes.visits[l], period);
  }
}

void RowChannel::offer_pins(std::uint32_t index) {
  const Columns& columns = columns_[write_mode_];
  Visit& visit = visits_[index];
  visit.rate = 0.0;
  if (visit.write != write_mode_ || visit.opened == 0) return;
  if (!visit.flowing) {
    const Slot ready = std::max(visit.from, timing_.ready_without_bus(columns.command, visit.bank));
    if (static_cast<double>(ready) > now_ + kSlotEpsilon) {
      event(static_cast<double>(ready));
      return;
    }
  }
  if (visit.bursts - visit.left + kBurstEpsilon > served_limit(visit)) return;
  if (visit.banks > 1) {
    // Bursts over many banks find another bank group every time: all the pins.
    double rate = 0.0;
    for (std::uint32_t p = 0; p < standard_.pseudo_channels; ++p) {
      if ((visit.pins >> p & 1u) == 0) continue;
      bool free = !pins_[p].taken;
      for (std::uint32_t r = 0; r < standard_.ranks; ++r)
        free = free && pins_[p].ranks[r].used == 0;
      if (!free) return;
      rate += 1.0 / columns.other_group;
    }
    for (std::uint32_t p = 0; p < standard_.pseudo_channels; ++p) {
      if ((visit.pins >> p & 1u) != 0) pins_[p].taken = true;
    }
    flow(index, 1.0 / rate);
    return;
  }
  Pins& pins = pins_[visit.pseudo_channel];
  Lanes& lanes = pins.ranks[visit.rank];
  if (pins.taken || lanes.used == columns.lanes) return;
  for (std::uint32_t l = 0; l < lanes.used; ++l) {
    if (visits_[lanes.visits[l]].group == visit.group) return;
  }
  lanes.visits[lanes.used++] = index;
}

std::uint32_t RowChannel::choose_rank(const Pins& pins) const {
  if (pins.taken) return kNone;
  // The rank in use is ready sooner than the others and stays while it fills the pins.
  const std::uint32_t filled = std::min(columns_[write_mode_].lanes, 2u);
  if (pins.rank != kNone && pins.ranks[pins.rank].used >= filled) return pins.rank;
  std::uint32_t best = kNone;
  bool best_fills = false;
  for (std::uint32_t r = 0; r < standard_.ranks; ++r) {
    const Lanes& lanes = pins.ranks[r];
    if (lanes.used == 0) continue;
    const bool fills = lanes.used >= filled;
    if (best == kNone || (fills && !best_fills) ||
        (fills == best_fills &&
         visits_[lanes.visits[0]].order < visits_[pins.ranks[best].visits[0]].order)) {
      best = r;
      best_fills = fills;
    }
  }
  return best;
}

void RowChannel::find_events() {
  if (refresh_.due() != kNever) event(static_cast<double>(refresh_.due()));
  for (const std::uint32_t v : window_) {
    const Visit& visit = visits_[v];
    if (visit.rate == 0.0) continue;
    double until = visit.released < visit.opened ? release_at(visit) : 0.0;
    const double limit = served_limit(visit);
    if (limit < visit.bursts) until = std::max(until, visit.bursts - limit);
    event(now_ + (visit.left - until) / visit.rate);
  }
  const Occupancy& writes = occupancy_[1];
  if (!feed_.empty()) {
    const bool write = feed_.front().write;
    const Occupancy& own = occupancy_[write];
    const double too_many = own.waiting - (columns_[write].queue + own.open_rows - 1.0);
    double wait = too_many > 0.0 ? (own.rate > 0.0 ? too_many / own.rate : kFar) : 0.0;
    if (write != last_entered_write_) {
      const Occupancy& before = occupancy_[!write];
      const double over = before.waiting - (columns_[!write].queue + before.open_rows);
      if (over > 0.0) wait = std::max(wait, before.rate > 0.0 ? over / before.rate : kFar);
    }
    event(now_ + wait);
  }
  const double unposted = post_writes();
  if (unposted > 0.0 && writes.rate > 0.0) event(now_ + unposted / writes.rate);
  if (write_mode_ && writes.rate > 0.0) {
    const double above = writes.waiting - standard_.write_low * columns_[1].queue;
    if (above > 0.0) event(now_ + above / writes.rate);
  }
}

bool RowChannel::retire() {
  for (std::size_t i = 0; i < window_.size(); ++i) {
    Visit& visit = visits_[window_[i]];
    while (visit.released + 1 < visit.banks && visit.released < visit.opened &&
           visit.left <= release_at(visit) + kBurstEpsilon) {
      release(visit);
    }
    if (visit.left > kBurstEpsilon) continue;
    finish(visit);
    free_visits_.push_back(window_[i]);
    window_.erase(window_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

void RowChannel::finish(Visit& visit) {
  while (visit.released < visit.banks) release(visit);
  const Slot data = timing_.table().data_end(columns_[visit.write].command);
  const Slot data_end = slot_at(now_ - visit.period) + data;
  const auto bursts = static_cast<std::uint64_t>(visit.bursts);
  if (visit.write) {
    statistics_.writes += bursts;
  } else {
    statistics_.reads += bursts;
    statistics_.read_latency_slots += visit.bursts * static_cast<double>(data);
  }
  const std::uint64_t opening = std::min<std::uint64_t>(bursts, visit.activates);
  const std::uint64_t conflicts = std::min<std::uint64_t>(opening, visit.conflicts);
  statistics_.row_hits += bursts - opening;
  statistics_.row_conflicts += conflicts;
  statistics_.row_misses += opening - conflicts;
  statistics_.last_data = std::max(statistics_.last_data, data_end);
  if (!visit.posted) complete(visit, data_end);
}

void RowChannel::complete(Visit& visit, Slot slot) {
  visit.posted = true;
  const auto done = requests_.finish(visit.request, static_cast<std::uint64_t>(visit.bursts), slot);
  if (done) completions_.push_back(*done);
}

double RowChannel::post_writes() {
  double waiting = 0.0;
  for (const std::uint32_t v : window_) {
    Visit& visit = visits_[v];
    if (!visit.write) continue;
    waiting += visit.left;
    if (visit.posted) continue;
    const double too_many = waiting - columns_[1].queue;
    if (too_many > kBurstEpsilon) return too_many;
    complete(visit, slot_at(now_));
  }
  return 0.0;
}

void RowChannel::release(Visit& visit) {
  const Target& target = visit.targets[visit.released++];
  record_column(visit, target);
  --banks_[target.bank].users[visit.write];
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
      evict(first, first + reach);
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

void RowChannel::evict(std::uint32_t bank_first, std::uint32_t bank_last) {
  for (const std::uint32_t v : window_) {
    Visit& visit = visits_[v];
    std::uint32_t still_open = visit.opened;
    for (std::uint32_t t = visit.released; t < visit.opened; ++t) {
      const Target& target = visit.targets[t];
      if (target.bank < bank_first || target.bank >= bank_last) continue;
      if (visit.flowing) record_column(visit, target);
      still_open = std::min(still_open, t);
    }
    // Targets are open from the first on: those after a closed one wait again with it.
    for (std::uint32_t t = still_open; t < visit.opened; ++t) {
      Bank& bank = banks_[visit.targets[t].bank];
      --bank.users[visit.write];
      wait_for(v, bank);
    }
    if (still_open < visit.opened) {
      visit.opened = still_open;
      visit.flowing = false;
      visit.rate = 0.0;
    }
  }
  for (std::uint32_t b = bank_first; b < bank_last; ++b) banks_[b].open = false;
}

void RowChannel::wait_for(std::uint32_t index, Bank& bank) {
  auto& waiting = bank.waiting[visits_[index].write];
  const auto place = std::upper_bound(
      waiting.begin(), waiting.end(), index,
      [&](std::uint32_t a, std::uint32_t b) { return visits_[a].order < visits_[b].order; });
  waiting.insert(place, index);
}

}  // namespace lutsim::sim
