// SPDX-License-Identifier: Apache-2.0
// What a run was bound by, and what would change it.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/system/command.h"

namespace lutsim::test {
namespace {

using testing::HasSubstr;

TEST(Explain, RunsEveryResourceChangeAgain) {
  const auto out = scratch_folder();
  const auto run = lutsim(
      "run --gpu '' --arch odd --model kjv-1m --group-size 36 --prompt And --generate-tokens 1 "
      "--out " +
      out.string());
  ASSERT_EQ(run.status, 0) << run.err;
  const auto explained = lutsim("explain --what-if --json " + out.string());
  ASSERT_EQ(explained.status, 0) << explained.err;
  const auto answer = explained.json();
  ASSERT_GT(answer["what_if"].size(), 10u);
  double before = 0;
  for (const auto& change : answer["what_if"]) {
    ASSERT_FALSE(change.contains("error")) << change;
    EXPECT_GE(change["time_s"].get<double>(), before) << "fastest first";
    before = change["time_s"];
  }
  const auto result = nlohmann::ordered_json::parse(read_text(out / "result.json"));
  EXPECT_LT(answer["what_if"][0]["time_s"], result["time_s"]["total"]);
  const auto text = lutsim("explain --what-if --jobs 1 " + out.string());
  EXPECT_THAT(text.out, HasSubstr("What would change it"));
  EXPECT_THAT(text.out, HasSubstr(answer["what_if"][0]["change"].get<std::string>()));
}

TEST(Explain, WithoutAConfigurationNothingCanBeRunAgain) {
  const auto out = scratch_folder();
  const auto run =
      lutsim("run --gpu '' --model kjv-1m --group-size 36 --prompt And --generate-tokens 1 --out " +
             out.string());
  ASSERT_EQ(run.status, 0) << run.err;
  std::filesystem::remove(out / "config.resolved.yaml");
  EXPECT_EQ(lutsim("explain " + out.string()).status, 0);
  const auto explained = lutsim("explain --what-if " + out.string());
  EXPECT_EQ(explained.status, 2);
  EXPECT_THAT(explained.err, HasSubstr("config.resolved.yaml"));
}

/// The explanation and the result are two ways to the same numbers.
TEST(Explain, EnergyAddsUpAndTurnsWhereItSays) {
  const auto out = scratch_folder();
  const auto run = lutsim(
      "run --gpu a100-80gb --model kjv-1m --group-size 36 --prompt And --generate-tokens 1 --out " +
      out.string());
  ASSERT_EQ(run.status, 0) << run.err;
  const auto result = nlohmann::ordered_json::parse(read_text(out / "result.json"));
  const double ratio = result["comparison"]["power_efficiency_ratio"];
  const std::string statement = " --conclusion 'ratio>=" + std::to_string(0.9 * ratio) + "' ";
  const auto explained = lutsim("explain --energy --json" + statement + out.string());
  ASSERT_EQ(explained.status, 0) << explained.err;
  const auto e = explained.json();
  const double total = result["energy_j"]["total"];
  for (const char* part : {"by_event_j", "by_constant"}) {
    double sum = 0;
    for (const auto& row : e[part]) {
      sum += row.is_object() ? row["joules"].get<double>() : row.get<double>();
    }
    EXPECT_NEAR(sum / total, 1, 1e-12) << part;
  }
  EXPECT_NEAR(e["gpus"][0]["ratio"].get<double>() / ratio, 1, 1e-12);
  EXPECT_EQ(e["gpus"][0]["interval"], result["comparison"]["interval"]);
  EXPECT_TRUE(e["conclusion"]["holds"]);
  const auto& first = e["conclusion"]["crossovers"][0];
  ASSERT_FALSE(first["crossover"].is_null());
  EXPECT_TRUE(first["in_range"]) << first;
  const auto text = lutsim("explain --energy" + statement + out.string());
  EXPECT_THAT(text.out, HasSubstr("It turns at"));
  EXPECT_THAT(text.out, HasSubstr(first["name"].get<std::string>()));
  EXPECT_EQ(lutsim("explain --energy --conclusion ratio " + out.string()).status, 2);
  EXPECT_EQ(lutsim("explain --energy --against h100-sxm " + out.string()).status, 2);
}

TEST(Explain, SeveralChipsShowTheirLinks) {
  const auto out = scratch_folder();
  const auto run = lutsim(
      "run --gpu '' --model kjv-1m --group-size 36 --prompt And --generate-tokens 1 "
      "--set system.chips=2 --out " +
      out.string());
  ASSERT_EQ(run.status, 0) << run.err;
  const auto explained = lutsim("explain " + out.string());
  EXPECT_THAT(explained.out, HasSubstr("2 chips"));
  EXPECT_THAT(explained.out, HasSubstr("link_receive"));
  EXPECT_THAT(explained.out, HasSubstr("all_reduce"));
}

}  // namespace
}  // namespace lutsim::test
