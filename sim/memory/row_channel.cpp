// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/row_channel.h"

#include <algorithm>

namespace lutsim::sim {
namespace {

/// Bursts that `mop` keeps in one bank before the next.
constexpr std::uint64_t kMopRun = 4;
/// Visits behind the current one whose rows are opened ahead.
constexpr std::size_t kRowsAhead = 64;

}  // namespace

RowChannel::RowChannel(const spec::MemoryStandard& standard, spec::AddressMapping mapping,
                       spec::Refresh refresh)
    : standard_(standard),
      map_(standard, mapping),
      timing_(standard),
      refresh_(standard, refresh),
      feed_(map_),
      banks_per_pseudo_channel_(standard.banks_per_channel() / standard.pseudo_channels),
      lookahead_(Slot{standard.slots_per_clock} *
                 (standard.rp + std::max(standard.rcd_rd, standard.rcd_wr))),
      banks_(standard.banks_per_channel()),
      pins_(standard.pseudo_channels) {}

void RowChannel::submit(std::uint32_t port, const ChannelRequest& request, Slot at) {
  advance(at);
  now_ = std::max(now_, at);
  feed_.push(port, requests_.open(request), request);
}

Slot RowChannel::earliest_pins() const {
  return std::min_element(pins_.begin(), pins_.end(),
                          [](const Pins& a, const Pins& b) { return a.free < b.free; })
      ->free;
}

Slot RowChannel::next_wake() const {
  if (feed_.empty() && reads_.empty() && writes_.empty()) return kNever;
  return std::max(now_, earliest_pins() - lookahead_);
}

void RowChannel::advance(Slot until) {
  while (true) {
    const Slot at = std::max(now_, earliest_pins() - lookahead_);
    if (at > until) break;
    fill_queues(at);
    if (reads_.empty() && writes_.empty()) break;
    now_ = at;
    refresh_due_by(std::max(now_, earliest_pins()));
    std::deque<Visit>& queue = choose_queue();
    const std::size_t index = choose_visit(queue);
    Visit visit = std::move(queue[index]);
    queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(index));
    (visit.write ? queued_writes_ : queued_reads_) -= visit.bursts;
    for (const Target& target : visit.targets) open_row(visit, target, now_);
    open_rows_ahead(visit, queue, now_);
    serve(visit, now_);
  }
  now_ = std::max(now_, until);
}

void RowChannel::fill_queues(Slot now) {
  // A visit enters when its first burst finds a place: the queue may overhang by a visit.
  while (!feed_.empty()) {
    const RequestFeed::Piece piece = feed_.front();
    std::uint64_t& queued = piece.write ? queued_writes_ : queued_reads_;
    if (queued >= (piece.write ? standard_.write_queue : standard_.read_queue)) return;
    (piece.write ? writes_ : reads_).push_back(make_visit(piece, now));
    queued += piece.bursts;
    feed_.take(piece.bursts);
  }
}

RowChannel::Visit RowChannel::make_visit(const RequestFeed::Piece& piece, Slot now) const {
  Visit visit{piece.request, piece.write, piece.bursts, now, {}, 0, 0};
  const bool one_row = map_.visit_bursts() <= standard_.bursts_per_row();
  const std::uint64_t distinct =
      one_row ? 1 : std::min<std::uint64_t>(piece.bursts, banks_.size() * kMopRun);
  for (std::uint64_t i = 0; i < distinct; ++i) {
    const Location at = map_.locate(piece.first + i);
    const bool known = std::any_of(visit.targets.begin(), visit.targets.end(),
                                   [&](const Target& t) { return t.bank == at.bank; });
    if (!known) visit.targets.push_back({at.bank, at.row});
  }
  return visit;
}

std::deque<RowChannel::Visit>& RowChannel::choose_queue() {
  const auto queued = static_cast<double>(queued_writes_);
  if (draining_writes_) {
    draining_writes_ = !writes_.empty() &&
                       (queued > standard_.write_low * standard_.write_queue || reads_.empty());
  } else {
    draining_writes_ = !writes_.empty() &&
                       (queued > standard_.write_high * standard_.write_queue || reads_.empty());
  }
  return draining_writes_ ? writes_ : reads_;
}

bool RowChannel::row_open(const Target& target) const {
  return banks_[target.bank].open && banks_[target.bank].row == target.row;
}

std::size_t RowChannel::choose_visit(const std::deque<Visit>& queue) const {
  std::size_t best = 0;
  bool found = false;
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const Target& target = queue[i].targets.front();
    if (!row_open(target)) continue;
    if (!found ||
        banks_[target.bank].activated < banks_[queue[best].targets.front().bank].activated) {
      best = i;
    }
    found = true;
  }
  return best;
}

void RowChannel::open_row(Visit& visit, const Target& target, Slot now) {
  if (row_open(target)) return;
  Bank& bank = banks_[target.bank];
  Slot slot = now;
  if (bank.open) {
    slot = std::max(
        {slot, bank.precharge_from, timing_.ready_without_bus(Command::precharge, target.bank)});
    timing_.issue(Command::precharge, target.bank, slot);
    ++visit.conflicts;
  }
  slot = std::max(slot, timing_.ready_without_bus(Command::activate, target.bank));
  timing_.issue(Command::activate, target.bank, slot);
  bank = {true, target.row, slot, slot};
  ++visit.activates;
  ++statistics_.activates;
}

void RowChannel::open_rows_ahead(const Visit& served, std::deque<Visit>& queue, Slot now) {
  // A bank belongs to the oldest visit that needs it, the one being served included.
  std::vector<std::uint32_t> taken;
  for (const Target& target : served.targets) taken.push_back(target.bank);
  for (std::size_t i = 0; i < queue.size() && i < kRowsAhead; ++i) {
    for (const Target& target : queue[i].targets) {
      if (std::find(taken.begin(), taken.end(), target.bank) != taken.end()) continue;
      taken.push_back(target.bank);
      // Only what can begin now: a command recorded ahead of its time would hold up earlier ones.
      const Bank& bank = banks_[target.bank];
      const Slot begin = bank.open
                             ? std::max(bank.precharge_from,
                                        timing_.ready_without_bus(Command::precharge, target.bank))
                             : timing_.ready_without_bus(Command::activate, target.bank);
      if (!row_open(target) && begin <= now) open_row(queue[i], target, now);
    }
  }
}

void RowChannel::serve(Visit& visit, Slot now) {
  const Command column = visit.write ? Command::write : Command::read;
  const Slot clock = standard_.slots_per_clock;
  const Slot other_group = clock * (visit.write ? standard_.ccd_s_wr : standard_.ccd_s);
  const Slot same_group = clock * (visit.write ? standard_.ccd_l_wr : standard_.ccd_l);
  const bool many_banks = visit.targets.size() > 1;
  const auto bursts = static_cast<Slot>(visit.bursts);
  Pins& pins = pins_[timing_.pseudo_channel_of(visit.targets.front().bank)];

  if (pins.writing != visit.write) {
    const Slot last = pins.free - clock * (pins.writing ? standard_.ccd_s_wr : standard_.ccd_s);
    pins.free = std::max(pins.free, last + clock * (visit.write ? standard_.rtw
                                                                : standard_.cwl + standard_.bl_max +
                                                                      standard_.wtr_l));
    pins.writing = visit.write;
  }
  // The pins serve blocks in order; a block alone in its bank group is no faster than ccd_l.
  const Slot open = banks_[visit.targets.front().bank].activated +
                    clock * (visit.write ? standard_.rcd_wr : standard_.rcd_rd);
  const Slot start = std::max(now, open);
  const Slot first = std::max(start, pins.free);
  pins.free = first + bursts * other_group;
  const Slot end = many_banks ? pins.free : std::max(pins.free, start + bursts * same_group);
  const Slot last = end - (many_banks ? other_group : same_group);
  const Slot recovery =
      clock * (visit.write ? standard_.cwl + standard_.bl + standard_.wr : standard_.rtp);
  for (const Target& target : visit.targets) {
    banks_[target.bank].precharge_from = last + recovery;
  }

  const Slot data = timing_.table().data_end(column);
  const Slot data_end = last + data;
  if (visit.write) {
    statistics_.writes += visit.bursts;
  } else {
    statistics_.reads += visit.bursts;
    // A burst enters the queue when it arrives or, later, when one leaves that is a queue's length
    // ahead of it.
    const double mean_data_end = static_cast<double>(first + data + last + data) / 2.0;
    const double waited = mean_data_end - static_cast<double>(visit.arrived);
    const double longest =
        static_cast<double>(standard_.read_queue * other_group) + static_cast<double>(data);
    statistics_.read_latency_slots += static_cast<double>(visit.bursts) * std::min(waited, longest);
  }
  const std::uint64_t opening = std::min<std::uint64_t>(visit.bursts, visit.activates);
  const std::uint64_t conflicts = std::min<std::uint64_t>(opening, visit.conflicts);
  statistics_.row_hits += visit.bursts - opening;
  statistics_.row_conflicts += conflicts;
  statistics_.row_misses += opening - conflicts;
  statistics_.data_slots +=
      static_cast<double>(visit.bursts) * static_cast<double>(timing_.table().burst());
  statistics_.last_data = std::max(statistics_.last_data, data_end);
  if (const auto done = requests_.finish(visit.request, visit.bursts, data_end)) {
    completions_.push_back(*done);
  }
}

void RowChannel::refresh_due_by(Slot now) {
  while (refresh_.due() <= now) {
    const Slot due = refresh_.due();
    const bool per_bank = refresh_.per_bank();
    const Command close = per_bank ? Command::precharge : Command::precharge_all;
    const Command command = per_bank ? Command::refresh_bank : Command::refresh_all;
    const std::uint32_t reach = per_bank ? 1 : banks_per_pseudo_channel_;
    for (const auto& banks : refresh_.take()) {
      for (const std::uint32_t first : banks) {
        Slot slot = due;
        bool open = false;
        for (std::uint32_t b = first; b < first + reach; ++b) {
          open = open || banks_[b].open;
          slot = std::max(slot, banks_[b].precharge_from);
          banks_[b].open = false;
        }
        if (open) {
          slot = timing_.earliest(close, first, slot);
          timing_.issue(close, first, slot);
        }
        timing_.issue(command, first, timing_.earliest(command, first, slot));
      }
    }
    statistics_.refreshes = refresh_.rounds();
  }
}

}  // namespace lutsim::sim
