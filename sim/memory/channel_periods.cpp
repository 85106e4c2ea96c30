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
      queue_in_use().run(accessed_.run).bursts < kFewBursts || !find_streams(now, state)) {
    periods_.interrupt();
    return now;
  }
  const auto stream = static_cast<std::uint32_t>(
      std::find(streams_.begin(), streams_.end(), accessed_.run) - streams_.begin());
  const ColumnPeriod* period = periods_.observe(now, stream, state);
  if (period == nullptr) return now;
  const Slot last = std::min(first_interference(now) - 1, until);
  if (last < now + period->slots()) return now;
  const std::uint64_t times =
      std::min(most_periods(*period), static_cast<std::uint64_t>((last - now) / period->slots()));
  if (times == 0) return now;
  repeat(*period, now, times);
  return now + static_cast<Slot>(times) * period->slots();
}

bool Channel::find_streams(Slot now, ColumnState& state) {
  const RunQueue& queue = queue_in_use();
  const auto from_now = [&](Slot slot) {
    return static_cast<std::int32_t>(std::max<Slot>(slot - now, 1));
  };
  const Command command = access_command(write_mode_);
  state.slot_of_clock = static_cast<std::uint32_t>(now % standard_.slots_per_clock);
  state.bus_ready = from_now(timing_.bus_free(command));
  state.data_clock = from_now(clock_until_);
  state.count = 0;
  for (const std::uint32_t bank : queue.busy()) {
    const std::uint32_t run = queue.hit(bank);
    // A row that cannot be read yet is no stream; first_interference() looks after it.
    if (run == kNone || timing_.bank_ready(command, bank) > now + 1) continue;
    if (state.count == ColumnState::kMostStreams) return false;
    std::uint32_t place = state.count++;
    for (; place > 0 && queue.run(streams_[place - 1]).order > queue.run(run).order; --place) {
      streams_[place] = streams_[place - 1];
    }
    streams_[place] = run;
  }
  for (std::uint32_t i = 0; i < state.count; ++i) {
    const std::uint32_t bank = queue.run(streams_[i]).bank;
    const TimingState::Shared ready = timing_.shared_ready(command, bank);
    const auto own = static_cast<std::uint8_t>(i);
    ColumnState::Stream& stream = state.streams[i];
    stream = {from_now(ready.group),
              from_now(ready.rank),
              from_now(ready.pseudo_channel),
              own,
              own,
              own,
              static_cast<std::uint8_t>(command)};
    for (std::uint8_t j = own; j-- > 0;) {
      const std::uint32_t other = queue.run(streams_[j]).bank;
      if (timing_.group_of(other) == timing_.group_of(bank)) stream.group = j;
      if (timing_.rank_of(other) == timing_.rank_of(bank)) stream.rank = j;
      if (timing_.pseudo_channel_of(other) == timing_.pseudo_channel_of(bank)) {
        stream.pseudo_channel = j;
      }
    }
  }
  return true;
}

Slot Channel::first_interference(Slot now) const {
  if (undecided()) return now;
  Slot first = refresh_.due();
  for (const std::uint32_t bank : active_) {
    first = std::min(first, timing_.bank_ready(access_command(banks_[bank].active.write), bank));
  }
  for_each_queued(Slots::any, [&](std::uint32_t bank, Command command, std::uint32_t) {
    if (!is_column(command)) {
      first = std::min(first, timing_.ready_without_bus(command, bank));
    } else if (timing_.bank_ready(command, bank) > now + 1) {  // else it is a stream
      first = std::min(first, timing_.bank_ready(command, bank));
    }
  });
  return first;
}

std::uint64_t Channel::most_periods(const ColumnPeriod& period) {
  const RunQueue& queue = queue_in_use();
  const std::uint64_t steps = period.count;
  std::uint64_t most = ~std::uint64_t{0};
  // No run may end, and the one that enters may not either.
  for (std::uint32_t stream = 0; stream < period.state.count; ++stream) {
    std::uint64_t uses = 0;
    for (std::uint32_t s = 0; s < period.count; ++s) uses += period.steps[s].stream == stream;
    if (uses > 0) most = std::min(most, (queue.run(streams_[stream]).bursts - 1) / uses);
  }
  if (!feed_.empty() && feed_.front().write == write_mode_) {
    const RequestFeed::Piece& piece = feed_.front();
    if (!lengthens_run(piece)) return 0;
    const std::uint64_t alike = std::min(piece.bursts, map_.run_bursts(piece.first));
    return std::min(most, (alike - 1) / steps);
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
  const Command command = access_command(write_mode_);
  const auto t = static_cast<Slot>(times);
  const Slot last_period = now + (t - 1) * period.slots();
  const Slot end = last_period + period.slots();
  const std::uint64_t bursts = times * period.count;
  const bool feeding = !feed_.empty() && feed_.front().write == write_mode_;

  count_waiting(now);
  if (!write_mode_) {
    // Waiting reads times slots. Each step takes one read away, and brings one if the feed goes on.
    const auto lost = static_cast<Slot>(feeding ? 0 : period.count);
    Slot waiting = static_cast<Slot>(waiting_reads_);
    Slot offset = 0;
    for (std::uint32_t i = 0; i < period.count; ++i) {
      const ColumnPeriod::Step& step = period.steps[i];
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
  for (std::uint32_t i = 0; i < period.count; ++i) {
    const ColumnPeriod::Step& step = period.steps[i];
    const Slot slot = last_period + step.offset;
    timing_.issue(command, queue.run(streams_[step.stream]).bank, slot);
    const Slot data_end = slot + timing_.table().data_end(command);
    clock_until_ = std::max(clock_until_, data_end + Slot{standard_.wck_post});
    statistics_.last_data = std::max(statistics_.last_data, data_end);
    const BurstRun& run = queue.run(streams_[step.stream]);
    const std::uint32_t request = run.request;
    if (run.counted) --statistics_.row_hits;  // its first burst met another row
    queue.take(streams_[step.stream], static_cast<std::uint32_t>(times));
    if (!write_mode_) complete(request, times, data_end);
  }
  if (feeding) {
    const RequestFeed::Piece& piece = feed_.front();
    enter(piece, static_cast<std::uint32_t>(bursts), end);
    feed_.take(bursts);
  } else if (!write_mode_) {
    waiting_reads_ -= bursts;
  }
}

void Channel::log_repetitions(const ColumnPeriod& period, Slot now, std::uint64_t times) {
  const Command command = access_command(write_mode_);
  for (std::uint64_t i = 0; i < times; ++i) {
    const Slot begin = now + static_cast<Slot>(i) * period.slots();
    for (std::uint32_t s = 0; s < period.count; ++s) {
      const ColumnPeriod::Step& step = period.steps[s];
      const BurstRun& run = queue_in_use().run(streams_[step.stream]);
      log_->push_back({begin + step.offset, command, run.bank, run.row});
    }
  }
}

}  // namespace lutsim::sim
