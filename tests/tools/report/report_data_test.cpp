// SPDX-License-Identifier: Apache-2.0
#include "tools/report/report_data.h"

#include <gmock/gmock.h>

#include <fstream>

#include "models/config/diagnostics.h"
#include "tools/support/temporary_folder.h"

namespace lutsim::tools::report {
namespace {

using json = nlohmann::ordered_json;
using ::testing::HasSubstr;

std::string refusal(const std::filesystem::path& what) {
  try {
    report_data(what);
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "";
}

TEST(ReportData, SaysWhatItLooksFor) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal(folder.path() / "none"), HasSubstr("does not exist"));
  EXPECT_THAT(refusal(folder.path()), HasSubstr("holds no run (result.json)"));
  std::ofstream(folder.path() / "other.json") << "{\"schema\": \"lutsim.trace/1\"}";
  EXPECT_THAT(refusal(folder.path() / "other.json"), HasSubstr("lutsim.result/1"));
  std::ofstream(folder.path() / "result.json") << "no JSON";
  EXPECT_THAT(refusal(folder.path()), HasSubstr("is not JSON"));
}

TEST(ReportData, AComparisonIsFoundByItsFileAndItsFolder) {
  const TemporaryFolder folder;
  const json comparison = {{"schema", "lutsim.comparison/1"}, {"workload", {{"model", "m"}}}};
  std::ofstream(folder.path() / "comparison.json") << comparison;
  for (const auto& what : {folder.path(), folder.path() / "comparison.json"}) {
    const ReportData report = report_data(what);
    EXPECT_EQ(report.data.at("kind"), "comparison");
    EXPECT_EQ(report.data.at("comparison"), comparison);
    EXPECT_EQ(report.title, "hardware for m");
    EXPECT_EQ(report.place, folder.path() / "report.html");
  }
}

}  // namespace
}  // namespace lutsim::tools::report
