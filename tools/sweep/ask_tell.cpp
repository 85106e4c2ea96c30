// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/ask_tell.h"

#include <string>

#include "models/config/diagnostics.h"
#include "models/config/units.h"
#include "models/config/write_yaml.h"

namespace lutsim::tools::sweep {

namespace {

using json = nlohmann::ordered_json;

json greeting(const SweepSpace& space) {
  json axes = json::array(), objectives = json::array();
  for (const Axis& axis : space.axes) {
    json values = json::array();
    for (const config::Value& v : axis.values)
      values.push_back(config::to_json(axis.field.type, v));
    axes.push_back({{"name", axis.name()},
                    {"unit", config::base_unit(axis.field.unit)},
                    {"values", std::move(values)}});
  }
  for (const Objective& o : space.keys.objectives)
    objectives.push_back({{"key", o.key}, {"goal", spec::to_string_of(o.goal)}});
  return {{"schema", "lutsim.ask_tell/1"},
          {"name", space.keys.name},
          {"axes", std::move(axes)},
          {"objectives", std::move(objectives)}};
}

/// One line that came in.
struct Ask {
  json id;
  std::string error;  ///< empty: it is a point
  Candidate candidate;
};

Ask read_ask(const SweepSpace& space, Evaluator& evaluator, const std::string& line) {
  Ask ask;
  const json j = json::parse(line, nullptr, false);
  if (!j.is_object() || !j.contains("point")) {
    ask.error = "expected {\"id\": ..., \"point\": {AXIS: VALUE, ...}}";
    return ask;
  }
  if (j.contains("id")) ask.id = j.at("id");
  try {
    ask.candidate = evaluator.examine(point_of(space, j.at("point"), "ask"), space.keys.fidelity);
  } catch (const config::InputError& error) {
    const config::Diagnostic& d = error.diagnostics().front();
    ask.error = d.message + (d.hint.empty() ? "" : "; " + d.hint);
  }
  return ask;
}

json answer(const SweepSpace& space, const Ask& ask, const json* record) {
  json line = {{"id", ask.id}};
  if (record == nullptr) {
    line["status"] = ask.error.empty() ? "excluded" : "error";
    line["reason"] = ask.error;
    line["feasible"] = false;
    return line;
  }
  for (const char* key : {"key", "fidelity", "status", "reason", "feasible", "violated"})
    line[key] = record->at(key);
  json objectives = json::object();
  if (record->contains("metrics"))
    for (const Objective& o : space.keys.objectives)
      if (record->at("metrics").contains(o.key))
        objectives[o.key] = record->at("metrics").at(o.key);
  line["objectives"] = std::move(objectives);
  return line;
}

}  // namespace

void serve_asks(const SweepSpace& space, Evaluator& evaluator, std::istream& in, std::ostream& out,
                PlanCounts& counts) {
  out << greeting(space).dump() << std::endl;
  for (std::string line; std::getline(in, line);) {
    std::vector<Ask> asks;
    do {
      asks.push_back(read_ask(space, evaluator, line));
    } while (in.rdbuf()->in_avail() > 0 && std::getline(in, line));
    std::vector<Candidate> candidates;
    for (const Ask& ask : asks) {
      counts.proposed += ask.error.empty() ? 1 : 0;
      counts.excluded += ask.candidate.is_excluded ? 1 : 0;
      if (ask.error.empty() && !ask.candidate.is_excluded) candidates.push_back(ask.candidate);
    }
    const auto records = evaluator.evaluate(candidates, space.keys.fidelity);
    auto record = records.begin();
    for (const Ask& ask : asks) {
      const bool has_record = ask.error.empty() && !ask.candidate.is_excluded;
      out << answer(space, ask, has_record ? *record++ : nullptr).dump() << "\n";
    }
    out << std::flush;
  }
}

}  // namespace lutsim::tools::sweep
