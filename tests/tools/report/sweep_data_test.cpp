// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>

#include "models/config/diagnostics.h"
#include "tools/report/report_data.h"
#include "tools/support/temporary_folder.h"

namespace lutsim::tools::report {
namespace {

using json = nlohmann::ordered_json;
using ::testing::HasSubstr;

/// Point `i` of a made-up sweep; the last one failed.
json record(int i, int count) {
  json r = {{"schema", "lutsim.point/1"},
            {"key", "k" + std::to_string(100 + i)},
            {"fidelity", "event"},
            {"point", {{"matrix.mu", i % 2 == 0 ? 2 : 4}}},
            {"status", "ok"},
            {"reason", ""},
            {"feasible", true}};
  if (i + 1 == count) {
    r["status"] = "failed";
    r["reason"] = "signal 11";
    r["feasible"] = false;
    return r;
  }
  r["metrics"] = {{"time_s.total", 0.1 + i}, {"energy_j.total", 2.0}};
  r["intervals"] = {{"energy_j.total", {1.0, 3.0 + i}}};
  return r;
}

class SweepData : public ::testing::Test {
 protected:
  void write(int count) {
    std::ofstream(folder() / "space.yaml") << "schema: lutsim.sweep/1\n";
    json summary = {
        {"schema", "lutsim.sweep_summary/1"},
        {"name", "small"},
        {"axes",
         {{{"name", "matrix.mu"}, {"unit", ""}, {"meaning", "what it is"}, {"values", {2, 4}}}}},
        {"objectives", {{{"key", "time_s.total"}, {"goal", "minimise"}, {"unit", "s"}}}},
        {"fidelities", {{{"fidelity", "event"}, {"front", {{{"key", "k100"}}}}}}}};
    std::ofstream(folder() / "summary.json") << summary;
    std::ofstream out(folder() / "results-1-of-1.jsonl");
    for (int i = 0; i < count; ++i) out << record(i, count).dump() << "\n";
  }
  std::filesystem::path folder() const { return folder_.path(); }
  std::string refusal() const {
    try {
      sweep_data(folder());
    } catch (const config::InputError& error) {
      return error.what();
    }
    return "";
  }

 private:
  TemporaryFolder folder_;
};

const json& column(const json& data, const std::string& key) {
  for (const json& c : data.at("columns"))
    if (c.at("key") == key) return c;
  throw std::out_of_range(key);
}

TEST_F(SweepData, ColumnsHoldEveryValueInTheirShortestForm) {
  write(12);
  const ReportData report = sweep_data(folder());
  const json& data = report.data;
  EXPECT_EQ(report.title, "small");
  EXPECT_EQ(report.place, folder() / "report.html");
  EXPECT_EQ(data.at("points"), 12);
  const json& mu = column(data, "matrix.mu");
  EXPECT_EQ(mu.at("role"), "axis");
  EXPECT_EQ(mu.at("values").at("dict"), json({2, 4}));
  EXPECT_EQ(mu.at("values").at("index"), json({0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}));
  const json& time = column(data, "time_s.total");
  EXPECT_EQ(time.at("unit"), "s");
  EXPECT_EQ(time.at("goal"), "minimise");
  EXPECT_EQ(time.at("values").at("list").at(3), 3.1);
  EXPECT_TRUE(time.at("values").at("list").at(11).is_null());
  EXPECT_FALSE(time.contains("low"));
  const json& energy = column(data, "energy_j.total");
  EXPECT_EQ(energy.at("high").at("list").at(2), 5.0);
  EXPECT_EQ(energy.at("low").at("dict").at(0), 1.0);
  EXPECT_EQ(data.at("fidelity"), json({{"all", "event"}}));
  EXPECT_EQ(data.at("front").at("dict"), json({true, false}));
  EXPECT_EQ(data.at("front").at("index").at(0), 0);
  EXPECT_EQ(data.at("keys").at("list").at(11), "k111");
}

TEST_F(SweepData, MetricsThatNoPointHasAreNoColumns) {
  write(4);
  EXPECT_EQ(sweep_data(folder()).data.at("columns").size(), 3u);
}

TEST_F(SweepData, AFolderWithoutASummaryIsRefusedWithTheWayOut) {
  write(4);
  std::filesystem::remove(folder() / "summary.json");
  EXPECT_THAT(refusal(), HasSubstr("--resume"));
  std::ofstream(folder() / "summary.json") << "{\"schema\": \"another\"}";
  EXPECT_THAT(refusal(), HasSubstr("is no summary of a sweep"));
}

TEST_F(SweepData, AFolderWithoutPointsIsRefused) {
  write(1);
  std::filesystem::remove(folder() / "results-1-of-1.jsonl");
  EXPECT_THAT(refusal(), HasSubstr("holds no point"));
}

}  // namespace
}  // namespace lutsim::tools::report
