// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/transformer/quantized_model.h"
#include "tools/serve/serve_devices.h"
#include "tools/serve/simulated_points.h"

namespace lutsim::tools {

namespace {

using workloads::AcceleratorServer;
using workloads::Device;
using workloads::OperatingPoint;
using workloads::PointCost;

constexpr std::size_t kWholePoints = 6;  // shortest passes, simulated with all layers
// Cells of the grid whose middle is further off than this, in time or energy, are split. Passes of
// neighbouring sizes differ by some percent, as rows of DRAM happen to meet: finer is no better.
constexpr double kCoarse = 0.06;
constexpr int kRefinements = 2;
// Where a few layers are further off than this, all of them are simulated.
constexpr double kFewLayers = 0.03;

RunSpec run_spec_of(const ServeSpec& spec, const models::ModelShape& shape) {
  RunSpec run;
  run.arch = spec.arch;
  run.workload.model = shape.name;
  run.workload.weight_bits = spec.weight_bits;
  run.workload.group_size =
      spec.group_size > 0 ? spec.group_size : models::default_group_size(shape);
  run.workload.kv_bits = spec.kv_bits;
  return run;
}

double joules_of(const PointCost& cost, const spec::ArchSpec& arch,
                 const models::EnergyTable& table) {
  models::EventCounts counts;
  for (std::size_t i = 0; i < models::kEventCount; ++i)
    counts.add(static_cast<models::Event>(i), static_cast<std::uint64_t>(cost.events[i]));
  return models::account(arch, table, counts, cost.seconds).total;
}

double median(std::vector<double> values) { return workloads::distribution(std::move(values)).p50; }

/// Relative differences of passes in time and energy.
struct Differences {
  std::vector<double> time, energy;

  void add(const PointCost& is, const PointCost& should, const spec::ArchSpec& arch,
           const models::EnergyTable& table) {
    time.push_back(std::abs(is.seconds / should.seconds - 1));
    energy.push_back(std::abs(joules_of(is, arch, table) / joules_of(should, arch, table) - 1));
  }
};

double largest(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

std::string name_of(const OperatingPoint& p) {
  const std::string rows = std::to_string(p.rows), context = std::to_string(p.context);
  return (p.is_prefill ? "a chunk of " + rows + " rows" : rows + " decoding sequences") +
         " at context " + context;
}

/// Adds what one model shows; of several models the worst counts.
void add(InterpolationError& error, const Differences& middle, const Differences& layers) {
  error.points += middle.time.size();
  error.median_time = std::max(error.median_time, median(middle.time));
  error.largest_time = std::max(error.largest_time, largest(middle.time));
  error.median_energy = std::max(error.median_energy, median(middle.energy));
  error.largest_energy = std::max(error.largest_energy, largest(middle.energy));
  error.whole_points += layers.time.size();
  error.largest_layers_time = std::max(error.largest_layers_time, largest(layers.time));
  error.largest_layers_energy = std::max(error.largest_layers_energy, largest(layers.energy));
}

/// Where the passes of each model come from, and how good it is.
struct Passes {
  std::vector<std::unique_ptr<SimulatedPoints>> simulated;  ///< kept alive
  std::vector<std::shared_ptr<workloads::PointSource>> sources;
  std::vector<PointCost> switches;  ///< between two adapters of a model
};

Passes passes_of(const ServeSpec& spec, const ServeOptions& options,
                 const std::vector<models::ModelShape>& shapes, const models::EnergyTable& table,
                 ServedDevice& device) {
  Passes passes;
  InterpolationError error;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const auto simulated = [&](Layers layers) -> SimulatedPoints& {
      passes.simulated.push_back(
          std::make_unique<SimulatedPoints>(run_spec_of(spec, shapes[i]), layers, options.program,
                                            options.point_folder, options.jobs));
      return *passes.simulated.back();
    };
    SimulatedPoints& whole = simulated(Layers::all);
    passes.switches.push_back(spec.adapters > 1 ? whole.task_switch() : PointCost{});
    if (spec.exact) {
      passes.sources.push_back(std::make_shared<workloads::ExactPoints>(
          [&whole](const OperatingPoint& point) { return whole(point); }));
      continue;
    }
    SimulatedPoints& few = simulated(Layers::few);
    const workloads::ServedModel& model = device.memory.models[i];
    workloads::PointGrid grid =
        workloads::make_grid(spec.max_sequences, spec.token_budget, model.max_context,
                             std::uint64_t{device.memory.pages} * model.tokens_per_page);
    const auto report = [&](const std::string& what) {
      return [&options, what](std::uint64_t done, std::uint64_t total) {
        if (options.progress) options.progress(what, done, total);
      };
    };
    std::vector<OperatingPoint> middle, all = grid.points();
    std::shared_ptr<workloads::PointSource> source;
    Differences interpolation, extrapolation;
    std::sort(all.begin(), all.end(), is_shorter);
    if (all.size() > kWholePoints) all.resize(kWholePoints);
    whole.prepare(all, report("whole passes of " + shapes[i].name));
    few.prepare(all, report("short passes of " + shapes[i].name));
    for (const OperatingPoint& point : all)
      extrapolation.add(few(point), whole(point), spec.arch, table);
    const bool is_few_enough =
        std::max(largest(extrapolation.time), largest(extrapolation.energy)) <= kFewLayers;
    if (!is_few_enough) extrapolation = {};
    SimulatedPoints& points = is_few_enough ? few : whole;
    for (int round = 0;; ++round) {
      middle = workloads::middle_points(grid);
      all = grid.points();
      all.insert(all.end(), middle.begin(), middle.end());
      points.prepare(all, report("passes of " + shapes[i].name));
      source = std::make_shared<workloads::InterpolatedPoints>(
          grid, [&points](const OperatingPoint& point) { return points(point); });
      interpolation = {};
      std::vector<OperatingPoint> coarse;
      for (const OperatingPoint& point : middle) {
        interpolation.add(source->cost(point), points(point), spec.arch, table);
        if (std::max(interpolation.time.back(), interpolation.energy.back()) > kCoarse)
          coarse.push_back(point);
      }
      if (round == kRefinements || !workloads::refine(grid, coarse)) break;
    }
    passes.sources.push_back(source);
    if (!middle.empty() && largest(interpolation.time) > error.largest_time) {
      const auto worst = std::max_element(interpolation.time.begin(), interpolation.time.end());
      error.worst_point =
          name_of(middle[static_cast<std::size_t>(worst - interpolation.time.begin())]);
    }
    add(error, interpolation, extrapolation);
  }
  if (!spec.exact) device.error = error;
  return passes;
}
}  // namespace

workloads::AcceleratorOptions accelerator_options(const ServeSpec& spec,
                                                  const std::vector<models::ModelShape>& shapes) {
  workloads::AcceleratorOptions o;
  o.arch = spec.arch;
  o.memory = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, spec.arch.memory.standard, "memory").string());
  o.page_tokens = spec.page_tokens;
  o.adapters = spec.adapters;
  o.reserve = spec.reserve;
  for (const auto& shape : shapes) {
    const workloads::WorkloadSpec formats = run_spec_of(spec, shape).workload;
    workloads::AcceleratorModel model;
    model.shape = shape;
    model.formats.weight_bits = formats.weight_bits;
    model.formats.group_size = formats.group_size;
    model.formats.kv_bits = formats.kv_bits;
    o.models.push_back(std::move(model));
  }
  return o;
}

ServedDevice serve_accelerator(const ServeSpec& spec, const ServeOptions& options,
                               const std::vector<models::ModelShape>& shapes,
                               const std::vector<workloads::Request>& requests) {
  ServedDevice device;
  device.name = spec.arch.name;
  device.is_accelerator = true;
  device.count = spec.arch.system.chips;
  device.replicas = spec.replicas;
  device.precision = std::to_string(spec.weight_bits) + "-bit";
  device.policy = {spec.token_budget, spec.max_sequences, spec.prefix_reuse};
  const workloads::AcceleratorOptions o = accelerator_options(spec, shapes);
  device.memory = workloads::accelerator_memory(o);
  limit_context(device.memory, spec);
  const models::EnergyTable table = models::read_energy_table(
      config::find_named(config::kEnergyFolder, spec.arch.energy_table, "energy table").string());

  const Stopwatch points_watch;
  const Passes passes = passes_of(spec, options, shapes, table, device);
  device.points_s = points_watch.seconds();
  const Stopwatch serving_watch;
  std::vector<std::unique_ptr<Device>> devices;
  for (std::uint32_t i = 0; i < spec.replicas; ++i)
    devices.push_back(
        std::make_unique<AcceleratorServer>(o, table, passes.sources, passes.switches));
  device.run = workloads::serve(requests, device.memory, device.policy, devices,
                                [&](std::uint64_t done, std::uint64_t total) {
                                  if (options.progress) options.progress(device.name, done, total);
                                });
  device.serving_s = serving_watch.seconds();
  for (const auto& simulated : passes.simulated) {
    device.simulated_points += simulated->simulated();
    device.kept_points += simulated->from_folder();
  }

  models::EventCounts events;
  for (const auto& one : devices) {
    const auto& server = dynamic_cast<const AcceleratorServer&>(*one);
    events += server.events();
    device.adapter_moves += server.adapter_moves();
    if (!device.error) continue;
    device.error->mean_context = std::max(device.error->mean_context, server.mean_context_error());
    device.error->largest_context =
        std::max(device.error->largest_context, server.largest_context_error());
  }
  device.energy = models::account(spec.arch, table, events,
                                  device.run.makespan_s * static_cast<double>(spec.replicas));
  const models::Interval joules = models::energy_interval(*device.energy, {spec.seed});
  device.joules = {joules.nominal, joules.low, joules.high};
  return device;
}
}  // namespace lutsim::tools
