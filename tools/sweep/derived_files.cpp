// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/derived_files.h"

#include <map>
#include <set>

#include "models/config/diagnostics.h"
#include "tools/output/output_directory.h"
#include "tools/support/read_file.h"
#include "tools/sweep/sqlite_table.h"

namespace lutsim::tools::sweep {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

/// Every definition that a record of the folder names, by name.
json constants_of(const fs::path& folder, const Records& records) {
  std::set<std::string> files;
  for (const auto& entry : records)
    if (entry.second.contains("constants")) files.insert(entry.second.at("constants"));
  std::map<std::string, json> by_text;
  for (const std::string& name : files) {
    const fs::path file = folder / "constants" / (name + ".json");
    const json list = json::parse(read_file(file), nullptr, false);
    if (!list.is_array()) throw config::InputError(file.string(), "is absent or damaged");
    for (const json& c : list) by_text.emplace(c.at("name").get<std::string>() + c.dump(), c);
  }
  json constants = json::array();
  for (auto& entry : by_text) constants.push_back(std::move(entry.second));
  return constants;
}

}  // namespace

void write_derived(const SweepSpace& space, const fs::path& folder, const Records& records,
                   const PlanCounts& counts, const std::vector<SearchPath>& searches,
                   SweepOutcome& outcome) {
  const auto rows = sorted_records(space, records);
  outcome.summary = summary_of(space, records, counts, searches, constants_of(folder, records));
  outcome.text = summary_text(space, outcome.summary, records);
  outcome.failed = outcome.summary.at("counts").at("failed");
  std::string lines;
  std::vector<const json*> front;
  std::set<std::string> front_keys;
  for (const json& f : outcome.summary.at("fidelities"))
    for (const json& p : f.at("front")) front_keys.insert(p.at("key"));
  for (const json* row : rows) {
    lines += row->dump() + "\n";
    if (front_keys.count(row->at("key")) != 0) front.push_back(row);
  }
  OutputDirectory output(folder);
  output.add("results.jsonl", lines);
  output.add("results.csv", table_csv(space, rows, outcome.summary));
  output.add("front.csv", table_csv(space, front, outcome.summary));
  output.add("summary.json", outcome.summary.dump(2) + "\n");
  output.add("summary.txt", outcome.text);
  output.commit();
  write_sqlite(folder / "results.sqlite", space, rows, outcome.summary);
}

fs::path shard_file(const fs::path& folder, const Shard& shard) {
  return folder / ("shard-" + shard.name() + ".json");
}

}  // namespace lutsim::tools::sweep
