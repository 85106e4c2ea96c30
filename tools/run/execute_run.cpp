// SPDX-License-Identifier: Apache-2.0
#include "tools/run/execute_run.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/spec/memory_standard.h"
#include "models/transformer/golden_support.h"
#include "sim/platform/bounds.h"
#include "sim/platform/functional_computation.h"
#include "sim/rtl_bridge/matrix_driver.h"
#include "tools/run/golden_comparison.h"
#include "tools/run/layer_list.h"
#include "tools/run/prepared_workload.h"
#include "tools/run/pruned_storage.h"
#include "tools/run/run_quality.h"
#include "workloads/trace/task_switch.h"
#include "workloads/trace/tensor_parallel.h"

namespace lutsim::tools {

namespace {

spec::NumberFormat cache_format(const workloads::OperatorTrace& trace) {
  for (const auto& tensor : trace.tensors) {
    if (tensor.role == workloads::TensorRole::kv_cache) return tensor.format;
  }
  return spec::NumberFormat::fp16;
}

using workloads::OperatorTrace;

/// The golden model, the Verilated unit, or the one for the named layers and the other for the
/// rest.
sim::FunctionalComputation::TileExecutor tile_executor(const RunSpec& spec, std::uint32_t layers) {
  const spec::MatrixSpec matrix = spec.arch.matrix;
  auto psums = std::make_shared<sim::PsumMemory>(matrix);
  const auto golden = [matrix, psums](const workloads::Operator&, const sim::MatrixTile& tile) {
    return sim::golden_tile(matrix, tile, *psums);
  };
  if (spec.engine_impl == EngineImpl::model) return golden;
  auto driver = std::make_shared<rtl::MatrixDriver>(matrix);
  if (spec.rtl_layers.empty()) {
    return [driver](const workloads::Operator&, const sim::MatrixTile& tile) {
      return driver->run_tile(tile);
    };
  }
  return [driver, golden, on_rtl = parse_layers(spec.rtl_layers, layers)](
             const workloads::Operator& op, const sim::MatrixTile& tile) {
    return on_rtl[op.layer] ? driver->run_tile(tile) : golden(op, tile);
  };
}

/// What each chip executes, the task switch first.
std::vector<OperatorTrace> traces_of(const RunSpec& spec, const OperatorTrace& whole) {
  std::vector<OperatorTrace> traces =
      workloads::chip_traces(whole, spec.arch.system.chips, spec.exact);
  const workloads::TaskSwitch what = spec.workload.task_switch;
  for (OperatorTrace& trace : traces) {
    trace = whole.generated_tokens == 0 ? workloads::only_task_switch(trace, what)
                                        : workloads::with_task_switch(std::move(trace), what);
  }
  return traces;
}

FunctionalOutcome check_against_golden(const RunSpec& spec, const PreparedWorkload& prepared,
                                       const OperatorTrace& executed,
                                       const models::SamplingOptions& sampling,
                                       const sim::FunctionalComputation& machine) {
  GoldenComparison comparison(executed, machine);
  const auto golden = run_golden(*prepared.model, spec.arch, prepared.prompt,
                                 static_cast<std::uint32_t>(machine.generated().size()), sampling,
                                 cache_format(prepared.trace), &comparison);
  FunctionalOutcome outcome;
  outcome.tokens = machine.generated();
  std::vector<std::uint32_t> all = prepared.prompt;
  all.insert(all.end(), outcome.tokens.begin(), outcome.tokens.end());
  outcome.text = prepared.tokenizer.decode(all);
  outcome.compared_tensors = comparison.tensors();
  outcome.compared_values = comparison.values();
  outcome.mismatches = comparison.mismatches();
  outcome.first_mismatch = comparison.first_mismatch();
  outcome.equals_golden = golden == outcome.tokens && comparison.mismatches() == 0;
  return outcome;
}

PhaseTimes phase_times(const OperatorTrace& trace, const sim::RunStatistics& statistics) {
  PhaseTimes time;
  time.total = statistics.seconds;
  const bool begins_with_prefill = trace.operators.front().phase == workloads::Phase::prefill;
  if (statistics.steps.empty()) {
    // An imported trace may choose no token: all of it is its first pass.
    time.ttft = time.total;
    (begins_with_prefill ? time.prefill : time.decode) = time.total;
    return time;
  }
  time.ttft = statistics.steps.front().end_s;
  if (begins_with_prefill) time.prefill = time.ttft;
  time.decode = time.total - time.prefill;
  if (statistics.steps.size() > 1) {
    time.tpot = (statistics.steps.back().end_s - time.ttft) /
                static_cast<double>(statistics.steps.size() - 1);
  }
  return time;
}

models::Interval peak_power(const RunSpec& spec, const models::EnergyTable& table,
                            const sim::RunStatistics& statistics) {
  models::EnergyReport peak;
  double peak_seconds = 1, begin = 0;
  models::EventCounts before;
  for (const auto& step : statistics.steps) {
    models::EventCounts events = step.events;
    events -= before;
    const double seconds = step.end_s - begin;
    if (seconds > 0) {
      models::EnergyReport energy = models::account(spec.arch, table, events, seconds);
      if (energy.total / seconds > peak.total / peak_seconds) {
        peak = std::move(energy);
        peak_seconds = seconds;
      }
    }
    begin = step.end_s;
    before = step.events;
  }
  if (statistics.steps.empty() && statistics.seconds > 0) {
    peak = models::account(spec.arch, table, statistics.events, statistics.seconds);
    peak_seconds = statistics.seconds;
  }
  const models::Interval joules = models::energy_interval(peak, {spec.seed});
  return {joules.nominal / peak_seconds, joules.low / peak_seconds, joules.median / peak_seconds,
          joules.high / peak_seconds};
}

EnergyIntervals energy_intervals(const models::EnergyReport& energy,
                                 const models::Sampling& sampling) {
  EnergyIntervals intervals;
  intervals.total = models::energy_interval(energy, sampling);
  for (const auto& group : energy.groups) {
    intervals.groups.push_back(models::energy_interval(group.constants, sampling));
  }
  for (const auto& event : energy.events) {
    intervals.events.push_back(models::energy_interval(event.constants, sampling));
  }
  return intervals;
}

}  // namespace

RunResult execute_run(const RunSpec& spec,
                      const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const auto memory = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, spec.arch.memory.standard, "memory"));
  const models::EnergyTable table = models::read_energy_table(
      config::find_named(config::kEnergyFolder, spec.arch.energy_table, "energy table").string());
  PreparedWorkload prepared = prepare_workload(spec.workload);
  if (prepared.coded && spec.workload.sparsity > 0) {
    throw spec::SpecError(fmt::format("sparsity = {}: the checkpoint says itself how it is pruned",
                                      spec.workload.sparsity));
  }
  if (spec.workload.sparsity > 0) {
    if (spec.functional) {
      throw spec::SpecError(
          fmt::format("sparsity = {}: functional mode runs weights that are not pruned",
                      spec.workload.sparsity));
    }
    store_pruned(spec.arch.decoder.code, spec.workload.sparsity, prepared.trace);
  } else if (prepared.coded) {
    store_coded(spec.arch.decoder.code, *prepared.coded, prepared.trace);
  }
  if (spec.engine_impl == EngineImpl::rtl && !spec.functional) {
    throw spec::SpecError(
        "engine_impl = rtl: the Verilated unit needs values to work on, add "
        "--functional");
  }
  if (!spec.rtl_layers.empty() && spec.engine_impl == EngineImpl::model) {
    throw spec::SpecError("rtl_layers = " + spec.rtl_layers +
                          ": the layers run on the RTL with engine_impl = rtl");
  }
  if (spec.functional) models::require_golden(prepared.trace.model);
  if (spec.functional && !prepared.model) {
    throw spec::SpecError("functional = true: '" + prepared.model_name +
                          "' is a shape without weights; give a checkpoint or an embedded model");
  }

  if (spec.functional && spec.workload.generate_tokens == 0) {
    throw spec::SpecError("generate_tokens = 0: functional mode computes at least one token");
  }
  if (spec.functional && spec.arch.system.chips > 1) {
    throw spec::SpecError("system.chips = " + std::to_string(spec.arch.system.chips) +
                          ": functional mode runs one chip");
  }

  models::SamplingOptions sampling;
  sampling.temperature = spec.workload.temperature;
  sampling.top_p = spec.workload.top_p;
  sampling.seed = spec.seed;
  const std::vector<OperatorTrace> traces = traces_of(spec, prepared.trace);
  const OperatorTrace switch_alone =
      workloads::only_task_switch(prepared.trace, spec.workload.task_switch);
  if (traces.front().operators.empty()) {
    throw spec::SpecError("task_switch: '" + prepared.model_name + "' has no quantised matrices");
  }
  if (prepared.trace.generated_tokens == 0) prepared.trace = switch_alone;
  std::unique_ptr<sim::FunctionalComputation> computation;
  if (spec.functional) {
    computation = std::make_unique<sim::FunctionalComputation>(
        spec.arch, traces.front(), *prepared.model, prepared.prompt, sampling,
        tile_executor(spec, prepared.model->shape.layers));
  }

  RunResult result;
  result.spec = spec;
  result.model_name = prepared.model_name;
  result.batch = prepared.trace.batch;
  result.weight_bits = prepared.weight_bits;
  result.group_size = prepared.group_size;
  result.cached_tokens = prepared.trace.cached_tokens;
  result.prompt_tokens = prepared.trace.prompt_tokens;
  result.generated_tokens = std::uint64_t{prepared.trace.generated_tokens} * prepared.trace.batch;
  result.quality = quality_of(spec, prepared);
  result.switched_bytes = workloads::switched_bytes(switch_alone);
  for (const auto& op : traces.front().operators) result.operators.push_back({op.kind, op.name});
  for (const auto& op : prepared.trace.operators) {
    result.multiply_adds += workloads::multiply_adds(op);
    const auto cost = workloads::cost_of(prepared.trace, op);
    result.cost.weight_bytes += cost.weight_bytes;
    result.cost.kv_bytes += cost.kv_bytes;
    result.cost.activation_bytes += cost.activation_bytes;
    result.cost.flops += cost.flops;
    result.flops[op.kind] += cost.flops;
  }

  result.statistics =
      sim::run_platform(spec.arch, memory, traces, computation.get(),
                        {spec.exact ? sim::DramPath::burst : sim::DramPath::row, progress});
  result.time = phase_times(prepared.trace, result.statistics);
  result.bounds = sim::bounds_of(spec.arch, prepared.trace, result.statistics);
  sim::check(result.bounds, result.statistics);

  result.energy = models::account(spec.arch, table, result.statistics.events, result.time.total);
  result.energy_intervals = energy_intervals(result.energy, {spec.seed});
  result.peak_power_w = peak_power(spec, table, result.statistics);
  result.area = models::system_area(spec.arch, table);
  if (!spec.gpus.empty() && result.generated_tokens > 0) {
    result.gpus = compare_with_gpus(spec.gpus, prepared.trace, prepared.weight_bits,
                                    result.tokens_per_s(), result.energy, spec.seed);
  }
  if (computation) {
    result.functional =
        check_against_golden(spec, prepared, traces.front(), sampling, *computation);
  }
  return result;
}

}  // namespace lutsim::tools
