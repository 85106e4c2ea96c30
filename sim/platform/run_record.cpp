// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/run_record.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace lutsim::sim {
namespace {

double seconds(std::uint64_t ticks) { return sc_core::sc_time::from_value(ticks).to_seconds(); }

}  // namespace

const char* to_string(UnitKind unit) {
  constexpr const char* kNames[] = {"matrix",    "vector",    "dma_read",
                                    "dma_write", "link_send", "link_receive"};
  return kNames[static_cast<std::size_t>(unit)];
}

void RunRecord::add(UnitKind unit, const FinishedCommand& finished) {
  const CommandId id = finished.command.id;
  if (id >= entries_.size()) entries_.resize(std::max(id + 1, 2 * entries_.size()));
  entries_[id] = {finished.began.value(), sc_core::sc_time_stamp().value(),
                  finished.cause.value_or(kNone), finished.command.op, unit};
}

std::vector<PathShare> RunRecord::critical_path() const {
  const auto last =
      std::max_element(entries_.begin(), entries_.end(),
                       [](const Entry& a, const Entry& b) { return a.ended < b.ended; });
  if (last == entries_.end()) return {};
  std::map<std::pair<std::string, workloads::OperatorKind>, PathShare> shares;
  const auto book = [&](const std::string& unit, const Entry& entry, std::uint64_t ticks,
                        std::uint64_t commands) {
    PathShare& share = shares[{unit, trace_.operators[entry.op].kind}];
    share.unit = unit;
    share.kind = trace_.operators[entry.op].kind;
    share.seconds += seconds(ticks);
    share.commands += commands;
  };
  const Entry* entry = &*last;
  while (true) {
    book(to_string(entry->unit), *entry, entry->ended - entry->began, 1);
    const std::uint64_t free = entry->cause == kNone ? 0 : entries_[entry->cause].ended;
    // Between the end of the cause and the begin lies the issue of the command.
    if (entry->began > free) book("command", *entry, entry->began - free, 0);
    if (entry->cause == kNone) break;
    entry = &entries_[entry->cause];
  }
  std::vector<PathShare> path;
  path.reserve(shares.size());
  for (const auto& [key, share] : shares) path.push_back(share);
  std::sort(path.begin(), path.end(),
            [](const PathShare& a, const PathShare& b) { return a.seconds > b.seconds; });
  return path;
}

std::vector<TimelineSlice> RunRecord::timeline() const {
  std::map<std::pair<workloads::OperatorId, UnitKind>, TimelineSlice> slices;
  for (const Entry& entry : entries_) {
    if (entry.ended == 0) continue;
    TimelineSlice& slice = slices[{entry.op, entry.unit}];
    const double begin = seconds(entry.began);
    if (slice.commands == 0) slice = {entry.unit, entry.op, begin, 0, 0, 0};
    slice.begin_s = std::min(slice.begin_s, begin);
    slice.end_s = std::max(slice.end_s, seconds(entry.ended));
    slice.busy_s += seconds(entry.ended - entry.began);
    ++slice.commands;
  }
  std::vector<TimelineSlice> result;
  result.reserve(slices.size());
  for (const auto& [key, slice] : slices) result.push_back(slice);
  std::stable_sort(
      result.begin(), result.end(),
      [](const TimelineSlice& a, const TimelineSlice& b) { return a.begin_s < b.begin_s; });
  return result;
}

}  // namespace lutsim::sim
