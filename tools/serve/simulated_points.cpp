// SPDX-License-Identifier: Apache-2.0
#include "tools/serve/simulated_points.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "models/config/named.h"
#include "models/config/write_yaml.h"
#include "tools/run/run_child.h"
#include "tools/support/parallel.h"
#include "tools/support/read_file.h"
#include "tools/support/sha256.h"
#include "tools/support/user_cache.h"
#include "workloads/llm/shape_library.h"
#include "workloads/trace/trace_builder.h"
#include "workloads/trace/trace_json.h"

namespace lutsim::tools {

namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;
using workloads::OperatingPoint;
using workloads::PointCost;

constexpr std::size_t kProbes = 2;  // points that another build's files are judged by

bool are_equal(const PointCost& a, const PointCost& b) {
  return a.seconds == b.seconds && a.events == b.events;
}

PointCost cost_of(const json& seconds, const json& events) {
  PointCost cost;
  cost.seconds = seconds;
  for (std::size_t i = 0; i < models::kEventCount; ++i) {
    const auto found = events.find(models::event_info(static_cast<models::Event>(i)).name);
    if (found == events.end()) continue;
    cost.events[i] = found->is_object() ? found->at("count").get<double>() : found->get<double>();
  }
  return cost;
}

/// Whole or not at all, also with several writers.
void write(const fs::path& file, const PointCost& cost, const std::string& build) {
  json events = json::object();
  for (std::size_t i = 0; i < models::kEventCount; ++i) {
    if (cost.events[i] != 0)
      events[models::event_info(static_cast<models::Event>(i)).name] = cost.events[i];
  }
  const json record = {{"build", build}, {"seconds", cost.seconds}, {"events", events}};
  const fs::path part = file.string() + "." + std::to_string(::getpid());
  std::ofstream(part) << record.dump() << "\n";
  fs::rename(part, file);
}

/// A pass is about as long as its rows times its context.
std::uint64_t work_of(const OperatingPoint& p) {
  return std::uint64_t{p.rows} * (p.context + 1000);
}

}  // namespace

bool is_shorter(const OperatingPoint& a, const OperatingPoint& b) {
  return work_of(a) < work_of(b);
}

fs::path default_point_folder() { return user_cache("points"); }

SimulatedPoints::SimulatedPoints(RunSpec base, Layers layers, std::string program, fs::path folder,
                                 unsigned jobs)
    : base_(std::move(base)),
      shape_(workloads::find_shape(base_.workload.model)),
      program_(std::move(program)),
      folder_(std::move(folder)),
      jobs_(std::max(1u, jobs)) {
  fs::create_directories(folder_);
  base_.gpus.clear();
  const std::uint32_t period = shape_.window_period;
  if (layers == Layers::few && shape_.experts == 0 && shape_.layers > 6 * period) {
    // Where rows of DRAM meet depends on the layer: the mean of some periods, not a single one.
    few_ = 2 * period;
    more_ = 4 * period;
  }
  build_ = sha256_hex(read_file(program_));
  memory_text_ =
      read_file(config::find_named(config::kMemoryFolder, base_.arch.memory.standard, "memory"));
}

RunSpec SimulatedPoints::run_of(const OperatingPoint& point) const {
  RunSpec run = base_;
  run.workload.generate_tokens = 1;
  run.workload.cached_tokens = point.context;
  run.workload.batch = point.is_prefill ? 1 : point.rows;
  run.workload.prompt_tokens = point.is_prefill ? point.rows : 0;
  return run;
}

fs::path SimulatedPoints::file_of(const RunSpec& run) const {
  const std::string all = std::string("lutsim.point/1 " LUTSIM_VERSION "\nlayers ") +
                          std::to_string(few_) + " " + std::to_string(more_) + "\n" + memory_text_ +
                          config::write_yaml(run);
  return folder_ / (sha256_hex(all) + ".json");
}

fs::path SimulatedPoints::file_of(const OperatingPoint& point) const {
  return file_of(run_of(point));
}

bool SimulatedPoints::read(const fs::path& file, Kept& kept) {
  const json record = json::parse(read_file(file), nullptr, false);
  if (!record.is_object()) return false;
  kept.cost = cost_of(record.at("seconds"), record.at("events"));
  kept.build = record.at("build");
  return true;
}

PointCost SimulatedPoints::run(const RunSpec& spec, const fs::path& config) const {
  const ProcessResult run = run_child(program_, spec, config);
  fs::remove(config);
  if (run.status != 0) throw std::runtime_error("a pass cannot be simulated: " + run.err);
  const json result = json::parse(run.out);
  return cost_of(result.at("time_s").at("total"), result.at("events"));
}

PointCost SimulatedPoints::run_layers(const OperatingPoint& point, std::uint32_t layers) const {
  const std::string base =
      file_of(point).string() + "." + std::to_string(::getpid()) + "." + std::to_string(layers);
  RunSpec spec = run_of(point);
  workloads::TraceRequest request;
  request.batch = spec.workload.batch;
  request.prompt_tokens = spec.workload.prompt_tokens;
  request.cached_tokens = spec.workload.cached_tokens;
  request.weight_bits = spec.workload.weight_bits;
  request.group_size = spec.workload.group_size;
  request.kv_bits = spec.workload.kv_bits;
  models::ModelShape shape = shape_;
  shape.layers = layers;
  const fs::path trace = base + ".trace.json";
  workloads::write_trace(workloads::build_trace(shape, request), trace);
  spec.workload = {};
  spec.workload.trace = trace.string();
  const PointCost cost = run(spec, base + ".yaml");
  fs::remove(trace);
  return cost;
}

PointCost SimulatedPoints::simulate(const OperatingPoint& point) const {
  const fs::path file = file_of(point);
  PointCost cost;
  if (few_ == 0) {
    cost = run(run_of(point), file.string() + "." + std::to_string(::getpid()) + ".yaml");
  } else {
    cost = run_layers(point, few_);
    // What one period of layers adds, for all that are left.
    PointCost added = run_layers(point, more_);
    added += cost.scaled(-1);
    cost += added.scaled(static_cast<double>(shape_.layers - few_) / (more_ - few_));
  }
  write(file, cost, build_);
  return cost;
}

bool SimulatedPoints::trusts_other_builds(const std::vector<OperatingPoint>& points) {
  if (trust_ >= 0) return trust_ == 1;
  std::vector<OperatingPoint> others;
  Kept kept;
  for (const OperatingPoint& point : points)
    if (read(file_of(point), kept) && kept.build != build_) others.push_back(point);
  std::sort(others.begin(), others.end(), is_shorter);
  if (others.size() > kProbes) others.resize(kProbes);
  trust_ = 1;
  for (const OperatingPoint& point : others) {
    read(file_of(point), kept);
    ++simulated_;
    if (!are_equal(simulate(point), kept.cost)) trust_ = 0;
  }
  return trust_ == 1;
}

void SimulatedPoints::prepare(const std::vector<OperatingPoint>& points,
                              const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const bool trusts = trusts_other_builds(points);
  std::vector<OperatingPoint> missing;
  for (const OperatingPoint& point : points) {
    Kept kept;
    if (known_.count(point) > 0) continue;
    if (read(file_of(point), kept) && (trusts || kept.build == build_)) {
      known_[point] = kept.cost;
      ++from_folder_;
    } else {
      missing.push_back(point);
    }
  }
  // Long ones first, so that no process is left alone at the end.
  std::sort(missing.begin(), missing.end(),
            [](const OperatingPoint& a, const OperatingPoint& b) { return is_shorter(b, a); });
  std::mutex mutex;
  std::size_t done = 0;
  for_each_parallel(missing.size(), jobs_, [&](std::size_t i) {
    const PointCost cost = simulate(missing[i]);
    const std::lock_guard<std::mutex> lock(mutex);
    known_[missing[i]] = cost;
    ++simulated_;
    if (progress) progress(++done, missing.size());
  });
}

PointCost SimulatedPoints::task_switch() {
  RunSpec spec = base_;
  spec.workload.task_switch = workloads::TaskSwitch::scales;
  spec.workload.generate_tokens = 0;
  const fs::path file = file_of(spec);
  Kept kept;
  if (read(file, kept) && kept.build == build_) {
    ++from_folder_;
    return kept.cost;
  }
  const PointCost cost = run(spec, file.string() + "." + std::to_string(::getpid()) + ".yaml");
  write(file, cost, build_);
  ++simulated_;
  return cost;
}

PointCost SimulatedPoints::operator()(const OperatingPoint& point) {
  const auto known = known_.find(point);
  if (known != known_.end()) return known->second;
  prepare({point});
  return known_.at(point);
}

}  // namespace lutsim::tools
