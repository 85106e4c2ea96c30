// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

/// What a report shows, read from what other commands wrote.
namespace lutsim::tools::report {

struct ReportData {
  std::string title;
  nlohmann::ordered_json data;  ///< of page()
  std::filesystem::path place;  ///< where the page is written when nobody says otherwise
};

/// Of the folder of a run, a sweep or a comparison, or of its result file. Throws
/// config::InputError.
ReportData report_data(const std::filesystem::path& what);

/// The folder or file of a run; the folder of a sweep; comparison.json, which is one.
ReportData run_data(const std::filesystem::path& what);
ReportData sweep_data(const std::filesystem::path& folder);
ReportData comparison_data(const std::filesystem::path& file);

}  // namespace lutsim::tools::report
