// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/accelerator_candidate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/cost/cost_model.h"
#include "models/spec/memory_standard.h"
#include "tools/run/energy_explanation.h"
#include "tools/run/format_units.h"
#include "tools/run/text_report.h"

namespace lutsim::tools {

using json = nlohmann::ordered_json;

namespace {

Formula constant(double value) {
  return [value](const InputValues& v) {
    return Draws(Draws::Constant(v.empty() ? 1 : v[0].size(), value));
  };
}

void add_energy(Candidate& c, const json& result, const std::string& file) {
  const models::EnergyReport report = energy_report_of(result, file);
  std::vector<double> amounts;
  for (const models::ConstantUse& use : report.constants) {
    const models::Constant& k = use.constant;
    add_input(c, k.name, models::unit_symbol(k.quantity), {k.value, k.low, k.high}, k.shares);
    amounts.push_back(use.amount);
  }
  const double tokens = result.at("workload").at("generated_tokens");
  const double seconds = result.at("time_s").at("total");
  const auto joules = [amounts](const InputValues& v) {
    Draws sum = Draws::Zero(v.at(0).size());
    for (std::size_t i = 0; i < amounts.size(); ++i) sum += amounts[i] * v[i];
    return sum;
  };
  c.formulas[Metric::energy_per_token] = [joules, tokens](const InputValues& v) {
    return Draws(joules(v) / tokens);
  };
  c.formulas[Metric::tokens_per_j] = [joules, tokens](const InputValues& v) {
    return Draws(tokens / joules(v));
  };
  c.formulas[Metric::power] = [joules, seconds](const InputValues& v) {
    return Draws(joules(v) / seconds);
  };

  std::vector<std::pair<double, std::string>> parts;
  for (const auto& [name, value] : result.at("energy_j").items()) {
    if (name != "total") parts.emplace_back(value.get<double>() / report.total, name);
  }
  std::sort(parts.rbegin(), parts.rend());
  constexpr std::size_t kNamed = 3;
  for (std::size_t i = 0; i < std::min(kNamed, parts.size()); ++i) {
    c.energy_reason += (i == 0 ? "" : ", ") + parts[i].second + " " + percent(parts[i].first);
  }
}

/// "7nm"
std::string node_name(const std::string& energy_table) {
  const auto table = config::read_yaml<models::EnergyTableFile>(
      config::find_named(config::kEnergyFolder, energy_table, "energy table"));
  return fmt::format("{:g}nm", std::round(table.node * 1e9));
}

void add_memory_and_price(Candidate& c, const json& result, const models::CostTable& costs) {
  const auto& arch = result.at("architecture");
  const auto standard = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, arch.at("memory").at("standard"), "memory"));
  const double chips = arch.at("system").at("chips");
  const auto capacity = static_cast<double>(
      spec::capacity_bytes(standard, arch.at("memory").at("channels").get<std::uint32_t>()));
  c.formulas[Metric::memory_free] =
      constant(chips * (capacity - result.at("dram").at("bytes_used").get<double>()));

  const auto& area = result.at("area_mm2");
  const std::size_t all_dies = add_input(c, "area of " + c.name, "mm2",
                                         {area.at("total"), area.at("low"), area.at("high")}, "");
  c.formulas[Metric::area] = [all_dies](const InputValues& v) { return v[all_dies]; };

  const std::string node = node_name(arch.at("energy_table"));
  const std::string family = standard.name.substr(0, standard.name.find('-'));
  const auto wafer = add_cost(c, costs, "wafer." + node);
  const auto defects = add_cost(c, costs, "defects." + node);
  const auto package = add_cost(c, costs, "package");
  const auto board = add_cost(c, costs, "board");
  const auto dram = add_cost(c, costs, "dram." + family);
  const auto markup = add_cost(c, costs, "markup");
  if (!wafer || !defects || !package || !board || !dram || !markup) return;
  constexpr double kGigabyte = 1 << 30;
  c.formulas[Metric::price] = [=, gigabytes = chips * capacity / kGigabyte](const InputValues& v) {
    const Draws die = models::die_cost<Draws>(v[all_dies] / chips, v[*wafer], v[*defects]);
    return Draws((chips * (die + v[*package] + v[*board]) + gigabytes * v[*dram]) * v[*markup]);
  };
}

}  // namespace

Candidate accelerator_candidate(const std::string& name, const json& result,
                                const std::string& file, const models::CostTable& costs) {
  Candidate c;
  c.name = name;
  c.kind = CandidateKind::accelerator;
  const auto& arch = result.at("architecture");
  const auto& workload = result.at("workload");
  const auto& time = result.at("time_s");
  const auto chips = arch.at("system").at("chips").get<int>();
  c.title = fmt::format("{}{}, {}, {:.3g}-bit weights", arch.at("name").get<std::string>(),
                        chips > 1 ? fmt::format(" x {}", chips) : "",
                        arch.at("matrix").at("engine").get<std::string>(),
                        workload.at("weight_bits").get<double>());
  c.time_reason = bottleneck(result);
  add_energy(c, result, file);
  c.formulas[Metric::tokens_per_s] = constant(result.at("throughput").at("tokens_per_s"));
  const double prefill = time.at("prefill");
  const double tokens =
      workload.at("generated_tokens").get<double>() / workload.at("batch").get<double>();
  // A prefill chooses the first token; without one every token takes a decode step.
  const double steps = tokens - (prefill > 0 ? 1 : 0);
  c.formulas[Metric::ttft] = constant(time.at("ttft"));
  if (steps > 0) {
    c.formulas[Metric::tpot] = constant(time.at("decode").get<double>() / steps);
  } else {
    c.unknown[Metric::tpot] = "the workload has no decode step";
  }
  add_memory_and_price(c, result, costs);
  add_cost_per_token(c, costs);
  return c;
}

}  // namespace lutsim::tools
