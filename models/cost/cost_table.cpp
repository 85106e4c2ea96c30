// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost_table.h"

#include <set>

#include "models/config/named.h"
#include "models/config/read_yaml.h"

namespace lutsim::models {

std::vector<spec::Problem> problems(const CostTableFile& file) {
  std::vector<spec::Problem> found;
  std::set<std::string> names;
  for (std::size_t i = 0; i < file.entries.size(); ++i) {
    const CostRow& row = file.entries[i];
    const std::string path = "entries." + std::to_string(i);
    if (!names.insert(row.name).second) {
      found.push_back({path + ".name", "= " + row.name + " stands in the table twice"});
    }
    if (!(row.low > 0) || !(row.low <= row.value) || !(row.value <= row.high)) {
      found.push_back({path + ".value", "of " + row.name + " needs 0 < low <= value <= high"});
    }
    if (row.source.empty()) found.push_back({path + ".source", "of " + row.name + " is empty"});
  }
  return found;
}

CostTable::CostTable(const CostTableFile& file) {
  for (const CostRow& row : file.entries) rows_[row.name] = row;
}

CostTable load_cost_table(const std::string& name_or_path) {
  return CostTable(config::read_yaml<CostTableFile>(
      config::find_named(config::kCostFolder, name_or_path, "cost table")));
}

}  // namespace lutsim::models
