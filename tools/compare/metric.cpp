// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/metric.h"

#include <fmt/core.h>

#include "models/config/diagnostics.h"
#include "models/config/units.h"
#include "tools/run/format_units.h"

namespace lutsim::tools {

using spec::Unit;

const std::array<MetricInfo, 11>& metrics() {
  static const std::array<MetricInfo, 11> table{{
      {Metric::tokens_per_s, "tokens_per_s", Unit::none, "/s", true,
       "generated tokens of all sequences per second, prefill included"},
      {Metric::ttft, "ttft", Unit::second, "s", false, "time to the first token"},
      {Metric::tpot, "tpot", Unit::second, "s", false, "time of a decode step"},
      {Metric::tokens_per_j, "tokens_per_j", Unit::none, "/J", true, "generated tokens per joule"},
      {Metric::energy_per_token, "energy_per_token", Unit::joule, "J", false,
       "energy of a generated token, prefill included"},
      {Metric::power, "power", Unit::watt, "W", false, "mean power of the run"},
      {Metric::cost_per_mtoken, "cost_per_mtoken", Unit::none, "$", false,
       "dollars of a million tokens: hardware and electricity"},
      {Metric::price, "price", Unit::none, "$", false, "dollars of the hardware"},
      {Metric::area, "area", Unit::none, "mm2", false, "die area of all chips in mm2"},
      {Metric::memory_free, "memory_free", Unit::byte, "B", true,
       "memory that weights and cache leave free"},
      {Metric::perplexity_ratio, "perplexity_ratio", Unit::none, "", false,
       "perplexity over that of the model with its own weights"},
  }};
  return table;
}

const MetricInfo& info(Metric metric) { return metrics()[static_cast<std::size_t>(metric)]; }

Metric metric_of(const std::string& option, const std::string& name) {
  std::vector<std::string> names;
  for (const MetricInfo& m : metrics()) {
    if (name == m.name) return m.metric;
    names.emplace_back(m.name);
  }
  throw config::InputError(option, "'" + name + "' is not one of: " + config::comma_list(names),
                           config::did_you_mean(name, names));
}

std::string metric_text(Metric metric, double value) {
  const MetricInfo& m = info(metric);
  const std::string symbol = m.symbol;
  if (symbol == "$") {
    return value < 0.1    ? fmt::format("{:.3f} $", value)
           : value < 1000 ? fmt::format("{:.3g} $", value)
                          : fmt::format("{:.0f} $", value);
  }
  if (m.unit != Unit::none) return si(value, symbol);
  return symbol.empty() ? fmt::format("{:.4g}", value) : fmt::format("{:.4g} {}", value, symbol);
}

std::string Requirement::text() const {
  return fmt::format("{} {} {}", info(metric).name,
                     at_most ? "<=" : ">=", metric_text(metric, bound));
}

Requirement parse_requirement(const std::string& text) {
  const char* kOption = "--require";
  std::size_t sign = text.find("<=");
  const bool at_most = sign != std::string::npos;
  if (!at_most) sign = text.find(">=");
  if (sign == std::string::npos) {
    throw config::InputError(kOption, "'" + text + "' is not METRIC<=VALUE or METRIC>=VALUE",
                             "for example tpot<=50ms or power<=15W");
  }
  std::string name = text.substr(0, sign);
  while (!name.empty() && name.back() == ' ') name.pop_back();
  Requirement r;
  r.metric = metric_of(kOption, name);
  r.at_most = at_most;
  std::string value = text.substr(sign + 2);
  value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
  const auto number = config::split_number(value);
  const Unit unit = info(r.metric).unit;
  std::optional<double> bound;
  if (number && unit == Unit::none && number->unit.empty()) {
    bound = config::to_double(number->number, nullptr);
  } else if (number) {
    for (const config::UnitName& u : config::unit_names(unit)) {
      if (number->unit == u.name) bound = config::to_double(number->number, &u);
    }
  }
  if (!bound) {
    throw config::InputError(
        kOption, "'" + value + "' is no value of " + name,
        unit == Unit::none
            ? "expected a number without unit"
            : "expected a number and one of: " + config::comma_list(config::unit_spellings(unit)));
  }
  r.bound = *bound;
  return r;
}

}  // namespace lutsim::tools
