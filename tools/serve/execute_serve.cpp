// SPDX-License-Identifier: Apache-2.0
#include "tools/serve/execute_serve.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>

#include "models/bcq/bcq_storage.h"
#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/energy/event_energy.h"
#include "tools/serve/request_source.h"
#include "tools/serve/simulated_points.h"
#include "workloads/llm/shape_library.h"
#include "workloads/serving/accelerator_server.h"
#include "workloads/serving/gpu_server.h"

namespace lutsim::tools {

namespace {

using workloads::AcceleratorServer;
using workloads::Device;
using workloads::OperatingPoint;
using workloads::PointCost;

constexpr std::size_t kWholePoints = 6;  // shortest passes, simulated with all layers

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> result;
  std::istringstream in(names);
  for (std::string name; std::getline(in, name, ',');)
    if (!name.empty()) result.push_back(name);
  return result;
}

template <class Enum>
Enum chosen(const std::string& option, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& e : enum_names(Enum{})) {
    if (name == e.name) return e.value;
    known.emplace_back(e.name);
  }
  throw config::InputError(option, "'" + name + "' is not one of: " + config::comma_list(known),
                           config::did_you_mean(name, known));
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

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
    if (spec.exact) {
      passes.sources.push_back(std::make_shared<workloads::ExactPoints>(
          [&whole](const OperatingPoint& point) { return whole(point); }));
      continue;
    }
    SimulatedPoints& points = simulated(Layers::few);
    const workloads::ServedModel& model = device.memory.models[i];
    const workloads::PointGrid grid =
        workloads::make_grid(spec.max_sequences, spec.token_budget, model.max_context,
                             std::uint64_t{device.memory.pages} * model.tokens_per_page);
    const auto report = [&](const std::string& what) {
      return [&options, what](std::uint64_t done, std::uint64_t total) {
        if (options.progress) options.progress(what, done, total);
      };
    };
    const auto middle = workloads::middle_points(grid);
    auto all = grid.points();
    all.insert(all.end(), middle.begin(), middle.end());
    points.prepare(all, report("passes of " + shapes[i].name));
    passes.sources.push_back(std::make_shared<workloads::InterpolatedPoints>(
        grid, [&points](const OperatingPoint& point) { return points(point); }));
    Differences interpolation, extrapolation;
    for (const OperatingPoint& point : middle)
      interpolation.add(passes.sources.back()->cost(point), points(point), spec.arch, table);
    std::sort(all.begin(), all.end(), is_shorter);
    if (all.size() > kWholePoints) all.resize(kWholePoints);
    whole.prepare(all, report("whole passes of " + shapes[i].name));
    for (const OperatingPoint& point : all)
      extrapolation.add(points(point), whole(point), spec.arch, table);
    add(error, interpolation, extrapolation);
  }
  if (!spec.exact) device.error = error;
  return passes;
}

/// No device serves longer sequences than the run asks for.
void limit_context(workloads::DeviceMemory& memory, const ServeSpec& spec) {
  for (workloads::ServedModel& model : memory.models)
    model.max_context = std::min(model.max_context, spec.max_context);
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
    devices.push_back(std::make_unique<AcceleratorServer>(o, table, passes.sources));
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

/// "h100-sxm:4"; without a count the fewest, doubling, that hold the models.
struct NamedGpu {
  models::GpuSpec gpu;
  std::uint32_t count = 0;
};

NamedGpu gpu_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  NamedGpu named{models::load_gpu(text.substr(0, colon)), 0};
  if (colon == std::string::npos) return named;
  const std::string count = text.substr(colon + 1);
  if (count.empty() || count.size() > 3 ||
      count.find_first_not_of("0123456789") != std::string::npos || std::stoul(count) == 0)
    throw config::InputError("--gpu", "'" + text + "' is not NAME or NAME:COUNT");
  named.count = static_cast<std::uint32_t>(std::stoul(count));
  return named;
}

workloads::GpuServerOptions fitted(workloads::GpuServerOptions o, std::uint32_t count) {
  constexpr std::uint32_t kMost = 16;
  for (o.count = count > 0 ? count : 1;; o.count *= 2) {
    try {
      workloads::GpuServer probe(o);
      return o;
    } catch (const spec::SpecError&) {
      if (count > 0 || o.count >= kMost) throw;
    }
  }
}

ServedDevice serve_gpu(const ServeSpec& spec, const ServeOptions& options,
                       const workloads::GpuServerOptions& o,
                       const std::vector<workloads::Request>& requests) {
  ServedDevice device;
  device.name = o.gpu.name;
  device.count = o.count;
  device.replicas = spec.gpu_replicas;
  device.precision = spec::to_string_of(o.precision);
  device.line = spec::to_string_of(o.line);
  device.policy = {spec.gpu_token_budget, spec.gpu_max_sequences, spec.prefix_reuse};
  const Stopwatch watch;
  std::vector<std::unique_ptr<Device>> devices;
  for (std::uint32_t i = 0; i < spec.gpu_replicas; ++i)
    devices.push_back(std::make_unique<workloads::GpuServer>(o));
  device.memory = dynamic_cast<const workloads::GpuServer&>(*devices.front()).memory();
  limit_context(device.memory, spec);
  device.run =
      workloads::serve(requests, device.memory, device.policy, devices,
                       [&](std::uint64_t done, std::uint64_t total) {
                         if (options.progress)
                           options.progress(device.name + " " + device.precision, done, total);
                       });
  const double idle = device.run.idle_j;
  device.joules = {idle, idle * o.gpu.power_interval.low, idle * o.gpu.power_interval.high};
  for (const auto& one : devices) {
    const auto& server = dynamic_cast<const workloads::GpuServer&>(*one);
    device.joules.value += server.joules().value;
    device.joules.low += server.joules().low;
    device.joules.high += server.joules().high;
    device.adapter_moves += server.adapter_moves();
  }
  device.serving_s = watch.seconds();
  return device;
}

ServedComparison compare(const ServedDevice& ours, const ServedDevice& gpu, std::size_t index,
                         std::uint64_t seed) {
  ServedComparison c;
  c.gpu = index;
  const auto ratio = [](double a, double b) { return b > 0 ? a / b : 0; };
  c.throughput_ratio =
      ratio(ours.output_tokens() / ours.run.makespan_s, gpu.output_tokens() / gpu.run.makespan_s);
  c.goodput_ratio = ratio(static_cast<double>(ours.metrics.good) / ours.run.makespan_s,
                          static_cast<double>(gpu.metrics.good) / gpu.run.makespan_s);
  c.ttft_ratio = ratio(gpu.metrics.ttft_s.p50, ours.metrics.ttft_s.p50);
  c.tpot_ratio = ratio(gpu.metrics.tpot_s.p50, ours.metrics.tpot_s.p50);
  const double tokens = gpu.output_tokens();
  if (tokens > 0 && ours.output_tokens() > 0) {
    c.tokens_per_j = models::efficiency_ratio_interval(
        *ours.energy, ours.output_tokens(),
        {tokens / gpu.joules.value, tokens / gpu.joules.high, tokens / gpu.joules.low}, {seed});
  }
  return c;
}

}  // namespace

ServeResult execute_serve(const ServeSpec& spec, const ServeOptions& options) {
  ServeResult result;
  result.spec = spec;
  std::vector<models::ModelShape> shapes;
  for (const std::string& name : split(spec.models)) shapes.push_back(workloads::find_shape(name));
  if (shapes.empty()) throw config::InputError("--model", "no model is named");
  std::vector<NamedGpu> gpus;
  for (const std::string& name : split(spec.gpus)) gpus.push_back(gpu_of(name));
  if (!spec.accelerator && gpus.empty())
    throw config::InputError("--gpu", "neither the accelerator nor a GPU is to serve");
  std::vector<models::GpuPrecision> formats;
  for (const std::string& name : split(spec.gpu_formats))
    formats.push_back(chosen<models::GpuPrecision>("--gpu-format", name));
  std::vector<models::GpuLine> lines;
  for (const std::string& name : split(spec.gpu_lines))
    lines.push_back(chosen<models::GpuLine>("--gpu-line", name));
  result.trace = requests_of(spec, shapes.size());
  if (spec.long_requests == LongRequests::cut)
    result.cut_requests = cut_long_prompts(result.trace, shapes, spec.max_context);

  double adapter_bytes = 0;
  const workloads::AcceleratorOptions accelerator = accelerator_options(spec, shapes);
  for (const auto& model : accelerator.models)
    adapter_bytes = std::max(adapter_bytes, workloads::scale_bytes(model, 1));
  // What can be refused is refused before the long part.
  std::vector<workloads::GpuServerOptions> servers;
  for (const NamedGpu& named : gpus) {
    for (const auto precision : formats) {
      for (const auto line : lines) {
        workloads::GpuServerOptions o;
        o.gpu = named.gpu;
        o.line = line;
        o.precision = precision;
        o.shapes = shapes;
        o.page_tokens = spec.page_tokens;
        o.reserve = spec.gpu_reserve;
        o.adapters = spec.adapters;
        o.adapter_bytes = adapter_bytes;
        servers.push_back(fitted(o, named.count));
      }
    }
  }
  if (spec.accelerator)
    result.devices.push_back(serve_accelerator(spec, options, shapes, result.trace.requests));
  for (const auto& server : servers)
    result.devices.push_back(serve_gpu(spec, options, server, result.trace.requests));
  for (ServedDevice& device : result.devices) {
    device.metrics =
        workloads::metrics_of(device.run.records, {spec.objective_ttft, spec.objective_tpot});
  }
  if (spec.accelerator) {
    for (std::size_t i = 1; i < result.devices.size(); ++i)
      result.comparisons.push_back(compare(result.devices[0], result.devices[i], i, spec.seed));
  }
  return result;
}

}  // namespace lutsim::tools
