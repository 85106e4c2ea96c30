// SPDX-License-Identifier: Apache-2.0
// The per-row path of a channel: periods of a stream that repeat are skipped. Everything that could
// end the repetition is a bound of how many.
#include <algorithm>

#include "sim/memory/channel.h"

namespace lutsim::sim {
namespace {

/// A run with fewer bursts is over before a period of it is known.
constexpr std::uint32_t kFewBursts = 4;

}  // namespace

Slot Channel::skip_periods(Slot now, Slot until) {
  ColumnState state;
  // On a split bus the mode may have changed after the access.
  if (write_mode_ != (accessed_.command == Command::write) ||
      queue_in_use().run(accessed_.run).bursts < kFewBursts || !column_state(now, state)) {
    stream_.interrupt();
    return now;
  }
  const ColumnPeriod* period = stream_.observe(now, accessed_.run, accessed_.bank, state);
  if (period == nullptr) return now;
  const Slot last = std::min(first_interference(now) - 1, until);
  if (last < now + period->slots()) return now;
  const std::uint64_t times = std::min(
      most_periods(*period), static_cast<std::uint64_t>((last - now) / period->slots()));
  if (times == 0) return now;
  repeat(*period, now, times);
  return now + static_cast<Slot>(times) * period->slots();
}

bool Channel::column_state(Slot now, ColumnState& state) const {
  const RunQueue& queue = queue_in_use();
  const auto from_now = [&](Slot slot) { return std::max<Slot>(slot - now, 1); };
  state.command = write_mode_ ? Command::write : Command::read;
  state.slot_of_clock = static_cast<std::uint32_t>(now % standard_.slots_per_clock);
  state.bus = from_now(timing_.bus_free(state.command));
  state.data_clock = from_now(clock_until_);
  state.count = 0;
  for (const std::uint32_t bank : queue.busy()) {
    const std::uint32_t run = queue.hit(bank);
    // A row that cannot be read yet is no stream; first_interference() looks after it.
    if (run == kNone || timing_.bank_ready(state.command, bank) > now + 1) continue;
    if (state.count == ColumnState::kMostStreams) return false;
    const TimingState::Shared shared = timing_.shared_ready(state.command, bank);
    std::uint32_t place = state.count++;
    for (; place > 0 && queue.run(state.streams[place - 1].run).order > queue.run(run).order;
         --place) {
      state.streams[place] = state.streams[place - 1];
    }
    state.streams[place] = {run, bank, from_now(shared.group), from_now(shared.rank),
                            from_now(shared.pseudo_channel)};
  }
  return true;
}

Slot Channel::first_interference(Slot now) const {
  if (next_write_mode() != write_mode_) return now;
  if (activating_bank_ != kNone || synced_.bank != kNone || !refresh_waiting_.empty()) return now;
  const RunQueue& queue = queue_in_use();
  const Command column = write_mode_ ? Command::write : Command::read;
  Slot first = refresh_.due();
  for (const std::uint32_t bank : active_) {
    const Command command = banks_[bank].active.write ? Command::write : Command::read;
    first = std::min(first, timing_.bank_ready(command, bank));
  }
  for (const std::uint32_t bank : queue.busy()) {
    if (banks_[bank].state == RowState::closed) {
      first = std::min(first, timing_.ready_without_bus(Command::activate, bank));
      continue;
    }
    if (queue.hit(bank) != kNone) {
      const Slot ready = timing_.bank_ready(column, bank);
      if (ready > now + 1) first = std::min(first, ready);
    }
    if (queue.miss(bank) != kNone && !row_in_use(bank, queue)) {
      first = std::min(first, timing_.ready_without_bus(Command::precharge, bank));
    }
  }
  return first;
}

std::uint64_t Channel::most_periods(const ColumnPeriod& period) {
  const RunQueue& queue = queue_in_use();
  const std::uint64_t steps = period.steps.size();
  std::uint64_t most = ~std::uint64_t{0};
  // No run may end, and the one that enters may not either.
  for (const ColumnPeriod::Step& step : period.steps) {
    const auto uses = static_cast<std::uint64_t>(
        std::count_if(period.steps.begin(), period.steps.end(),
                      [&](const ColumnPeriod::Step& s) { return s.run == step.run; }));
    most = std::min(most, (queue.run(step.run).bursts - 1) / uses);
  }
  if (!feed_.empty()) {
    const RequestFeed::Piece piece = feed_.front();
    if (piece.write == write_mode_) {
      const Location location = map_.locate(piece.first);
      if (!queue.extends(location.bank, location.row, piece.request, next_order_)) return 0;
      const std::uint64_t alike = std::min(piece.bursts, map_.run_bursts(piece.first));
      return std::min(most, (alike - 1) / steps);
    }
  }
  // The queue empties: writes may not come to the mark at which reads have their turn again.
  if (write_mode_ && queues_[0].size() != 0) {
    const double above = queue.size() - standard_.write_low * queue.places();
    if (above < 0.0) return 0;
    most = std::min(most, static_cast<std::uint64_t>(above) / steps);
  }
  return most;
}

void Channel::repeat(const ColumnPeriod& period, Slot now, std::uint64_t times) {
  if (log_ != nullptr) log_repetitions(period, now, times);
  RunQueue& queue = queue_in_use();
  const Command command = write_mode_ ? Command::write : Command::read;
  const auto t = static_cast<Slot>(times);
  const Slot last_period = now + (t - 1) * period.slots();
  const Slot end = last_period + period.slots();
  const std::uint64_t bursts = times * period.steps.size();
  const bool feeding = !feed_.empty() && feed_.front().write == write_mode_;

  count_waiting(now);
  if (!write_mode_) {
    // Waiting reads times slots. Each step takes one read away, and brings one if the feed goes on.
    const auto lost = static_cast<Slot>(feeding ? 0 : period.steps.size());
    Slot waiting = static_cast<Slot>(waiting_reads_);
    Slot offset = 0;
    for (const ColumnPeriod::Step& step : period.steps) {
      statistics_.read_latency_slots +=
          (step.offset - offset) * (t * waiting - lost * (t * (t - 1) / 2));
      offset = step.offset;
      if (!feeding) --waiting;
    }
    waiting_counted_ = end;
    statistics_.reads += bursts;
  } else {
    statistics_.writes += bursts;
  }
  statistics_.row_hits += bursts;

  // Only the last period leaves its marks: constraints take the latest.
  for (const ColumnPeriod::Step& step : period.steps) {
    const Slot slot = last_period + step.offset;
    timing_.issue(command, step.bank, slot);
    const Slot data_end = slot + timing_.table().data_end(command);
    clock_until_ = std::max(clock_until_, data_end + Slot{standard_.wck_post});
    statistics_.last_data = std::max(statistics_.last_data, data_end);
    const std::uint32_t request = queue.run(step.run).request;
    queue.take(step.run, static_cast<std::uint32_t>(times));
    if (!write_mode_) complete(request, times, data_end);
  }
  if (feeding) {
    const RequestFeed::Piece piece = feed_.front();
    const Location location = map_.locate(piece.first);
    queue.append(location.bank, location.row, piece.request, static_cast<std::uint32_t>(bursts),
                 next_order_);
    next_order_ += bursts;
    if (piece.write) complete(piece.request, bursts, end);
    feed_.take(bursts);
  } else if (!write_mode_) {
    waiting_reads_ -= bursts;
  }
}

void Channel::log_repetitions(const ColumnPeriod& period, Slot now, std::uint64_t times) {
  const Command command = write_mode_ ? Command::write : Command::read;
  for (std::uint64_t i = 0; i < times; ++i) {
    const Slot begin = now + static_cast<Slot>(i) * period.slots();
    for (const ColumnPeriod::Step& step : period.steps) {
      log_->push_back({begin + step.offset, command, step.bank, banks_[step.bank].row});
    }
  }
}

}  // namespace lutsim::sim
