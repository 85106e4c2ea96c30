// SPDX-License-Identifier: Apache-2.0
#include "tools/report/report_data.h"

#include "models/config/diagnostics.h"
#include "tools/support/read_file.h"

namespace lutsim::tools::report {

namespace fs = std::filesystem;

namespace {

/// Schema of a JSON file; empty when it has none or is none.
std::string schema_of(const fs::path& file) {
  const auto json = nlohmann::ordered_json::parse(read_file(file), nullptr, false);
  return json.is_object() && json.contains("schema") && json.at("schema").is_string()
             ? json.at("schema").get<std::string>()
             : "";
}

}  // namespace

ReportData report_data(const fs::path& what) {
  if (!fs::exists(what)) {
    throw config::InputError(what.string(), "does not exist",
                             "give the folder that --out of run, sweep or compare made");
  }
  if (!fs::is_directory(what)) {
    const std::string schema = schema_of(what);
    if (schema == "lutsim.comparison/1") return comparison_data(what);
    if (schema == "lutsim.sweep_summary/1") return sweep_data(what.parent_path());
    return run_data(what);  // which says what is wrong with anything else
  }
  if (fs::exists(what / "result.json")) return run_data(what);
  if (fs::exists(what / "comparison.json")) return report_data(what / "comparison.json");
  if (fs::exists(what / "space.yaml")) return sweep_data(what);
  throw config::InputError(what.string(),
                           "holds no run (result.json), sweep (space.yaml) or comparison "
                           "(comparison.json)");
}

}  // namespace lutsim::tools::report
