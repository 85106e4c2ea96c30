// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/point_run.h"

#include <algorithm>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/energy/account.h"
#include "models/energy/area.h"
#include "models/energy/uncertainty.h"
#include "models/spec/memory_standard.h"
#include "sim/platform/bounds.h"
#include "tools/run/execute_run.h"
#include "tools/run/prepared_workload.h"
#include "tools/run/pruned_storage.h"
#include "tools/run/run_quality.h"
#include "tools/sweep/metrics.h"

namespace lutsim::tools::sweep {

namespace {

using json = nlohmann::ordered_json;

/// Bytes that every execution of the operator reads from DRAM: its weights and the positions that
/// were cached before its rows. What a pass appends may stay on the chip until it is read.
double least_bytes(const workloads::OperatorTrace& trace, const workloads::Operator& op) {
  const workloads::OperatorCost cost = workloads::cost_of(trace, op);
  const auto weights = static_cast<double>(cost.weight_bytes);
  const bool attends = op.kind == workloads::OperatorKind::attention_score ||
                       op.kind == workloads::OperatorKind::attention_value;
  if (!attends || op.context <= op.rows()) return weights;
  return weights + static_cast<double>(cost.kv_bytes) *
                       static_cast<double>(op.context - op.rows()) /
                       static_cast<double>(op.context);
}

}  // namespace

json run_point(const RunSpec& run, Fidelity fidelity) {
  if (fidelity == Fidelity::bound) return bound_point(run);
  const RunResult result = execute_run(run, {});
  if (result.functional && !result.functional->equals_golden)
    throw sim::SimulationError("differs from the golden model: " +
                               result.functional->first_mismatch);
  return measurement_of(to_json(result, {}));
}

json bound_point(const RunSpec& run) {
  const auto memory = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, run.arch.memory.standard, "memory"));
  const models::EnergyTable table = models::read_energy_table(
      config::find_named(config::kEnergyFolder, run.arch.energy_table, "energy table").string());
  PreparedWorkload prepared = prepare_workload(run.workload);
  if (run.workload.sparsity > 0)
    store_pruned(run.arch.decoder.code, run.workload.sparsity, prepared.trace);
  double bytes = 0;
  double multiply_adds = 0;
  for (const auto& op : prepared.trace.operators) {
    bytes += least_bytes(prepared.trace, op);
    multiply_adds += static_cast<double>(workloads::multiply_adds(op));
  }
  sim::RunStatistics statistics;
  statistics.dram_read_bytes = static_cast<std::uint64_t>(bytes);
  statistics.dram_peak_bytes_per_s =
      spec::peak_bytes_per_second(memory, run.arch.memory.channels) * run.arch.system.chips;
  const sim::RunBounds bounds = sim::bounds_of(run.arch, prepared.trace, statistics);
  const double seconds = std::max({bounds.memory_s, bounds.compute_s, bounds.vector_s});

  models::EventCounts events;
  events.add(models::Event::dram_read_bit, 8 * statistics.dram_read_bytes);
  events.add(models::Event::dram_phy_bit, 8 * statistics.dram_read_bytes);
  const models::EnergyReport energy = models::account(run.arch, table, events, seconds);
  const models::Interval joules = models::energy_interval(energy, {run.seed});
  const models::AreaReport area = models::system_area(run.arch, table);
  const double tokens = static_cast<double>(prepared.trace.generated_tokens) * prepared.trace.batch;
  constexpr double kMm2 = 1e6;  // of a square metre
  json metrics = {{"time_s.total", seconds},
                  {"bounds_s.memory", bounds.memory_s},
                  {"bounds_s.compute", bounds.compute_s},
                  {"bounds_s.vector", bounds.vector_s},
                  {"throughput.tokens_per_s", tokens / seconds},
                  {"throughput.tops", 2 * multiply_adds / seconds / 1e12},
                  {"energy_j.total", energy.total},
                  {"efficiency.tokens_per_j", tokens / energy.total},
                  {"efficiency.tops_per_w", 2 * multiply_adds / energy.total / 1e12},
                  {"area_mm2.total", area.total.value * kMm2},
                  {"area_mm2.low", area.total.low * kMm2},
                  {"area_mm2.high", area.total.high * kMm2},
                  {"workload.generated_tokens", tokens}};
  if (const auto quality = quality_of(run, prepared)) {
    metrics.update(metrics_of({{"quality", to_json(*quality)}}));
  }
  json amounts = json::object();
  for (const auto& use : energy.constants) amounts[use.constant.name] = use.amount;
  return {{"metrics", metrics},
          {"intervals",
           {{"energy_j.total", {joules.low, joules.high}},
            {"efficiency.tokens_per_j", {tokens / joules.high, tokens / joules.low}}}},
          {"amounts", std::move(amounts)},
          {"constants", json::array()}};
}

}  // namespace lutsim::tools::sweep
