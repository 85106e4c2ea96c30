// SPDX-License-Identifier: Apache-2.0
#include "tools/report/report_data.h"
#include "tools/support/read_file.h"

namespace lutsim::tools::report {

using json = nlohmann::ordered_json;

ReportData comparison_data(const std::filesystem::path& file) {
  json comparison = json::parse(read_file(file));
  const std::string title =
      "hardware for " + comparison.at("workload").at("model").get<std::string>();
  return {title,
          {{"kind", "comparison"}, {"comparison", std::move(comparison)}},
          file.parent_path() / "report.html"};
}

}  // namespace lutsim::tools::report
