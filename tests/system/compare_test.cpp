// SPDX-License-Identifier: Apache-2.0
/// `lutsim compare`: accelerators in processes of their own, finished runs, GPUs.
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/system/command.h"

namespace lutsim::test {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

TEST(Compare, AFinishedRunAndItsSimulationAreEqualAndAGpuIsBehind) {
  const auto folder = scratch_folder() / "run";
  ASSERT_EQ(
      lutsim("run --model opt-125m --arch edge-chip --gpu '' --out " + folder.string()).status, 0);
  const auto result = lutsim("compare " + folder.string() +
                             " edge-chip edge-chip-figna a100-80gb:fp16 --jobs 2 --json");
  ASSERT_EQ(result.status, 0) << result.err;
  const auto candidates = result.json().at("candidates");
  ASSERT_EQ(candidates.size(), 4u);
  const auto of = [&candidates](const std::string& name) -> ordered_json {
    for (const auto& c : candidates) {
      if (c.at("candidate") == name) return c;
    }
    return {};
  };
  EXPECT_EQ(of(folder.string()).at("values").at("energy_per_token"),
            of("edge-chip").at("values").at("energy_per_token"));
  EXPECT_EQ(candidates[3].at("candidate"), "a100-80gb:fp16:served");
  EXPECT_GT(candidates[3].at("behind_first").get<double>(), 2);

  const auto run = ordered_json::parse(read_text(folder / "result.json"));
  const ordered_json energy = of("edge-chip").at("values").at("energy_per_token");
  EXPECT_DOUBLE_EQ(energy.at("value").get<double>(), run.at("energy_j").at("total").get<double>());
  EXPECT_NEAR(energy.at("interval").at(1).get<double>(),
              run.at("energy_interval_j").at(1).get<double>(), 1e-12);

  const auto other = lutsim("compare " + folder.string() + " edge-chip --model opt-125m --batch 2");
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("did other work than"));
}

TEST(Compare, WhatDoesNotFitIsOutAndNobodyAdmissibleIsStatus1) {
  const auto result = lutsim(
      "compare edge-chip lpddr-chip --model llama-2-13b-hf --weight-bits 8 "
      "--require 'tpot<=1us' --json");
  EXPECT_EQ(result.status, 1) << result.err;
  const auto candidates = result.json().at("candidates");
  for (const auto& c : candidates) EXPECT_TRUE(c.at("rank").is_null());
  EXPECT_THAT(candidates.dump(), HasSubstr("too little"));
  EXPECT_THAT(candidates.dump(), HasSubstr("not <= 1.00 us"));
  EXPECT_EQ(lutsim("compare").status, 2);
  EXPECT_EQ(lutsim("compare lpddr-chip").status, 2);
  EXPECT_EQ(lutsim("compare lpddr-chip --model opt-125m --objective speed").status, 2);
}

}  // namespace
}  // namespace lutsim::test
