// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/metrics.h"

#include <algorithm>
#include <set>

#include "models/energy/event.h"

namespace lutsim::tools::sweep {

namespace {

using json = nlohmann::ordered_json;

/// What a dotted path leads to, null when there is nothing.
const json* find(const json& object, const std::string& path) {
  const json* at = &object;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (!at->is_object() || !at->contains(key)) return nullptr;
    at = &at->at(key);
    begin = end + 1;
  }
  return at->is_null() ? nullptr : at;
}

std::vector<Metric> all_metrics() {
  std::vector<Metric> list;
  const auto add = [&list](const std::string& block, const std::string& unit,
                           std::initializer_list<const char*> keys, bool has_interval = false) {
    for (const char* key : keys) {
      const std::string path = block + "." + key;
      list.push_back({path, unit, has_interval ? "intervals." + path : ""});
    }
  };
  add("time_s", "s", {"total", "prefill", "decode", "ttft", "tpot"});
  add("bounds_s", "s", {"memory", "compute", "vector", "serial"});
  add("throughput", "1/s", {"tokens_per_s"});
  add("throughput", "1e12/s", {"tops"});
  add("energy_j", "J", {"total"}, true);
  std::set<std::string> groups;
  for (std::size_t i = 0; i < models::kEventCount; ++i) {
    const char* group = models::event_info(static_cast<models::Event>(i)).group;
    if (groups.insert(group).second) add("energy_j", "J", {group}, true);
  }
  add("energy_j", "J", {"static"}, true);
  add("power_w", "W", {"average", "peak"}, true);
  add("efficiency", "1/J", {"tokens_per_j"}, true);
  add("efficiency", "1e12/J", {"tops_per_w"}, true);
  add("area_mm2", "mm2", {"total", "low", "high"});
  add("utilization", "1",
      {"matrix", "vector", "dma_read", "dma_write", "matrix_lanes", "dram_bandwidth"});
  add("cycles", "cycles", {"total"});
  for (const char* unit : {"cycles.matrix", "cycles.vector", "cycles.dma_read", "cycles.dma_write"})
    add(unit, "cycles", {"busy", "wait_memory", "wait_dependency", "idle"});
  add("traffic_bytes", "B", {"dram_read", "dram_write", "sram_read", "sram_write", "link_sent"});
  add("dram", "B", {"bytes_used"});
  add("dram", "B/s", {"peak_bytes_per_s"});
  add("dram", "s", {"mean_read_latency_s"});
  add("workload", "1", {"generated_tokens", "multiply_adds"});
  add("workload", "B", {"weight_bytes", "kv_bytes"});
  list.push_back({"comparison.speed_ratio", "1", "comparison.speed_interval"});
  list.push_back({"comparison.power_efficiency_ratio", "1", "comparison.interval"});
  add("quality", "1", {"nll_per_token", "standard_error", "perplexity", "perplexity_ratio"});
  add("golden", "1", {"tensors", "values", "mismatches"});
  return list;
}

}  // namespace

const std::vector<Metric>& metrics() {
  static const std::vector<Metric> list = all_metrics();
  return list;
}

std::vector<std::string> metric_keys() {
  std::vector<std::string> keys;
  for (const Metric& m : metrics()) keys.push_back(m.key);
  return keys;
}

json metrics_of(const json& result) {
  json values = json::object();
  for (const Metric& m : metrics()) {
    if (const json* value = find(result, m.key)) values[m.key] = *value;
  }
  return values;
}

json measurement_of(const json& result) {
  json intervals = json::object();
  for (const Metric& m : metrics()) {
    if (m.interval.empty()) continue;
    if (const json* interval = find(result, m.interval)) intervals[m.key] = *interval;
  }
  json amounts = json::object(), constants = json::array();
  for (json constant : result.at("provenance").at("constants")) {
    if (constant.contains("amount")) amounts[constant.at("name")] = constant.at("amount");
    constant.erase("amount");
    constant.erase("share_of_energy");
    constants.push_back(std::move(constant));
  }
  // By name: two points that rest on the same constants then name the same file of them.
  std::sort(constants.begin(), constants.end(),
            [](const json& a, const json& b) { return a.at("name") < b.at("name"); });
  return {{"metrics", metrics_of(result)},
          {"intervals", std::move(intervals)},
          {"amounts", std::move(amounts)},
          {"constants", std::move(constants)}};
}

}  // namespace lutsim::tools::sweep
