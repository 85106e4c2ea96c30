// SPDX-License-Identifier: Apache-2.0
// From a profile to a run against the GPU that was measured.
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/support/outside_data.h"
#include "tests/system/command.h"

namespace lutsim::test {
namespace {

using testing::HasSubstr;

std::string sample(const std::string& name) {
  return std::string(LUTSIM_SOURCE_DIR) + "/tests/workloads/trace/import/samples/" + name;
}

TEST(TraceImport, AProfileBecomesTheMeasuredGpuOfARun) {
  const auto folder = scratch_folder();
  const std::string trace = (folder / "imported.json").string();
  const auto imported = lutsim("trace import " + sample("profile.json") +
                               " --weight-bits 4 --group-size 8 --json --out " + trace);
  ASSERT_EQ(imported.status, 0) << imported.err;
  EXPECT_EQ(imported.json()["schema"], "lutsim.trace_import/1");
  EXPECT_EQ(imported.json()["unknown"].size(), 2u);
  const std::string workload = (folder / "w.yaml").string();
  std::ofstream(workload) << "schema: lutsim.workload/1\ntrace: " << trace << "\n";
  const auto run = lutsim("run --json --workload " + workload);
  ASSERT_EQ(run.status, 0) << run.err;
  const auto result = run.json();
  EXPECT_EQ(result["gpu"]["source"], "measured");
  EXPECT_EQ(result["gpu"]["name"], "h100-sxm");
  EXPECT_EQ(result["gpu"]["precision"], "bf16");
  EXPECT_EQ(result["gpu"]["line"], "served");
  EXPECT_NEAR(result["gpu"]["time_s"].get<double>(), 133e-6, 1e-12);
  EXPECT_NEAR(result["gpus"][1]["time_s"].get<double>(), 111e-6, 1e-12);
  EXPECT_EQ(result["gpus"][2]["source"], "model");
  const double power = result["gpu"]["power_w"], energy = result["gpu"]["energy_j"];
  EXPECT_NEAR(energy, power * 133e-6, 1e-9 * energy);
  const double speed = result["throughput"]["tokens_per_s"];
  EXPECT_NEAR(result["comparison"]["speed_ratio"].get<double>(), speed / (2 / 133e-6), 1e-9);
  EXPECT_GT(result["time_s"]["prefill"], 0.0);
  const auto table = lutsim("run --workload " + workload);
  EXPECT_THAT(table.out, HasSubstr("(measured)"));
}

TEST(TraceImport, AMeasuredPartOfUnknownPowerHasNoJoules) {
  const auto folder = scratch_folder();
  std::string text = read_text(sample("profile.json"));
  text.replace(text.find("NVIDIA H100 80GB HBM3"), 21, "Unheard-of accelerator");
  std::ofstream(folder / "profile.json") << text;
  const std::string trace = (folder / "imported.json").string();
  ASSERT_EQ(lutsim("trace import " + (folder / "profile.json").string() + " --out " + trace).status,
            0);
  const std::string workload = (folder / "w.yaml").string();
  std::ofstream(workload) << "schema: lutsim.workload/1\ntrace: " << trace << "\n";
  const auto run = lutsim("run --json --workload " + workload);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.json()["gpu"]["name"], "Unheard-of accelerator");
  EXPECT_TRUE(run.json()["gpu"]["energy_j"].is_null());
  EXPECT_TRUE(run.json()["comparison"]["power_efficiency_ratio"].is_null());
  EXPECT_EQ(lutsim("run --workload " + workload).status, 0);
}

TEST(TraceImport, ABadFileIsRefusedAndNothingIsWritten) {
  const auto folder = scratch_folder();
  const std::string out = (folder / "out.json").string();
  const std::string whole = read_text(sample("profile.json"));
  std::ofstream(folder / "cut.json") << whole.substr(0, whole.size() / 2);
  const auto cut =
      lutsim("trace import " + (folder / "cut.json").string() + " --json --out " + out);
  EXPECT_EQ(cut.status, 2);
  EXPECT_THAT(cut.err, HasSubstr("column"));
  EXPECT_EQ(cut.out, "");
  EXPECT_FALSE(std::filesystem::exists(out));
  const auto wrong = lutsim("trace import " + sample("gemms.csv") + " --format kinetto");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'kineto'"));
}

TEST(TraceImport, AReplayWithoutItsCaptureGivesAReportAndNoTimes) {
  const auto data = outside_data();
  const auto file =
      data / "op_traces/tracelens/inference_sglang_decode_sglang_Qwen3-8B_decode.json.gz";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << "LUTSIM_DATA is not set and ../shared/data does not exist";
  }
  const auto imported = lutsim("trace import --json " + file.string());
  ASSERT_EQ(imported.status, 0) << imported.err;
  EXPECT_EQ(imported.json()["measured"], false);
  EXPECT_EQ(imported.json()["device"], "AMD Instinct MI300X");
}

}  // namespace
}  // namespace lutsim::test
