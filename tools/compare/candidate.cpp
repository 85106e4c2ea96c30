// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/candidate.h"

#include <fmt/core.h>

#include "models/cost/cost_model.h"
#include "tools/run/format_units.h"

namespace lutsim::tools {

const std::string& reason_of(const Candidate& c, Metric metric) {
  static const std::string kNone;
  switch (metric) {
    case Metric::tokens_per_s:
    case Metric::ttft:
    case Metric::tpot:
      return c.time_reason;
    case Metric::tokens_per_j:
    case Metric::energy_per_token:
    case Metric::power:
      return c.energy_reason;
    case Metric::price:
    case Metric::cost_per_mtoken:
      return c.cost_reason;
    case Metric::perplexity_ratio:
      return c.quality;
    default:
      return kNone;
  }
}

std::size_t add_input(Candidate& c, const std::string& name, const std::string& unit,
                      const models::Estimate& estimate, const std::string& shares) {
  c.inputs.push_back({name, unit, estimate, shares});
  return c.inputs.size() - 1;
}

std::optional<std::size_t> add_cost(Candidate& c, const models::CostTable& costs,
                                    const std::string& name) {
  if (!costs.contains(name)) {
    c.unknown[Metric::price] = c.unknown[Metric::cost_per_mtoken] = "the cost table has no " + name;
    return std::nullopt;
  }
  const models::CostRow& row = costs.at(name);
  return add_input(c, name, "", {row.value, row.low, row.high}, "");
}

void add_cost_per_token(Candidate& c, const models::CostTable& costs) {
  const auto life = add_cost(c, costs, "life_years");
  const auto utilization = add_cost(c, costs, "utilization");
  const auto pue = add_cost(c, costs, "pue");
  const auto electricity = add_cost(c, costs, "electricity");
  const auto price = c.formulas.find(Metric::price);
  if (price == c.formulas.end() || !life || !utilization || !pue || !electricity) return;
  const auto cost = [=, price = price->second, speed = c.formulas.at(Metric::tokens_per_s),
                     energy = c.formulas.at(Metric::energy_per_token)](const InputValues& v,
                                                                       double hardware) {
    return models::cost_per_million_tokens<Draws>(price(v) * hardware, speed(v), energy(v),
                                                  v[*life], v[*utilization], v[*pue],
                                                  v[*electricity]);
  };
  c.formulas[Metric::cost_per_mtoken] = [cost](const InputValues& v) { return cost(v, 1); };
  InputValues nominal;
  for (const UncertainInput& i : c.inputs) {
    nominal.push_back(Draws::Constant(1, i.estimate.value));
  }
  const double all = cost(nominal, 1)(0), electric = cost(nominal, 0)(0);
  c.cost_reason =
      fmt::format("hardware {}, electricity {} of it; {} to buy", percent(1 - electric / all),
                  percent(electric / all), metric_text(Metric::price, price->second(nominal)(0)));
}

}  // namespace lutsim::tools
