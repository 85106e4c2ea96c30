// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/serving_run.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

namespace lutsim::workloads {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kPowerBin = 10;  // seconds
constexpr std::uint64_t kReportEvery = 4096;

struct Replica {
  Scheduler scheduler;
  Device* device;
  std::optional<Batch> batch;
  double busy_until = kNever;
};

/// Joules and busy seconds over time.
struct Series {
  PowerSeries joules{kPowerBin}, busy{kPowerBin};
};

/// Starts the next iteration, if there is work.
void start(Replica& replica, double now, ServingRun& run, Series& series) {
  replica.batch = replica.scheduler.next(now);
  replica.busy_until = kNever;
  if (!replica.batch) return;
  const IterationCost cost = replica.device->execute(*replica.batch);
  if (!(cost.seconds > 0)) throw std::logic_error("an iteration takes no time");
  replica.busy_until = now + cost.seconds;
  series.joules.add(now, replica.busy_until, cost.joules);
  series.busy.add(now, replica.busy_until, cost.seconds);
  run.busy_s += cost.seconds;
  run.busy_j += cost.joules;
  ++run.iterations;
  for (const Slice& slice : replica.batch->slices) {
    run.rows += slice.rows;
    run.decode_slices += slice.is_decode() ? 1 : 0;
  }
}

Replica& least_loaded(std::vector<Replica>& replicas) {
  return *std::min_element(
      replicas.begin(), replicas.end(), [](const Replica& a, const Replica& b) {
        return a.scheduler.outstanding_tokens() < b.scheduler.outstanding_tokens();
      });
}

void collect(std::vector<Replica>& replicas, std::size_t requests, ServingRun& run) {
  run.records.resize(requests);
  std::vector<bool> seen(requests, false);
  for (const Replica& replica : replicas) {
    replica.scheduler.cache().check();
    if (replica.scheduler.cache().used_pages() != 0)
      throw std::logic_error("pages of the cache were not returned");
    run.peak_pages = std::max(run.peak_pages, replica.scheduler.peak_pages());
    for (const RequestRecord& record : replica.scheduler.records()) {
      if (seen.at(record.request)) throw std::logic_error("a request was served twice");
      seen[record.request] = true;
      if (!record.finished && record.refused.empty())
        throw std::logic_error("a request was neither served nor refused");
      run.records[record.request] = record;
    }
  }
  if (std::find(seen.begin(), seen.end(), false) != seen.end())
    throw std::logic_error("a request was lost");
}

}  // namespace

void PowerSeries::add(double begin_s, double end_s, double joules) {
  if (end_s <= begin_s) return;
  const auto last = static_cast<std::size_t>(end_s / bin_s_);
  if (joules_.size() <= last) joules_.resize(last + 1, 0);
  for (auto bin = static_cast<std::size_t>(begin_s / bin_s_); bin <= last; ++bin) {
    const double from = std::max(begin_s, static_cast<double>(bin) * bin_s_);
    const double to = std::min(end_s, static_cast<double>(bin + 1) * bin_s_);
    if (to > from) joules_[bin] += joules * (to - from) / (end_s - begin_s);
  }
}

std::vector<double> PowerSeries::watts(double end_s) const {
  std::vector<double> watts;
  for (std::size_t bin = 0; bin < joules_.size(); ++bin) {
    const double length = std::min(bin_s_, end_s - static_cast<double>(bin) * bin_s_);
    if (length > 0) watts.push_back(joules_[bin] / length);
  }
  return watts;
}

ServingRun serve(const std::vector<Request>& requests, const DeviceMemory& memory,
                 const SchedulerPolicy& policy, const std::vector<std::unique_ptr<Device>>& devices,
                 const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  if (devices.empty()) throw std::invalid_argument("nothing to serve on");
  std::vector<Replica> replicas;
  replicas.reserve(devices.size());
  for (const auto& device : devices)
    replicas.push_back({Scheduler(memory.models, memory.pages, policy), device.get(), {}, kNever});
  ServingRun run;
  Series series;
  std::size_t arrived = 0;
  while (true) {
    const auto next = std::min_element(
        replicas.begin(), replicas.end(),
        [](const Replica& a, const Replica& b) { return a.busy_until < b.busy_until; });
    const double arrival = arrived < requests.size() ? requests[arrived].arrival_s : kNever;
    if (arrival == kNever && next->busy_until == kNever) break;
    // What arrives when an iteration ends may join the next one.
    if (arrival <= next->busy_until) {
      Replica& replica = least_loaded(replicas);
      replica.scheduler.arrive(static_cast<std::uint32_t>(arrived), requests[arrived]);
      ++arrived;
      // All that arrive at one instant may join the same iteration.
      const bool is_last = arrived == requests.size() || requests[arrived].arrival_s > arrival;
      if (is_last) {
        for (Replica& idle : replicas)
          if (!idle.batch && idle.scheduler.has_work()) start(idle, arrival, run, series);
      }
      continue;
    }
    const double now = next->busy_until;
    run.makespan_s = std::max(run.makespan_s, now);
    next->scheduler.complete(*next->batch, now);
    start(*next, now, run, series);
    if (progress && run.iterations % kReportEvery == 0) progress(arrived, requests.size());
  }
  run.idle_s = run.makespan_s * static_cast<double>(replicas.size()) - run.busy_s;
  const double idle_watts = devices.front()->idle_watts();
  run.idle_j = std::max(0.0, run.idle_s) * idle_watts;
  run.power_bin_s = kPowerBin;
  run.power_w = series.joules.watts(run.makespan_s);
  const std::vector<double> busy = series.busy.watts(run.makespan_s);
  for (std::size_t bin = 0; bin < busy.size(); ++bin)
    run.power_w[bin] += idle_watts * (static_cast<double>(replicas.size()) - busy[bin]);
  collect(replicas, requests.size(), run);
  return run;
}

}  // namespace lutsim::workloads
