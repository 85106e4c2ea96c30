// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <vector>

#include "models/config/diagnostics.h"
#include "tools/report/report_data.h"
#include "tools/support/read_file.h"
#include "tools/sweep/metrics.h"
#include "tools/sweep/store.h"

namespace lutsim::tools::report {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

/// Values of one column, one a point, in the shortest of three forms: {"all": value}, {"dict":
/// [values], "index": [of each point]} or {"list": [values]}. Null where a point has none.
json column_values(const std::vector<json>& values) {
  std::map<json, std::size_t> seen;
  json dictionary = json::array(), index = json::array();
  for (const json& value : values) {
    const auto [entry, is_new] = seen.emplace(value, seen.size());
    if (is_new) dictionary.push_back(value);
    index.push_back(entry->second);
    if (seen.size() > values.size() / 4 + 1) return {{"list", values}};
  }
  if (seen.size() == 1) return {{"all", dictionary.front()}};
  return {{"dict", std::move(dictionary)}, {"index", std::move(index)}};
}

/// Reads one value of each record.
template <class Read>
json column_of(const std::vector<json>& records, const Read& read) {
  std::vector<json> values;
  values.reserve(records.size());
  for (const json& record : records) values.push_back(read(record));
  return column_values(values);
}

json find(const json& record, const char* block, const std::string& key) {
  const auto values = record.find(block);
  if (values == record.end() || !values->contains(key)) return nullptr;
  return values->at(key);
}

/// Records as the merged file has them, or those of every shard so far.
std::vector<json> records_of(const fs::path& folder) {
  sweep::Records records;
  const fs::path merged = folder / "results.jsonl";
  std::vector<fs::path> files = sweep::record_files(folder);
  if (files.empty() && fs::exists(merged)) files.push_back(merged);
  for (const fs::path& file : files) sweep::read_records(file, records);
  std::vector<json> list;
  for (auto& [key, record] : records) list.push_back(std::move(record));
  return list;
}

json summary_of(const fs::path& folder) {
  const fs::path file = folder / "summary.json";
  const json summary = json::parse(read_file(file), nullptr, false);
  const bool is_summary =
      summary.is_object() && summary.value("schema", "") == "lutsim.sweep_summary/1";
  if (!is_summary) {
    throw config::InputError(file.string(), "is no summary of a sweep",
                             "lutsim sweep --resume or --merge writes it");
  }
  return summary;
}

/// Axes, then metrics that some point has.
json columns_of(const std::vector<json>& records, const json& summary) {
  json columns = json::array();
  for (const json& axis : summary.at("axes")) {
    const std::string name = axis.at("name");
    columns.push_back(
        {{"key", name},
         {"unit", axis.at("unit")},
         {"role", "axis"},
         {"meaning", axis.at("meaning")},
         {"values", column_of(records, [&](const json& r) { return find(r, "point", name); })}});
  }
  std::map<std::string, std::string> goals;
  for (const json& o : summary.at("objectives")) goals[o.at("key")] = o.at("goal");
  const json nothing = {{"all", nullptr}};
  for (const sweep::Metric& m : sweep::metrics()) {
    json values = column_of(records, [&](const json& r) { return find(r, "metrics", m.key); });
    if (values == nothing) continue;
    json column = {
        {"key", m.key}, {"unit", m.unit}, {"role", "metric"}, {"values", std::move(values)}};
    if (goals.count(m.key) != 0) column["goal"] = goals.at(m.key);
    const auto end_of = [&](std::size_t end) {
      return column_of(records, [&](const json& r) {
        const json interval = find(r, "intervals", m.key);
        return interval.is_null() ? json() : interval.at(end);
      });
    };
    if (!m.interval.empty()) {
      json low = end_of(0);
      if (low != nothing) {
        column["low"] = std::move(low);
        column["high"] = end_of(1);
      }
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace

ReportData sweep_data(const fs::path& folder) {
  json summary = summary_of(folder);
  const std::vector<json> records = records_of(folder);
  if (records.empty()) throw config::InputError(folder.string(), "holds no point of a sweep");
  std::set<std::string> front;
  for (const json& f : summary.at("fidelities"))
    for (const json& p : f.at("front")) front.insert(p.at("key"));
  const auto text = [&](const char* key) {
    return column_of(records, [&](const json& r) { return r.value(key, json()); });
  };
  json data = {{"kind", "sweep"},
               {"points", records.size()},
               {"folder", folder.lexically_normal().string()},
               {"keys", column_of(records, [](const json& r) { return r.at("key"); })},
               {"fidelity", text("fidelity")},
               {"status", text("status")},
               {"reason", text("reason")},
               {"feasible", text("feasible")},
               {"front", column_of(records,
                                   [&](const json& r) {
                                     return json(front.count(r.at("key").get<std::string>()) != 0);
                                   })},
               {"columns", columns_of(records, summary)},
               {"space", read_file(folder / "space.yaml")}};
  const std::string title = summary.at("name");
  // What the columns say already, or what only repeats the keys of the front.
  summary.erase("fidelities");
  data["summary"] = std::move(summary);
  return {title, std::move(data), folder / "report.html"};
}

}  // namespace lutsim::tools::report
