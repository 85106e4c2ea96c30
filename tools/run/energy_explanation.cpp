// SPDX-License-Identifier: Apache-2.0
#include "tools/run/energy_explanation.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "models/config/diagnostics.h"

namespace lutsim::tools {

using json = nlohmann::ordered_json;

namespace {

struct RelationName {
  Conclusion::Relation relation;
  const char* text;
};
// The longer spellings first: ">=" begins with ">".
constexpr std::array<RelationName, 4> kRelations{{{Conclusion::Relation::at_least, ">="},
                                                  {Conclusion::Relation::at_most, "<="},
                                                  {Conclusion::Relation::above, ">"},
                                                  {Conclusion::Relation::below, "<"}}};

models::Confidence confidence_of(const std::string& name) {
  for (const auto& e : enum_names(models::Confidence{})) {
    if (name == e.name) return e.value;
  }
  throw config::InputError("result", "confidence '" + name + "' is unknown");
}

models::Quantity quantity_of(const std::string& unit) {
  return unit == models::unit_symbol(models::Quantity::power) ? models::Quantity::power
                                                              : models::Quantity::energy;
}

models::Estimate estimate_of(const json& value) {
  return {value.at("value"), value.at("low"), value.at("high")};
}

bool matches(const std::string& wanted, const std::string& found) {
  return wanted.empty() || wanted == found;
}

const GpuSensitivity& chosen(const std::vector<GpuSensitivity>& gpus, const GpuChoice& choice) {
  std::vector<std::string> names;
  for (const GpuSensitivity& gpu : gpus) {
    if (matches(choice.name, gpu.name) && matches(choice.precision, gpu.precision) &&
        matches(choice.line, gpu.line)) {
      return gpu;
    }
    names.push_back(gpu.name + ":" + gpu.precision + ":" + gpu.line);
  }
  std::string wanted = choice.name;
  for (const std::string* part : {&choice.precision, &choice.line}) {
    if (!part->empty()) wanted += ":" + *part;
  }
  throw config::InputError("--against", "the run was not compared with '" + wanted + "'",
                           "it was with: " + config::comma_list(names));
}

}  // namespace

models::EnergyReport energy_report_of(const json& result, const std::string& file) {
  models::EnergyReport report;
  report.total = result.at("energy_j").at("total");
  for (const auto& [name, share] : result.at("energy_confidence").items()) {
    report.evidence.push_back({confidence_of(name), share});
  }
  for (const auto& c : result.at("provenance").at("constants")) {
    if (!c.contains("share_of_energy")) continue;
    if (!c.contains("amount")) {
      throw config::InputError(file, "was written by a version without `amount` of constants",
                               "run it again: lutsim run --config config.resolved.yaml");
    }
    models::ConstantUse use;
    use.constant = {
        c.at("name"), quantity_of(c.at("unit")),         c.at("value"),  c.at("low"),
        c.at("high"), confidence_of(c.at("confidence")), c.at("source"), c.value("shares", "")};
    use.amount = c.at("amount");
    use.share = c.at("share_of_energy");
    report.constants.push_back(std::move(use));
  }
  return report;
}

bool Conclusion::holds(double value) const {
  switch (relation) {
    case Relation::at_least:
      return value >= ratio;
    case Relation::above:
      return value > ratio;
    case Relation::at_most:
      return value <= ratio;
    default:
      return value < ratio;
  }
}

std::string Conclusion::text() const {
  for (const RelationName& r : kRelations) {
    if (r.relation == relation) return fmt::format("ratio {} {:g}", r.text, ratio);
  }
  return "";
}

Conclusion parse_conclusion(const std::string& text) {
  const auto refuse = [&text]() {
    return config::InputError("--conclusion", "'" + text + "' is no statement about the ratio",
                              "expected ratio>=8, with >=, >, <= or < and a number above 0");
  };
  std::string compact;
  for (const char c : text) {
    if (c != ' ') compact += c;
  }
  const std::string subject = "ratio";
  if (compact.rfind(subject, 0) != 0) throw refuse();
  compact.erase(0, subject.size());
  for (const RelationName& r : kRelations) {
    const std::string sign = r.text;
    if (compact.rfind(sign, 0) != 0) continue;
    std::istringstream number(compact.substr(sign.size()));
    Conclusion conclusion{r.relation, 0};
    if (!(number >> conclusion.ratio) || !number.eof() || !(conclusion.ratio > 0)) throw refuse();
    return conclusion;
  }
  throw refuse();
}

GpuChoice parse_gpu_choice(const std::string& text) {
  GpuChoice choice;
  std::istringstream in(text);
  std::getline(in, choice.name, ':');
  std::getline(in, choice.precision, ':');
  if (!choice.precision.empty() &&
      choice.precision.find_first_not_of("0123456789") == std::string::npos) {
    choice.name += ":" + choice.precision;  // of so many GPUs
    choice.precision.clear();
    std::getline(in, choice.precision, ':');
  }
  std::getline(in, choice.line);
  return choice;
}

EnergyExplanation explain_energy(const json& result, const std::string& file,
                                 const Conclusion& conclusion, const GpuChoice& against) {
  EnergyExplanation e;
  e.tokens = result.at("workload").at("generated_tokens");
  e.report = energy_report_of(result, file);
  e.energy = models::energy_sensitivity(e.report);
  if (!result.contains("gpus")) {
    if (!against.name.empty()) chosen({}, against);
    return e;
  }
  const models::Sampling sampling{result.at("provenance").at("seed").get<std::uint64_t>()};
  const std::vector<double> joules = models::draw_joules(e.report.constants, sampling);
  for (const auto& g : result.at("gpus")) {
    GpuSensitivity gpu{g.at("name"), g.at("precision"), g.at("line"), {}, {}, {}};
    gpu.tokens_per_j = estimate_of(g.at("intervals").at("tokens_per_j"));
    gpu.ratio = models::interval_of(
        e.tokens / e.report.total / gpu.tokens_per_j.value,
        models::draw_efficiency_ratios(joules, e.tokens, gpu.tokens_per_j, sampling));
    gpu.tornado = models::efficiency_ratio_sensitivity(e.report, e.tokens, gpu.tokens_per_j);
    e.gpus.push_back(std::move(gpu));
  }
  ConclusionCheck check{conclusion, chosen(e.gpus, against), false, 0, {}};
  const models::Estimate& gpu = check.against.tokens_per_j;
  check.holds = conclusion.holds(check.against.ratio.nominal);
  const auto ratios = models::draw_efficiency_ratios(joules, e.tokens, gpu, sampling);
  check.share_of_draws = static_cast<double>(std::count_if(
                             ratios.begin(), ratios.end(),
                             [&conclusion](double ratio) { return conclusion.holds(ratio); })) /
                         static_cast<double>(ratios.size());
  check.crossovers = models::efficiency_ratio_crossovers(e.report, e.tokens, gpu, conclusion.ratio);
  e.conclusion_check = std::move(check);
  return e;
}

}  // namespace lutsim::tools
