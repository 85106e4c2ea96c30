// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "models/config/write_yaml.h"
#include "tools/run/run_result.h"
#include "tools/support/sha256.h"

namespace lutsim::tools {

using json = nlohmann::ordered_json;

namespace {

/// Constants of a comparison that are named as most sensitive.
constexpr std::size_t kMostSensitive = 5;

json constant_json(const models::Constant& c, const std::string& unit) {
  return {{"name", c.name},
          {"value", c.value},
          {"unit", unit},
          {"low", c.low},
          {"high", c.high},
          {"source", c.source},
          {"confidence", spec::to_string_of(c.confidence)}};
}

/// [low, high] of a result that is `factor` times the interval.
json bounds_json(const models::Interval& i, double factor = 1) {
  return {i.low * factor, i.high * factor};
}
/// The same of `work` over the interval: the most energy is the least efficiency.
json inverse_bounds_json(const models::Interval& i, double work) {
  return {work / i.high, work / i.low};
}

/// Intervals of what is a number elsewhere, under the same keys.
json intervals_json(const RunResult& r) {
  const models::Interval& total = r.energy_intervals.total;
  json energy = {{"total", bounds_json(total)}};
  for (std::size_t i = 0; i < r.energy.groups.size(); ++i) {
    energy[r.energy.groups[i].name] = bounds_json(r.energy_intervals.groups[i]);
  }
  json events = json::object();
  for (std::size_t i = 0; i < r.energy.events.size(); ++i) {
    events[models::event_info(r.energy.events[i].event).name] =
        bounds_json(r.energy_intervals.events[i]);
  }
  const double operations = 2.0 * static_cast<double>(r.multiply_adds);
  return {
      {"energy_j", std::move(energy)},
      {"events", std::move(events)},
      {"power_w",
       {{"average", bounds_json(total, 1 / r.time.total)}, {"peak", bounds_json(r.peak_power_w)}}},
      {"efficiency",
       {{"tokens_per_j", inverse_bounds_json(total, static_cast<double>(r.generated_tokens))},
        {"tops_per_w", inverse_bounds_json(total, operations / 1e12)}}}};
}

json provenance_json(const RunResult& r, const Provenance& p) {
  json constants = json::array();
  for (const auto& use : r.energy.constants) {
    json entry = constant_json(use.constant, models::unit_symbol(use.constant.quantity));
    entry["per"] = models::constant_per(use.constant.name);
    entry["share_of_energy"] = use.share;
    entry["amount"] = use.amount;
    if (!use.constant.shares.empty()) entry["shares"] = use.constant.shares;
    constants.push_back(std::move(entry));
  }
  for (const auto& constant : r.area.constants) {
    constants.push_back(constant_json(constant, models::unit_symbol(constant.quantity)));
  }
  return {{"version", LUTSIM_VERSION},
          {"command", p.command},
          {"config_hash", "sha256:" + sha256_hex(config::write_yaml(r.spec))},
          {"seed", r.spec.seed},
          {"when", p.when},
          {"constants", std::move(constants)}};
}

/// What the units can do at best, all chips together: the roofs of a roofline. A bit-serial lane
/// takes a cycle for each plane of a weight, so the matrix unit's roof is that at the run's bits.
json peaks_json(const RunResult& r) {
  const spec::ArchSpec& arch = r.spec.arch;
  const double cycles_per_s = arch.clock * arch.system.chips;
  return {{"matrix_flops_per_s",
           2 * static_cast<double>(arch.matrix.one_bit_lanes()) / r.weight_bits * cycles_per_s},
          {"vector_flops_per_s", 2.0 * arch.vector.lanes * cycles_per_s},
          {"dram_bytes_per_s", r.statistics.dram_peak_bytes_per_s}};
}

std::uint64_t flops_of(const RunResult& r, workloads::OperatorKind kind) {
  const auto found = r.flops.find(kind);
  return found == r.flops.end() ? 0 : found->second;
}

json estimate_json(const models::GpuEstimate& e) {
  return {{"value", e.value}, {"low", e.low}, {"high", e.high}};
}

/// The value, or null where there is none.
json if_any(bool has_value, const json& value) { return has_value ? value : json(); }

json gpu_json(const GpuComparison& c) {
  const models::GpuResult& r = c.result;
  return {{"name", c.name},
          {"title", c.title},
          {"precision", c.precision_name()},
          {"line", spec::to_string_of(c.line)},
          {"source", spec::to_string_of(c.source)},
          {"fits_memory", r.fits_memory},
          {"time_s", r.total_s.value},
          {"energy_j", if_any(c.has_energy, r.energy_j.value)},
          {"tokens_per_s", r.tokens_per_s.value},
          {"tokens_per_j", if_any(c.has_energy, r.tokens_per_j.value)},
          {"power_w", if_any(c.has_energy, r.power_w.value)},
          {"intervals",
           {{"time_s", estimate_json(r.total_s)},
            {"energy_j", if_any(c.has_energy, estimate_json(r.energy_j))},
            {"power_w", if_any(c.has_energy, estimate_json(r.power_w))},
            {"tokens_per_s", estimate_json(r.tokens_per_s)},
            {"tokens_per_j", if_any(c.has_energy, estimate_json(r.tokens_per_j))}}}};
}

json comparison_json(const GpuComparison& c) {
  json sensitive = json::array();
  for (std::size_t i = 0; i < c.most_sensitive.size() && i < kMostSensitive; ++i) {
    const auto& s = c.most_sensitive[i];
    sensitive.push_back(
        {{"name", s.of.name}, {"ratio_at_low", s.at_low}, {"ratio_at_high", s.at_high}});
  }
  const models::Interval& ratio = c.power_efficiency_ratio;
  return {{"gpu", c.name},
          {"precision", c.precision_name()},
          {"line", spec::to_string_of(c.line)},
          {"speed_ratio", c.speed_ratio.value},
          {"speed_interval", {c.speed_ratio.low, c.speed_ratio.high}},
          {"source", spec::to_string_of(c.source)},
          {"power_efficiency_ratio", if_any(c.has_energy, ratio.nominal)},
          {"interval", if_any(c.has_energy, json::array({ratio.low, ratio.high}))},
          {"most_sensitive", std::move(sensitive)}};
}

}  // namespace

json to_json(const RunResult& r, const Provenance& provenance) {
  const auto& s = r.statistics;
  const auto& workload = r.spec.workload;
  json result;
  result["schema"] = "lutsim.result/1";
  result["provenance"] = provenance_json(r, provenance);
  result["workload"] = {{"name", workload.name},
                        {"model", r.model_name},
                        {"batch", r.batch},
                        {"prompt_tokens", r.prompt_tokens},
                        {"cached_tokens", r.cached_tokens},
                        {"generated_tokens", r.generated_tokens},
                        {"weight_bits", r.weight_bits},
                        {"group_size", r.group_size},
                        {"kv_bits", workload.kv_bits},
                        {"task_switch", spec::to_string_of(workload.task_switch)},
                        {"task_switch_bytes", r.switched_bytes},
                        {"multiply_adds", r.multiply_adds},
                        {"weight_bytes", r.cost.weight_bytes},
                        {"kv_bytes", r.cost.kv_bytes}};
  result["architecture"] = config::to_json(r.spec.arch);
  result["mode"] = {{"functional", r.spec.functional},
                    {"engine_impl", spec::to_string_of(r.spec.engine_impl)},
                    {"exact", r.spec.exact},
                    {"simulated_chips", s.simulated_chips}};
  result["time_s"] = {{"total", r.time.total},
                      {"prefill", r.time.prefill},
                      {"decode", r.time.decode},
                      {"ttft", r.time.ttft},
                      {"tpot", r.time.tpot}};
  result["bounds_s"] = {{"memory", r.bounds.memory_s},
                        {"compute", r.bounds.compute_s},
                        {"vector", r.bounds.vector_s},
                        {"serial", r.bounds.serial_s}};
  result["throughput"] = {
      {"tokens_per_s", r.tokens_per_s()},
      {"tops", 2.0 * static_cast<double>(r.multiply_adds) / r.time.total / 1e12}};
  result["peaks"] = peaks_json(r);
  json utilization;
  json cycles = {{"total", s.cycles}};
  for (const auto& unit : s.units) {
    utilization[unit.unit] = s.cycles > 0 ? unit.busy / s.cycles : 0.0;
    cycles[unit.unit] = {{"busy", unit.busy},
                         {"wait_memory", unit.wait_memory},
                         {"wait_dependency", unit.wait_dependency},
                         {"idle", unit.idle}};
  }
  utilization["matrix_lanes"] = static_cast<double>(s.matrix_one_bit_ops) /
                                (s.cycles * r.spec.arch.system.chips *
                                 static_cast<double>(r.spec.arch.matrix.one_bit_lanes()));
  utilization["dram_bandwidth"] = static_cast<double>(s.dram_read_bytes + s.dram_write_bytes) /
                                  (s.dram_peak_bytes_per_s * r.time.total);
  result["utilization"] = std::move(utilization);
  cycles["matrix_tiles"] = s.matrix_tile_cycles;
  result["cycles"] = std::move(cycles);
  json kinds;
  for (const auto& kind : s.kinds) {
    kinds[spec::to_string_of(kind.kind)] = {{"matrix_s", kind.matrix_s},
                                            {"vector_s", kind.vector_s},
                                            {"dma_s", kind.dma_s},
                                            {"link_s", kind.link_s},
                                            {"wait_memory_s", kind.wait_memory_s},
                                            {"wait_dependency_s", kind.wait_dependency_s},
                                            {"dram_bytes", kind.dram_bytes},
                                            {"flops", flops_of(r, kind.kind)}};
  }
  result["operators"] = std::move(kinds);
  json path = json::array();
  for (const auto& share : s.critical_path) {
    path.push_back({{"unit", share.unit},
                    {"operator", spec::to_string_of(share.kind)},
                    {"seconds", share.seconds},
                    {"commands", share.commands}});
  }
  result["critical_path"] = std::move(path);
  result["traffic_bytes"] = {{"dram_read", s.dram_read_bytes},
                             {"dram_write", s.dram_write_bytes},
                             {"sram_read", s.sram_read_bytes},
                             {"sram_write", s.sram_write_bytes},
                             {"link_sent", s.events[models::Event::link_bit] / 8}};
  result["dram"] = {{"bytes_used", s.dram_bytes_used},
                    {"peak_bytes_per_s", s.dram_peak_bytes_per_s},
                    {"mean_read_latency_s", s.dram_mean_latency_s},
                    {"row_hits", s.dram_row_hits},
                    {"row_misses", s.dram_row_misses},
                    {"row_conflicts", s.dram_row_conflicts}};
  json events;
  for (const auto& event : r.energy.events) {
    events[models::event_info(event.event).name] = {{"count", event.count},
                                                    {"joules", event.joules}};
  }
  result["events"] = std::move(events);
  json energy = {{"total", r.energy.total}};
  for (const auto& group : r.energy.groups) energy[group.name] = group.joules;
  result["energy_j"] = std::move(energy);
  result["energy_interval_j"] = bounds_json(r.energy_intervals.total);
  json confidence;
  for (const auto& share : r.energy.evidence) {
    confidence[spec::to_string_of(share.confidence)] = share.share;
  }
  result["energy_confidence"] = std::move(confidence);
  result["power_w"] = {{"average", r.energy.total / r.time.total},
                       {"peak", r.peak_power_w.nominal}};
  json area = {{"total", r.area.total.value * 1e6},
               {"low", r.area.total.low * 1e6},
               {"high", r.area.total.high * 1e6}};
  for (const auto& part : r.area.parts) area[part.name] = part.area.value * 1e6;
  result["area_mm2"] = std::move(area);
  result["efficiency"] = {
      {"tokens_per_j", r.tokens_per_j()},
      {"tops_per_w", 2.0 * static_cast<double>(r.multiply_adds) / r.energy.total / 1e12}};
  result["intervals"] = intervals_json(r);
  if (r.quality) result["quality"] = to_json(*r.quality);
  if (!r.gpus.empty()) {
    result["gpu"] = gpu_json(r.gpus.front());
    result["comparison"] = comparison_json(r.gpus.front());
    json all = json::array();
    for (const auto& comparison : r.gpus) {
      json entry = gpu_json(comparison);
      entry["comparison"] = comparison_json(comparison);
      all.push_back(std::move(entry));
    }
    result["gpus"] = std::move(all);
  }
  if (r.functional) {
    const auto& f = *r.functional;
    result["output"] = {{"text", f.text}, {"tokens", f.tokens}};
    result["golden"] = {{"equal", f.equals_golden},
                        {"tensors", f.compared_tensors},
                        {"values", f.compared_values},
                        {"mismatches", f.mismatches},
                        {"first_mismatch", f.first_mismatch}};
  }
  return result;
}

}  // namespace lutsim::tools
