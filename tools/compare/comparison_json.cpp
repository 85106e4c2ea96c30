// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/execute_compare.h"

namespace lutsim::tools {

using json = nlohmann::ordered_json;

namespace {

json requirements_json(const Standing& s, const Judgement& judgement) {
  json list = json::array();
  for (std::size_t i = 0; i < judgement.requirements.size(); ++i) {
    const Requirement& r = judgement.requirements[i];
    const RequirementOutcome& o = s.requirements[i];
    list.push_back({{"metric", info(r.metric).name},
                    {"relation", r.at_most ? "<=" : ">="},
                    {"bound", r.bound},
                    {"value", o.value ? json(*o.value) : json()},
                    {"holds", o.holds},
                    {"share_of_draws", o.share_of_draws}});
  }
  return list;
}

json flips_json(const std::vector<Flip>& flips) {
  json list = json::array();
  for (const Flip& f : flips) {
    json entry = {{"cause", f.cause}, {"towards", f.upwards ? "high" : "low"}};
    if (f.is_common) {
      entry["share_of_the_way"] = f.turns_at;
    } else {
      entry["turns_at"] = f.turns_at;
      entry["unit"] = f.unit;
      entry["range"] = {f.range.low, f.range.value, f.range.high};
    }
    list.push_back(std::move(entry));
  }
  return list;
}

json standing_json(const Standing& s, const Candidate& c, const Judgement& judgement) {
  json values = json::object();
  for (const MetricInfo& m : metrics()) {
    if (const auto v = s.values.find(m.metric); v != s.values.end()) {
      values[m.name] = {{"value", v->second.nominal},
                        {"interval", {v->second.low, v->second.high}}};
    } else if (const auto why = c.unknown.find(m.metric); why != c.unknown.end()) {
      values[m.name] = {{"value", nullptr}, {"unknown", why->second}};
    }
  }
  return {{"candidate", c.name},
          {"title", c.title},
          {"kind", spec::to_string_of(c.kind)},
          {"rank", s.rank == 0 ? json() : json(s.rank)},
          {"excluded_by", s.excluded_by},
          {"behind_first", s.rank == 0 ? json() : json(s.behind)},
          {"reason", reason_of(c, judgement.objective)},
          {"share_of_draws_first", s.share_first},
          {"share_of_draws_before_first", s.share_before_first},
          {"could_change", flips_json(s.flips)},
          {"requirements", requirements_json(s, judgement)},
          {"values", std::move(values)},
          {"quality", c.quality}};
}

}  // namespace

json comparison_json(const Comparison& comparison) {
  const Judgement& judgement = comparison.judgement;
  const ComparedWorkload& w = comparison.workload;
  json candidates = json::array();
  for (const Standing& s : comparison.order) {
    candidates.push_back(standing_json(s, comparison.candidates[s.candidate], judgement));
  }
  json kinds = json::object();
  for (const MetricInfo& m : metrics()) {
    kinds[m.name] = {
        {"unit", m.symbol}, {"better", m.higher_is_better ? "more" : "less"}, {"meaning", m.doc}};
  }
  return {{"schema", "lutsim.comparison/1"},
          {"version", LUTSIM_VERSION},
          {"seed", judgement.sampling.seed},
          {"workload",
           {{"model", w.model},
            {"batch", w.batch},
            {"prompt_tokens", w.prompt_tokens},
            {"cached_tokens", w.cached_tokens},
            {"generated_tokens", w.generated_tokens}}},
          {"objective", info(judgement.objective).name},
          {"metrics", std::move(kinds)},
          {"candidates", std::move(candidates)}};
}

}  // namespace lutsim::tools
