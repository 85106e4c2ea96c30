// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/summary.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "models/config/units.h"
#include "models/config/write_yaml.h"
#include "tools/support/csv.h"
#include "tools/support/sha256.h"
#include "tools/sweep/metrics.h"

namespace lutsim::tools::sweep {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t kConvergenceSteps = 50;  // of the curve of a search

std::string unit_of(const std::string& metric) {
  for (const Metric& m : metrics())
    if (m.key == metric) return m.unit;
  return "";
}

/// The values as a user reads them: what was negated to minimise is turned back.
json objective_values(const SweepSpace& space, const Values& values) {
  json result = json::object();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Objective& o = space.keys.objectives[i];
    result[o.key] = o.goal == Goal::minimise ? values[i] : -values[i];
  }
  return result;
}

/// The stated reference of each objective, or the worst feasible value of all points.
Values reference_of(const SweepSpace& space, const std::vector<Values>& points) {
  Values reference = points.empty() ? Values(space.keys.objectives.size(), 0) : worst_of(points);
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const Objective& o = space.keys.objectives[i];
    if (o.reference != 0) reference[i] = o.goal == Goal::minimise ? o.reference : -o.reference;
  }
  return reference;
}

json fidelity_json(const SweepSpace& space, const std::string& fidelity,
                   const std::vector<const json*>& rows) {
  std::vector<Values> points;
  std::vector<std::string> keys;
  std::uint64_t counted = 0;
  for (const json* row : rows) {
    if (row->at("fidelity") != fidelity) continue;
    ++counted;
    Values values = objectives_of(space, *row);
    if (values.empty()) continue;
    points.push_back(std::move(values));
    keys.push_back(row->at("key"));
  }
  const Values reference = reference_of(space, points);
  json front = json::array();
  for (const std::size_t i : pareto_front(points))
    front.push_back({{"key", keys[i]}, {"objectives", objective_values(space, points[i])}});
  return {{"fidelity", fidelity},
          {"points", counted},
          {"feasible", points.size()},
          {"hypervolume", hypervolume(points, reference)},
          {"reference", objective_values(space, reference)},
          {"front", std::move(front)}};
}

/// Hypervolume after the first n distinct points, for some n up to all of them.
json convergence(const SweepSpace& space, const Records& records, const SearchPath& search,
                 const Values& reference) {
  json curve = json::array();
  std::vector<Values> points;
  const std::size_t n = search.keys.size();
  const std::size_t step = std::max<std::size_t>(1, n / kConvergenceSteps);
  for (std::size_t i = 0; i < n; ++i) {
    Values values = objectives_of(space, records.at(search.keys[i]));
    if (!values.empty()) points.push_back(std::move(values));
    if ((i + 1) % step == 0 || i + 1 == n) curve.push_back({i + 1, hypervolume(points, reference)});
  }
  return curve;
}

json searches_json(const SweepSpace& space, const Records& records,
                   const std::vector<SearchPath>& searches) {
  std::vector<Values> all;
  for (const SearchPath& s : searches)
    for (const std::string& key : s.keys) {
      Values values = objectives_of(space, records.at(key));
      if (!values.empty()) all.push_back(std::move(values));
    }
  const Values reference = reference_of(space, all);
  json list = json::array();
  for (const SearchPath& s : searches) {
    std::vector<Values> points;
    for (const std::string& key : s.keys) {
      Values values = objectives_of(space, records.at(key));
      if (!values.empty()) points.push_back(std::move(values));
    }
    list.push_back({{"kind", s.kind},
                    {"evaluations", s.evaluations},
                    {"distinct", s.keys.size()},
                    {"feasible", points.size()},
                    {"front_points", pareto_front(points).size()},
                    {"hypervolume", hypervolume(points, reference)},
                    {"reference", objective_values(space, reference)},
                    {"convergence", convergence(space, records, s, reference)}});
  }
  return list;
}

json axes_json(const SweepSpace& space) {
  json axes = json::array();
  for (const Axis& axis : space.axes) {
    json values = json::array();
    for (const config::Value& v : axis.values)
      values.push_back(config::to_json(axis.field.type, v));
    axes.push_back({{"name", axis.name()},
                    {"column", column_of(axis)},
                    {"unit", config::base_unit(axis.field.unit)},
                    {"meaning", axis.field.doc},
                    {"values", std::move(values)}});
  }
  return axes;
}

/// Position of each value on its axis, for sorting; values of lists and outside optimisers that the
/// axis does not have come after them, by their text.
std::vector<std::pair<std::size_t, std::string>> sort_key(const SweepSpace& space,
                                                          const json& record) {
  std::vector<std::pair<std::size_t, std::string>> key;
  for (const Axis& axis : space.axes) {
    const json& value = record.at("point").at(axis.name());
    std::size_t position = 0;
    while (position < axis.values.size() &&
           config::to_json(axis.field.type, axis.values[position]) != value)
      ++position;
    key.emplace_back(position, position < axis.values.size() ? "" : value.dump());
  }
  return key;
}

std::string cell(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::vector<const json*> sorted_records(const SweepSpace& space, const Records& records) {
  using Key =
      std::tuple<std::size_t, std::vector<std::pair<std::size_t, std::string>>, std::string>;
  std::vector<std::pair<Key, const json*>> order;
  const auto fidelities = enum_names(Fidelity{});
  for (const auto& [key, record] : records) {
    std::size_t f = 0;
    while (f < fidelities.size() && record.at("fidelity") != fidelities[f].name) ++f;
    order.push_back({{f, sort_key(space, record), key}, &record});
  }
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const json*> sorted;
  for (const auto& entry : order) sorted.push_back(entry.second);
  return sorted;
}

std::string column_of(const Axis& axis) {
  static const std::map<spec::Unit, std::string> suffixes{
      {spec::Unit::bit, "_bits"},
      {spec::Unit::byte, "_bytes"},
      {spec::Unit::hertz, "_hz"},
      {spec::Unit::second, "_s"},
      {spec::Unit::bit_per_second, "_bits_per_s"},
      {spec::Unit::byte_per_second, "_bytes_per_s"},
  };
  const auto suffix = suffixes.find(axis.field.unit);
  if (suffix == suffixes.end()) return axis.name();
  const std::string& end = suffix->second;
  const bool has_it = axis.name().size() > end.size() &&
                      axis.name().compare(axis.name().size() - end.size(), end.size(), end) == 0;
  return has_it ? axis.name() : axis.name() + end;
}

json summary_of(const SweepSpace& space, const Records& records, const PlanCounts& plan,
                const std::vector<SearchPath>& searches, const json& constants) {
  const SpaceKeys& keys = space.keys;
  const std::vector<const json*> rows = sorted_records(space, records);
  std::map<std::string, std::uint64_t> status;
  std::uint64_t feasible = 0;
  std::set<std::string> fidelities;
  json failures = json::array();
  for (const json* row : rows) {
    ++status[row->at("status")];
    feasible += row->at("feasible").get<bool>() ? 1 : 0;
    fidelities.insert(row->at("fidelity"));
    if (row->at("status") == "failed")
      failures.push_back(
          {{"key", row->at("key")}, {"point", row->at("point")}, {"reason", row->at("reason")}});
  }
  json objectives = json::array(), constraints = json::array(), fidelity_list = json::array();
  for (const Objective& o : keys.objectives)
    objectives.push_back(
        {{"key", o.key}, {"goal", spec::to_string_of(o.goal)}, {"unit", unit_of(o.key)}});
  for (const Constraint& c : space.constraints) constraints.push_back(c.text);
  for (const auto& f : enum_names(Fidelity{}))
    if (fidelities.count(f.name) != 0) fidelity_list.push_back(fidelity_json(space, f.name, rows));
  return {{"schema", "lutsim.sweep_summary/1"},
          {"name", keys.name},
          {"description", keys.description},
          {"version", LUTSIM_VERSION},
          {"space", "sha256:" + sha256_hex(space.text)},
          {"complete", plan.complete},
          {"strategy", config::to_json(keys.strategy)},
          {"axes", axes_json(space)},
          {"objectives", std::move(objectives)},
          {"constraints", std::move(constraints)},
          {"counts",
           {{"proposed", plan.proposed},
            {"excluded", plan.excluded},
            {"duplicates", plan.duplicates},
            {"records", rows.size()},
            {"ok", status["ok"]},
            {"feasible", feasible},
            {"refused", status["refused"]},
            {"failed", status["failed"]}}},
          {"fidelities", std::move(fidelity_list)},
          {"searches", searches_json(space, records, searches)},
          {"failures", std::move(failures)},
          {"constants", constants}};
}

std::string table_csv(const SweepSpace& space, const std::vector<const json*>& rows,
                      const json& summary) {
  std::set<std::string> front;
  for (const json& f : summary.at("fidelities"))
    for (const json& p : f.at("front")) front.insert(p.at("key"));
  std::vector<std::string> line{"key", "fidelity", "status", "feasible", "front"};
  for (const Axis& axis : space.axes) line.push_back(column_of(axis));
  for (const Metric& m : metrics()) {
    line.push_back(m.key);
    if (!m.interval.empty()) line.insert(line.end(), {m.key + ".low", m.key + ".high"});
  }
  line.emplace_back("reason");
  std::string text = csv_line(line);
  const json nothing = json::object();
  for (const json* row : rows) {
    const std::string key = row->at("key");
    line = {key, row->at("fidelity"), row->at("status"), row->at("feasible").dump(),
            front.count(key) != 0 ? "true" : "false"};
    for (const Axis& axis : space.axes) line.push_back(cell(row->at("point").at(axis.name())));
    const json& values = row->contains("metrics") ? row->at("metrics") : nothing;
    const json& intervals = row->contains("intervals") ? row->at("intervals") : nothing;
    for (const Metric& m : metrics()) {
      line.push_back(values.contains(m.key) ? cell(values.at(m.key)) : "");
      if (m.interval.empty()) continue;
      const bool has = intervals.contains(m.key);
      for (const std::size_t end : {0u, 1u})
        line.push_back(has ? cell(intervals.at(m.key).at(end)) : "");
    }
    line.push_back(row->at("reason"));
    text += csv_line(line);
  }
  return text;
}

}  // namespace lutsim::tools::sweep
