// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "models/energy/event.h"
#include "tools/run/energy_explanation.h"
#include "tools/run/format_units.h"
#include "tools/run/text_report.h"

namespace lutsim::tools {

using json = nlohmann::ordered_json;

namespace {

/// Constants and bars that are shown; the JSON has all of them.
constexpr std::size_t kShown = 12;
constexpr std::size_t kBarWidth = 32;

std::string unit_of(const models::EnergyReport& report, const std::string& name) {
  for (const models::ConstantUse& use : report.constants) {
    if (use.constant.name == name) return models::unit_symbol(use.constant.quantity);
  }
  return "";
}

/// "3.40 pJ", a factor "x1.35", tokens per joule of a GPU "0.333/J".
std::string value_text(const models::EnergyReport& report, const models::Uncertain& of,
                       double value) {
  if (!of.members.empty()) return fmt::format("x{:.3g}", value);
  if (of.name == models::kGpuTokensPerJoule) return fmt::format("{:.3g}/J", value);
  return si(value, unit_of(report, of.name));
}

std::string name_text(const models::Uncertain& of) {
  return of.members.empty() ? of.name : fmt::format("{} (all {})", of.name, of.members.size());
}

/// Rows with a share of `total`, largest first; [low .. high] where there are intervals.
std::string stack(const json& values, const json& intervals, double total) {
  std::vector<std::pair<std::string, double>> rows;
  for (const auto& [name, value] : values.items()) {
    if (name != "total" && value.get<double>() > 0) rows.emplace_back(name, value.get<double>());
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out;
  for (const auto& [name, joules] : rows) {
    const json interval = intervals.value(name, json());
    const std::string range =
        interval.is_null()
            ? ""
            : fmt::format("[{} .. {}]", si(interval.at(0), "J"), si(interval.at(1), "J"));
    out += fmt::format("    {:<26} {:>10} {:>8}  {:<24} {}\n", name, si(joules, "J"),
                       percent(joules / total), range, bar(joules / total, kBarWidth));
  }
  return out;
}

/// Events, and what flows with time alone.
json events_and_standing(const json& result, const EnergyExplanation& e) {
  json values = json::object();
  for (const auto& [name, event] : result.at("events").items()) {
    values[name] = event.at("joules");
  }
  for (const models::ConstantUse& use : e.report.constants) {
    const bool standing =
        use.constant.quantity == models::Quantity::power || use.constant.name == "clock_tree_mm2";
    if (standing) values[use.constant.name] = use.amount * use.constant.value;
  }
  return values;
}

/// Intervals of the same.
json event_and_standing_intervals(const json& result, const EnergyExplanation& e) {
  json intervals = result.at("intervals").at("events");
  const models::Sampling sampling{result.at("provenance").at("seed").get<std::uint64_t>()};
  for (const models::ConstantUse& use : e.report.constants) {
    const models::Interval i = models::energy_interval({use}, sampling);
    intervals[use.constant.name] = {i.low, i.high};
  }
  return intervals;
}

std::string constants(const EnergyExplanation& e) {
  std::string out;
  std::size_t shown = 0;
  for (const models::ConstantUse& use : e.report.constants) {
    if (shown++ == kShown) break;
    const models::Constant& c = use.constant;
    const std::string unit = models::unit_symbol(c.quantity);
    out += fmt::format("    {:<34} {:>8}  {} [{} .. {}]  {}\n", c.name, percent(use.share),
                       si(c.value, unit), si(c.low, unit), si(c.high, unit),
                       spec::to_string_of(c.confidence));
  }
  return out;
}

std::string energy_tornado(const EnergyExplanation& e) {
  std::string out;
  for (std::size_t i = 0; i < e.energy.size() && i < kShown; ++i) {
    const models::Sensitivity& s = e.energy[i];
    out += fmt::format("    {:<34} {:>10} .. {:<10}\n", name_text(s.of),
                       si(s.at_low / e.tokens, "J"), si(s.at_high / e.tokens, "J"));
  }
  return out;
}

/// The first line of every GPU.
std::string gpu_tornados(const EnergyExplanation& e) {
  std::string out;
  std::set<std::string> seen;
  for (const GpuSensitivity& gpu : e.gpus) {
    if (!seen.insert(gpu.name).second) continue;
    out += fmt::format(
        "\n  The ratio against {} {} {}, {:.3g} [{:.3g} .. {:.3g}], with one at a time "
        "from low to high\n",
        gpu.name, gpu.precision, gpu.line, gpu.ratio.nominal, gpu.ratio.low, gpu.ratio.high);
    for (std::size_t i = 0; i < gpu.tornado.size() && i < kShown; ++i) {
      const models::Sensitivity& s = gpu.tornado[i];
      out += fmt::format("    {:<34} {:>8.3g} .. {:<8.3g}\n", name_text(s.of), s.at_low, s.at_high);
    }
  }
  return out;
}

std::string verdict(const models::EnergyReport& report, const models::Crossover& c) {
  const models::Uncertain& of = c.sensitivity.of;
  if (!c.at) return "nowhere above 0";
  const std::string at = value_text(report, of, *c.at);
  return c.in_range ? at : at + ", outside: nothing in the range changes it";
}

std::string crossovers(const EnergyExplanation& e) {
  const ConclusionCheck& check = *e.conclusion_check;
  const GpuSensitivity& gpu = check.against;
  std::string out = fmt::format(
      "\n  \"{}\" against {} {} {}: {} at {:.3g}, true in {} of the draws. It turns at\n",
      check.conclusion.text(), gpu.name, gpu.precision, gpu.line,
      check.holds ? "holds" : "does not hold", gpu.ratio.nominal, percent(check.share_of_draws));
  for (std::size_t i = 0; i < check.crossovers.size() && i < kShown; ++i) {
    const models::Crossover& c = check.crossovers[i];
    const models::Uncertain& of = c.sensitivity.of;
    out += fmt::format("    {:<34} {:>10} [{} .. {}]  {}\n", name_text(of),
                       value_text(e.report, of, of.estimate.value),
                       value_text(e.report, of, of.estimate.low),
                       value_text(e.report, of, of.estimate.high), verdict(e.report, c));
  }
  return out;
}

json sensitivity_json(const models::Sensitivity& s, const char* what) {
  json entry = {{"name", s.of.name}};
  if (!s.of.members.empty()) entry["members"] = s.of.members;
  entry[std::string(what) + "_at_low"] = s.at_low;
  entry[std::string(what) + "_at_high"] = s.at_high;
  return entry;
}

}  // namespace

std::string energy_explanation_text(const json& result, const EnergyExplanation& e) {
  const double total = e.report.total;
  const json& intervals = result.at("intervals");
  std::string out =
      report_headline(result) +
      fmt::format("\n  Energy {} [{} .. {}], {} for a token\n\n  By part\n", si(total, "J"),
                  si(result.at("energy_interval_j").at(0), "J"),
                  si(result.at("energy_interval_j").at(1), "J"), si(total / e.tokens, "J"));
  out += stack(result.at("energy_j"), intervals.at("energy_j"), total);
  out += "\n  By event, and what flows with time\n";
  out += stack(events_and_standing(result, e), event_and_standing_intervals(result, e), total);
  out += "\n  By constant, with its range\n" + constants(e);
  out += "\n  By how the constants are known\n";
  for (const models::ConfidenceShare& share : e.report.evidence) {
    out += fmt::format("    {:<12} {:>8}  {}\n", spec::to_string_of(share.confidence),
                       percent(share.share), bar(share.share, kBarWidth));
  }
  out +=
      "\n  Energy for a token with one at a time from low to high (all N: constants of one cause "
      "together)\n" +
      energy_tornado(e);
  out += gpu_tornados(e);
  if (e.conclusion_check) out += crossovers(e);
  return out;
}

json energy_explanation_json(const json& result, const EnergyExplanation& e) {
  json tornado = json::array();
  for (models::Sensitivity s : e.energy) {
    s.at_low /= e.tokens;
    s.at_high /= e.tokens;
    tornado.push_back(sensitivity_json(s, "j_per_token"));
  }
  json constants = json::array();
  for (const models::ConstantUse& use : e.report.constants) {
    constants.push_back({{"name", use.constant.name},
                         {"joules", use.amount * use.constant.value},
                         {"share", use.share},
                         {"confidence", spec::to_string_of(use.constant.confidence)}});
  }
  json gpus = json::array();
  for (const GpuSensitivity& gpu : e.gpus) {
    json rows = json::array();
    for (const models::Sensitivity& s : gpu.tornado) rows.push_back(sensitivity_json(s, "ratio"));
    gpus.push_back({{"gpu", gpu.name},
                    {"precision", gpu.precision},
                    {"line", gpu.line},
                    {"ratio", gpu.ratio.nominal},
                    {"interval", {gpu.ratio.low, gpu.ratio.high}},
                    {"tornado", std::move(rows)}});
  }
  json answer = {{"j_per_token", e.report.total / e.tokens},
                 {"energy_j", result.at("energy_j")},
                 {"by_event_j", events_and_standing(result, e)},
                 {"by_constant", std::move(constants)},
                 {"energy_confidence", result.at("energy_confidence")},
                 {"intervals", result.at("intervals")},
                 {"tornado", std::move(tornado)},
                 {"gpus", std::move(gpus)}};
  if (!e.conclusion_check) return answer;
  const ConclusionCheck& check = *e.conclusion_check;
  json rows = json::array();
  for (const models::Crossover& c : check.crossovers) {
    const models::Uncertain& of = c.sensitivity.of;
    json row = {{"name", of.name}};
    if (!of.members.empty()) row["members"] = of.members;
    row["value"] = of.estimate.value;
    row["low"] = of.estimate.low;
    row["high"] = of.estimate.high;
    row["unit"] = of.members.empty() ? unit_of(e.report, of.name) : "factor";
    row["crossover"] = c.at ? json(*c.at) : json();
    row["in_range"] = c.in_range;
    rows.push_back(std::move(row));
  }
  answer["conclusion"] = {
      {"statement", check.conclusion.text()},   {"gpu", check.against.name},
      {"precision", check.against.precision},   {"line", check.against.line},
      {"ratio", check.against.ratio.nominal},   {"holds", check.holds},
      {"share_of_draws", check.share_of_draws}, {"crossovers", std::move(rows)}};
  return answer;
}

}  // namespace lutsim::tools
