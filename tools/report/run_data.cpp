// SPDX-License-Identifier: Apache-2.0
#include "models/config/diagnostics.h"
#include "tools/report/report_data.h"
#include "tools/report/timeline_data.h"
#include "tools/run/energy_explanation.h"
#include "tools/run/read_result.h"
#include "tools/run/text_report.h"
#include "tools/support/read_file.h"

namespace lutsim::tools::report {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

ReportData run_data(const fs::path& what) {
  const fs::path folder = fs::is_directory(what) ? what : what.parent_path();
  const json result = read_result(what.string());
  const auto energy = explain_energy(result, what.string(), {}, {});
  json data = {{"kind", "run"},
               {"bound_by", bottleneck(result)},
               {"result", result},
               {"energy", energy_explanation_json(result, energy)}};
  // A result file alone is enough; what stands beside it is shown as well.
  const fs::path config = folder / "config.resolved.yaml", trace = folder / "timeline.json";
  if (fs::exists(config)) data["config"] = read_file(config);
  if (fs::exists(trace)) {
    try {
      data["timeline"] = timeline_data(json::parse(read_file(trace)));
    } catch (const json::exception& error) {
      throw config::InputError(trace.string(),
                               std::string("is no timeline of a run: ") + error.what());
    }
  }
  const json& workload = result.at("workload");
  return {workload.at("model").get<std::string>() + " on " +
              result.at("architecture").at("name").get<std::string>(),
          std::move(data), folder / "report.html"};
}

}  // namespace lutsim::tools::report
