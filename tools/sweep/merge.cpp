// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "models/config/diagnostics.h"
#include "models/config/write_yaml.h"
#include "tools/support/read_file.h"
#include "tools/sweep/derived_files.h"
#include "tools/sweep/sweep.h"

namespace lutsim::tools::sweep {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

/// One point at one fidelity has one key, unless the program or a file changed on the way.
void refuse_two_results(const Records& records, const fs::path& folder) {
  std::set<std::string> seen;
  for (const auto& [key, record] : records) {
    const std::string point = record.at("fidelity").dump() + record.at("point").dump();
    if (!seen.insert(point).second)
      throw config::InputError(folder.string(),
                               "two results of the point " + record.at("point").dump() +
                                   ": the program or a file that it reads changed between them",
                               "run the shards into another folder");
  }
}

}  // namespace

SweepOutcome merge_sweep(const fs::path& folder) {
  const fs::path space_file = folder / "space.yaml";
  const auto files = record_files(folder);
  if (!fs::exists(space_file) || files.empty())
    throw config::InputError(folder.string(), "holds no sweep (space.yaml, results-*.jsonl)");
  const SweepSpace space = read_space(space_file);
  Records records;
  PlanCounts counts;
  std::string missing;
  for (const fs::path& file : files) {
    read_records(file, records);
    const std::string name = file.stem().string().substr(std::string("results-").size());
    const Shard shard = parse_shard(std::string(name).replace(name.find("-of-"), 4, "/"));
    for (Shard s{1, shard.count}; s.index <= s.count; ++s.index) {
      const json state = json::parse(read_file(shard_file(folder, s)), nullptr, false);
      const bool is_complete = state.is_object() && state.value("complete", false);
      if (!is_complete) counts.complete = false;
      if (!state.is_object()) continue;
      counts.proposed = state.at("proposed");  // every shard plans the whole
      counts.excluded = state.at("excluded");
      counts.duplicates = state.at("duplicates");
    }
  }
  refuse_two_results(records, folder);
  SweepOutcome outcome;
  write_derived(space, folder, records, counts, {}, outcome);
  return outcome;
}

std::string config_of_point(const fs::path& folder, const std::string& key) {
  const SweepSpace space = read_space(folder / "space.yaml");
  Records records;
  for (const fs::path& file : record_files(folder)) read_records(file, records);
  std::vector<const json*> found;
  for (const auto& [name, record] : records)
    if (name.rfind(key, 0) == 0) found.push_back(&record);
  if (found.size() != 1)
    throw config::InputError(
        key, found.empty() ? "no point has this key" : "more than one point has such a key");
  const json& record = *found.front();
  Fidelity fidelity = Fidelity::event;
  config::from_value(config::Value{record.at("fidelity").get<std::string>()}, fidelity);
  return config::write_yaml(
      run_of(space, point_of(space, record.at("point"), folder.string()), fidelity));
}

}  // namespace lutsim::tools::sweep
