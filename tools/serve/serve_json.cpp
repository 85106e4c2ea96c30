// SPDX-License-Identifier: Apache-2.0
#include "models/config/write_yaml.h"
#include "models/energy/energy_table.h"
#include "tools/serve/execute_serve.h"
#include "tools/support/sha256.h"

namespace lutsim::tools {

namespace {

using json = nlohmann::ordered_json;

json distribution_json(const workloads::Distribution& d) {
  return {{"mean", d.mean}, {"p50", d.p50}, {"p90", d.p90}, {"p99", d.p99}, {"max", d.largest}};
}

json constants_json(const ServeResult& result) {
  json constants = json::array();
  for (const ServedDevice& device : result.devices) {
    if (!device.energy) continue;
    for (const auto& use : device.energy->constants) {
      constants.push_back({{"name", use.constant.name},
                           {"value", use.constant.value},
                           {"unit", models::unit_symbol(use.constant.quantity)},
                           {"low", use.constant.low},
                           {"high", use.constant.high},
                           {"source", use.constant.source},
                           {"confidence", spec::to_string_of(use.constant.confidence)},
                           {"share_of_energy", use.share}});
    }
  }
  return constants;
}

json memory_json(const workloads::DeviceMemory& m, const workloads::ServingRun& run) {
  json tokens = json::array();
  for (const auto& model : m.models)
    tokens.push_back(std::uint64_t{m.pages} * model.tokens_per_page);
  return {{"capacity_bytes", m.capacity_bytes},
          {"weight_bytes", m.weight_bytes},
          {"reserved_bytes", m.reserved_bytes},
          {"page_bytes", m.page_bytes},
          {"pages", m.pages},
          {"cache_tokens", std::move(tokens)},
          {"peak_pages", run.peak_pages}};
}

json error_json(const InterpolationError& e) {
  return {{"points", e.points},
          {"median_time", e.median_time},
          {"largest_time", e.largest_time},
          {"median_energy", e.median_energy},
          {"largest_energy", e.largest_energy},
          {"worst_point", e.worst_point},
          {"whole_points", e.whole_points},
          {"largest_layers_time", e.largest_layers_time},
          {"largest_layers_energy", e.largest_layers_energy},
          {"mean_context", e.mean_context},
          {"largest_context", e.largest_context}};
}

json device_json(const ServedDevice& d) {
  const workloads::ServingMetrics& m = d.metrics;
  const workloads::ServingRun& r = d.run;
  json refused = json::object();
  for (const auto& record : r.records)
    if (!record.refused.empty()) refused[record.refused] = refused.value(record.refused, 0) + 1;
  json out = {{"name", d.name},           {"kind", d.is_accelerator ? "accelerator" : "gpu"},
              {"count", d.count},         {"replicas", d.replicas},
              {"precision", d.precision}, {"line", d.line}};
  out["policy"] = {{"token_budget", d.policy.token_budget},
                   {"max_sequences", d.policy.max_sequences},
                   {"prefix_reuse", d.policy.prefix_reuse}};
  out["memory"] = memory_json(d.memory, r);
  out["requests"] = {{"finished", m.finished},
                     {"refused", m.refused},
                     {"refused_because", std::move(refused)},
                     {"good", m.good},
                     {"preemptions", m.preemptions}};
  out["tokens"] = {{"prompt", m.prompt_tokens},
                   {"output", m.output_tokens},
                   {"reused", m.reused_tokens},
                   {"recomputed", m.recomputed_tokens}};
  const double span = r.makespan_s > 0 ? r.makespan_s : 1;
  const double finished = static_cast<double>(m.finished);
  out["time_s"] = {{"makespan", r.makespan_s}, {"busy", r.busy_s}, {"idle", r.idle_s}};
  out["iterations"] = {
      {"count", r.iterations},
      {"mean_rows",
       r.iterations > 0 ? static_cast<double>(r.rows) / static_cast<double>(r.iterations) : 0},
      {"mean_decoding",
       r.iterations > 0 ? static_cast<double>(r.decode_slices) / static_cast<double>(r.iterations)
                        : 0}};
  out["ttft_s"] = distribution_json(m.ttft_s);
  out["tpot_s"] = distribution_json(m.tpot_s);
  out["latency_s"] = distribution_json(m.latency_s);
  out["throughput"] = {{"output_tokens_per_s", d.output_tokens() / span},
                       {"requests_per_s", finished / span},
                       {"goodput_requests_per_s", static_cast<double>(m.good) / span}};
  json energy = {
      {"total", d.joules.value}, {"interval", {d.joules.low, d.joules.high}}, {"idle", r.idle_j}};
  if (m.output_tokens > 0) {
    energy["per_output_token"] = d.joules_per_token();
    energy["per_output_token_interval"] = {d.joules.low / d.output_tokens(),
                                           d.joules.high / d.output_tokens()};
  }
  out["energy_j"] = std::move(energy);
  out["power_w"] = {
      {"average", d.joules.value / span}, {"bin_s", r.power_bin_s}, {"over_time", r.power_w}};
  if (d.adapter_moves > 0) out["adapter_moves"] = d.adapter_moves;
  if (d.error) out["interpolation_error"] = error_json(*d.error);
  return out;
}

json comparison_json(const ServeResult& result, const ServedComparison& c) {
  const ServedDevice& gpu = result.devices[c.gpu];
  return {{"gpu", gpu.name},
          {"count", gpu.count},
          {"precision", gpu.precision},
          {"line", gpu.line},
          {"throughput_ratio", c.throughput_ratio},
          {"goodput_ratio", c.goodput_ratio},
          {"ttft_p50_ratio", c.ttft_ratio},
          {"tpot_p50_ratio", c.tpot_ratio},
          {"power_efficiency_ratio", c.tokens_per_j.nominal},
          {"interval", {c.tokens_per_j.low, c.tokens_per_j.high}}};
}

}  // namespace

json to_json(const ServeResult& result, const Provenance& provenance) {
  const ServeSpec& spec = result.spec;
  json out = {{"schema", "lutsim.serving/1"}};
  out["provenance"] = {{"version", LUTSIM_VERSION},
                       {"command", provenance.command},
                       {"config_hash", "sha256:" + sha256_hex(config::write_yaml(spec))},
                       {"seed", spec.seed},
                       {"when", provenance.when},
                       {"constants", constants_json(result)}};
  std::uint64_t prompt = 0, output = 0;
  for (const auto& request : result.trace.requests) {
    prompt += request.prompt_tokens;
    output += request.output_tokens;
  }
  const auto& requests = result.trace.requests;
  out["workload"] = {
      {"trace", result.trace.name},
      {"source", result.trace.source},
      {"models", spec.models},
      {"requests", requests.size()},
      {"cut_prompts", result.cut_requests},
      {"prompt_tokens", prompt},
      {"output_tokens", output},
      {"arrivals_s", requests.empty() ? 0 : requests.back().arrival_s},
      {"weight_bits", spec.weight_bits},
      {"kv_bits", spec.kv_bits},
      {"objective_s", {{"ttft", spec.objective_ttft}, {"tpot", spec.objective_tpot}}}};
  if (spec.accelerator) out["architecture"] = config::to_json(spec.arch);
  out["devices"] = json::array();
  for (const ServedDevice& device : result.devices) out["devices"].push_back(device_json(device));
  out["comparisons"] = json::array();
  for (const auto& c : result.comparisons) out["comparisons"].push_back(comparison_json(result, c));
  return out;
}

}  // namespace lutsim::tools
