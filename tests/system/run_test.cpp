// SPDX-License-Identifier: Apache-2.0
// The main job, end to end, through the command.
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/support/outside_data.h"
#include "tests/system/command.h"

namespace lutsim::test {
namespace {

const char* const kFunctional =
    "run --functional --group-size 36 --prompt 'In the beginning' --generate-tokens 16 --gpu '' "
    "--json --model kjv-1m ";

void expect_same_run(const CommandResult& model, const CommandResult& rtl) {
  ASSERT_EQ(model.status, 0) << model.err;
  ASSERT_EQ(rtl.status, 0) << rtl.err;
  const auto m = model.json(), r = rtl.json();
  EXPECT_EQ(m["golden"]["equal"], true);
  EXPECT_EQ(r["golden"]["equal"], true);
  EXPECT_GT(m["golden"]["values"], 100000);
  EXPECT_EQ(m["output"], r["output"]);
  EXPECT_EQ(m["cycles"], r["cycles"]);
  EXPECT_EQ(m["energy_j"], r["energy_j"]);
}

TEST(Run, EmbeddedModelGivesTheSameTokensAndCyclesFromModelAndRtl) {
  expect_same_run(lutsim(kFunctional), lutsim(std::string(kFunctional) + "--engine-impl rtl"));
}

TEST(Run, AnOddMachineGivesTheSameTokensAndCyclesFromModelAndRtl) {
  const std::string odd = std::string(kFunctional) + "--arch odd ";
  expect_same_run(lutsim(odd), lutsim(odd + "--engine-impl rtl"));
}

TEST(Run, AMachineOfThePublishedKindGivesTheSameTokensAndCyclesFromModelAndRtl) {
  const std::string figlut = std::string(kFunctional) + "--arch figlut-lut-i ";
  expect_same_run(lutsim(figlut), lutsim(figlut + "--engine-impl rtl"));
}

TEST(Run, Stories260kGivesTheSameTokensAndCyclesFromModelAndRtl) {
  const auto data = outside_data();
  if (!std::filesystem::exists(data))
    GTEST_SKIP() << "LUTSIM_DATA is not set and ../shared/data does not exist";
  const std::string line =
      "run --functional --group-size 32 --prompt 'Once upon a time' "
      "--generate-tokens 64 --gpu '' --json --model " +
      (data / "model/stories260K.bin").string();
  expect_same_run(lutsim(line), lutsim(line + " --engine-impl rtl"));
}

TEST(Run, TimingModeTakesTheTimeOfFunctionalMode) {
  const auto functional = lutsim(kFunctional);
  std::string timing = kFunctional;
  timing.erase(timing.find("--functional "), 13);
  const auto timed = lutsim(timing);
  ASSERT_EQ(timed.status, 0) << timed.err;
  EXPECT_EQ(timed.json()["time_s"], functional.json()["time_s"]);
  EXPECT_EQ(timed.json()["events"], functional.json()["events"]);
}

TEST(Run, WithoutShortcutsTheResultIsTheSame) {
  // Short transfers that no two channels share, and long ones.
  const std::string line = "run --gpu '' --json --generate-tokens 2 --cached-tokens 37 --model ";
  for (const std::string what : {"kjv-1m", "Llama-2-7b-hf --set memory.channels=3 --weight-bits 1",
                                 "kjv-1m --set system.chips=2",
                                 "kjv-1m --set system.chips=2 --set system.topology=switched"}) {
    const auto fast = lutsim(line + what);
    const auto exact = lutsim(line + what + " --exact");
    ASSERT_EQ(fast.status, 0) << fast.err;
    ASSERT_EQ(exact.status, 0) << exact.err;
    for (const char* key : {"time_s", "cycles", "energy_j", "traffic_bytes", "events"}) {
      EXPECT_EQ(fast.json()[key], exact.json()[key]) << what << ": " << key;
    }
  }
}

TEST(Run, TheResolvedConfigurationRunsAgainToTheSameResult) {
  const auto out = scratch_folder();
  const auto first = lutsim(std::string(kFunctional) + "--out " + out.string());
  ASSERT_EQ(first.status, 0) << first.err;
  const auto again = lutsim("run --json --config " + (out / "config.resolved.yaml").string());
  ASSERT_EQ(again.status, 0) << again.err;
  auto a = first.json(), b = again.json();
  for (auto* result : {&a, &b}) {
    (*result)["provenance"].erase("when");
    (*result)["provenance"].erase("command");
  }
  EXPECT_EQ(a, b);
  EXPECT_EQ(nlohmann::ordered_json::parse(read_text(out / "result.json"))["time_s"], a["time_s"]);
}

class Llama7b : public testing::Test {
 protected:
  const CommandResult run_ = lutsim("run --model llama-2-7b --weight-bits 4 --json");
  const nlohmann::ordered_json r_ = run_.status == 0 ? run_.json() : nlohmann::ordered_json();
};

TEST_F(Llama7b, ADecodeStepIsWithinTheMemoryBoundAndNeverBeatsIt) {
  ASSERT_EQ(run_.status, 0) << run_.err;
  const double bytes = r_["traffic_bytes"]["dram_read"].get<double>() +
                       r_["traffic_bytes"]["dram_write"].get<double>();
  const double bound = bytes / r_["dram"]["peak_bytes_per_s"].get<double>();
  EXPECT_GE(r_["time_s"]["total"].get<double>(), bound);
  EXPECT_GT(bytes, r_["workload"]["weight_bytes"].get<double>());
}

TEST_F(Llama7b, LutBroadcastLiftsBatchOneFromAnIdleArrayToTheMemoryBound) {
  ASSERT_EQ(run_.status, 0) << run_.err;
  // Weights of a pass are loaded a column a cycle and used for one: a lane works in one cycle
  // of 64.
  const auto plain =
      lutsim("run --model llama-2-7b --weight-bits 4 --engine figna --gpu '' --json");
  ASSERT_EQ(plain.status, 0) << plain.err;
  const auto stationary = plain.json()["utilization"], broadcast = r_["utilization"];
  EXPECT_GT(stationary["matrix"], 0.95);
  EXPECT_LT(stationary["matrix_lanes"], 1.0 / 64);
  EXPECT_GT(stationary["matrix_lanes"], 0.9 / 64);
  EXPECT_LT(stationary["dram_bandwidth"], 0.1);
  EXPECT_GT(broadcast["dram_bandwidth"], 0.7);
}

TEST_F(Llama7b, PrunedWeightsMoveTheirCodeAndTooFewDecodersStallThem) {
  ASSERT_EQ(run_.status, 0) << run_.err;
  const std::string line =
      "run --model llama-2-7b --weight-bits 4 --gpu '' --json --sparsity 0.9 --set "
      "decoder.decoders=";
  const auto many = lutsim(line + "512"), few = lutsim(line + "32");
  ASSERT_EQ(many.status, 0) << many.err;
  ASSERT_EQ(few.status, 0) << few.err;
  // Planes of 4 bits shrink to about a tenth and a mask of 1 bit; scales, LM head and cache stay.
  EXPECT_LT(many.json()["traffic_bytes"]["dram_read"].get<double>(),
            0.6 * r_["traffic_bytes"]["dram_read"].get<double>());
  EXPECT_LT(many.json()["time_s"]["total"], r_["time_s"]["total"]);
  const auto events = few.json()["events"];
  const double cycles = (events["decoder.block"]["count"].get<double>() +
                         events["decoder.patch"]["count"].get<double>()) /
                        32;
  EXPECT_GT(few.json()["cycles"]["total"].get<double>(), cycles);
  EXPECT_LT(few.json()["cycles"]["total"].get<double>(), 1.5 * cycles) << "they set the pace";
  EXPECT_GT(few.json()["energy_j"]["decoder"], 0);
  const auto none = lutsim("run --model llama-2-7b --sparsity 0.9");
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, testing::HasSubstr("decoder.decoders = 0"));
}

TEST_F(Llama7b, TheEnergyPartsAddUpToTheTotal) {
  ASSERT_EQ(run_.status, 0) << run_.err;
  double sum = 0;
  for (const auto& [name, joules] : r_["energy_j"].items()) {
    if (name != "total") sum += joules.get<double>();
  }
  EXPECT_NEAR(sum, r_["energy_j"]["total"].get<double>(), 1e-12 * sum);
}

TEST_F(Llama7b, TheRatioComesWithItsIntervalAndFiveConstants) {
  ASSERT_EQ(run_.status, 0) << run_.err;
  const auto& c = r_["comparison"];
  EXPECT_LE(c["interval"][0], c["power_efficiency_ratio"]);
  EXPECT_GE(c["interval"][1], c["power_efficiency_ratio"]);
  EXPECT_EQ(c["most_sensitive"].size(), 5u);
  EXPECT_EQ(r_["gpus"].size(), 12u) << "two GPUs, two precisions, three lines";
}

/// Every energy, power and efficiency has an interval under the same key.
TEST_F(Llama7b, EveryEnergyPowerAndRatioHasAnInterval) {
  ASSERT_EQ(run_.status, 0) << run_.err;
  const auto inside = [](double value, const nlohmann::ordered_json& interval,
                         const std::string& at) {
    EXPECT_LE(interval.at(0).get<double>(), value) << at;
    EXPECT_GE(interval.at(1).get<double>(), value) << at;
  };
  for (const char* section : {"energy_j", "power_w", "efficiency"}) {
    ASSERT_EQ(r_["intervals"][section].size(), r_[section].size()) << section;
    for (const auto& [name, value] : r_[section].items()) {
      const auto& interval = r_["intervals"][section][name];
      inside(value, interval, std::string(section) + "." + name);
      if (value > 0) {
        EXPECT_LT(interval[0], interval[1]) << name;
      }
    }
  }
  ASSERT_EQ(r_["intervals"]["events"].size(), r_["events"].size());
  for (const auto& [name, event] : r_["events"].items()) {
    inside(event["joules"], r_["intervals"]["events"][name], name);
  }
  for (const auto& g : r_["gpus"]) {
    inside(g["comparison"]["speed_ratio"], g["comparison"]["speed_interval"], g["name"]);
    inside(g["comparison"]["power_efficiency_ratio"], g["comparison"]["interval"], g["name"]);
    for (const char* key : {"tokens_per_s", "tokens_per_j"}) {
      EXPECT_EQ(g["intervals"][key]["value"], g[key]);
    }
  }
}

TEST_F(Llama7b, EveryConstantHasASourceAndARange) {
  ASSERT_EQ(run_.status, 0) << run_.err;
  ASSERT_FALSE(r_["provenance"]["constants"].empty());
  for (const auto& c : r_["provenance"]["constants"]) {
    EXPECT_FALSE(c["source"].get<std::string>().empty()) << c["name"];
    EXPECT_LE(c["low"], c["value"]) << c["name"];
    EXPECT_GE(c["high"], c["value"]) << c["name"];
  }
}

/// An event that is counted and has no constants ends the run; ERT without a base are such tables.
TEST(Run, AnEventWithoutAnEntryEndsTheRun) {
  const auto out = scratch_folder();
  const std::string table = (out / "bare.yaml").string();
  std::ofstream(out / "ert.yaml") << "ERT: {version: 0.4, tables: [{name: chip.dram, actions: "
                                     "[{name: activate, energy: 900}]}]}\n";
  const auto made =
      lutsim("energy import --ert " + (out / "ert.yaml").string() + " --out " + table);
  ASSERT_EQ(made.status, 0) << made.err;
  const auto run = lutsim("run --model kjv-1m --gpu '' --set energy_table=" + table);
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, testing::HasSubstr("energy table 'bare' has no entry"));
}

/// Through files: what the machine would cost with the tables that it wrote itself.
TEST(Run, ExportedTablesGiveTheSameEnergyAndArea) {
  const auto out = scratch_folder();
  const std::string ert = (out / "ert.yaml").string(), art = (out / "art.yaml").string(),
                    table = (out / "back.yaml").string();
  ASSERT_EQ(lutsim("energy export --ert " + ert + " --art " + art).status, 0);
  ASSERT_EQ(lutsim("energy import --ert " + ert + " --art " + art +
                   " --base literature-28nm --out " + table)
                .status,
            0);
  const std::string command = "run --json --gpu '' --model kjv-1m";
  const auto before = lutsim(command).json();
  const auto after = lutsim(command + " --set energy_table=" + table).json();
  for (const auto& [name, joules] : before["energy_j"].items()) {
    EXPECT_NEAR(after["energy_j"][name], joules, 1e-9 * before["energy_j"]["total"].get<double>())
        << name;
  }
  EXPECT_NEAR(after["area_mm2"]["total"], before["area_mm2"]["total"], 1e-9);
}

TEST(Run, PrefillOfALargeModelSpillsActivationsAndStillRuns) {
  const auto r =
      lutsim("run --model tiny-llama-1.1b --prompt-tokens 96 --generate-tokens 2 --gpu '' --json");
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_GT(r.json()["time_s"]["prefill"], r.json()["time_s"]["tpot"]);
  EXPECT_GT(r.json()["traffic_bytes"]["dram_write"], 1000000);
}

TEST(Run, BatchedDecodeMovesTheWeightsOnce) {
  const auto one = lutsim("run --model tiny-llama-1.1b --gpu '' --json").json();
  const auto eight = lutsim("run --model tiny-llama-1.1b --batch 8 --gpu '' --json").json();
  EXPECT_LT(eight["traffic_bytes"]["dram_read"].get<double>(),
            2 * one["traffic_bytes"]["dram_read"].get<double>());
}

TEST(Run, AModelWithLayerNormAndBiasesRunsAgainstAGpu) {
  const auto r = lutsim("run --model OPT-6.7b --gpu h100-sxm --json");
  ASSERT_EQ(r.status, 0) << r.err;
  const auto json = r.json();
  EXPECT_GT(json["traffic_bytes"]["dram_read"], json["workload"]["weight_bytes"]);
  EXPECT_GT(json["operators"]["layer_norm"]["vector_s"], 0);
  EXPECT_EQ(json["gpus"].size(), 6u);
}

TEST(Run, ASkewedRouterUsesFewerExperts) {
  const std::string line = "run --model Qwen3-30B-A3B --batch 4 --gpu '' --json";
  const auto even = lutsim(line), skewed = lutsim(line + " --expert-skew 3");
  ASSERT_EQ(even.status, 0) << even.err;
  ASSERT_EQ(skewed.status, 0) << skewed.err;
  EXPECT_LT(skewed.json()["workload"]["weight_bytes"].get<double>(),
            0.9 * even.json()["workload"]["weight_bytes"].get<double>());
}

TEST(Run, ATaskSwitchOfScalesCostsAFractionOfReloadingTheWeights) {
  const std::string line = "run --model tiny-llama-1.1b --gpu '' --json ";
  const auto none = lutsim(line).json();
  const auto scales = lutsim(line + "--generate-tokens 0 --task-switch scales");
  const auto weights = lutsim(line + "--generate-tokens 0 --task-switch weights").json();
  ASSERT_EQ(scales.status, 0) << scales.err;
  const auto alone = scales.json();
  // 4 bits and groups of 128: 12 B of scales and offset beside 64 B of planes.
  const double bytes = alone["workload"]["task_switch_bytes"];
  EXPECT_NEAR(weights["workload"]["task_switch_bytes"].get<double>() / bytes, 76.0 / 12, 0.01);
  // Every byte is read and written.
  EXPECT_NEAR(alone["traffic_bytes"]["dram_read"].get<double>() / bytes, 1, 0.01);
  EXPECT_NEAR(alone["traffic_bytes"]["dram_write"].get<double>() / bytes, 1, 0.01);
  EXPECT_EQ(alone["workload"]["multiply_adds"], 0);
  EXPECT_GT(alone["time_s"]["total"], alone["bounds_s"]["memory"]);
  const double time_ratio =
      weights["time_s"]["total"].get<double>() / alone["time_s"]["total"].get<double>();
  EXPECT_NEAR(time_ratio, 76.0 / 12, 0.3);

  // In front of a pass it costs as much, but for what overlaps.
  const auto together = lutsim(line + "--task-switch scales").json();
  const double extra =
      together["time_s"]["ttft"].get<double>() - none["time_s"]["ttft"].get<double>();
  EXPECT_NEAR(extra / alone["time_s"]["total"].get<double>(), 1, 0.1);
  EXPECT_NEAR(
      (together["energy_j"]["total"].get<double>() - none["energy_j"]["total"].get<double>()) /
          alone["energy_j"]["total"].get<double>(),
      1, 0.1);
}

TEST(Run, AFunctionalRunAfterATaskSwitchComputesTheSame) {
  const auto without = lutsim(kFunctional);
  const auto with = lutsim(std::string(kFunctional) + "--task-switch scales");
  ASSERT_EQ(with.status, 0) << with.err;
  EXPECT_EQ(with.json()["golden"], without.json()["golden"]);
  EXPECT_EQ(with.json()["output"], without.json()["output"]);
  EXPECT_GT(with.json()["time_s"]["ttft"], without.json()["time_s"]["ttft"]);
}

TEST(Run, ATaskSwitchAcrossChipsMovesThePartOfEach) {
  const std::string line =
      "run --model tiny-llama-1.1b --gpu '' --json --generate-tokens 0 --task-switch scales ";
  const auto one = lutsim(line).json(), two = lutsim(line + "--set system.chips=2").json();
  EXPECT_EQ(one["workload"]["task_switch_bytes"], two["workload"]["task_switch_bytes"]);
  EXPECT_NEAR(one["time_s"]["total"].get<double>() / two["time_s"]["total"].get<double>(), 2, 0.1);
}

TEST(Run, AnAdapterSpeaksItsTaskAndTheBaseStaysAsItWas) {
  const auto folder = scratch_folder();
  const std::string base = (folder / "base.bcq").string(),
                    task = (folder / "task.adapter").string();
  const std::string text = std::string(LUTSIM_SOURCE_DIR) + "/workloads/embedded/calibration.txt";
  ASSERT_EQ(
      lutsim("quantize kjv-1m --method rtn --weight-bits 2 --group-size 36 --out " + base).status,
      0);
  const auto trained = lutsim("adapt " + base + " --text " + text +
                              " --items 8 --steps 8 --rate 0.02 --out " + task);
  ASSERT_EQ(trained.status, 0) << trained.err;
  const std::string before = read_text(base);
  const std::string line =
      "run --functional --prompt 'In the beginning' --generate-tokens 12 --gpu '' --json --model " +
      base;
  const auto plain = lutsim(line), adapted = lutsim(line + " --adapter " + task),
             on_rtl = lutsim(line + " --adapter " + task + " --engine-impl rtl");
  ASSERT_EQ(adapted.status, 0) << adapted.err;
  EXPECT_EQ(adapted.json()["golden"]["equal"], true);
  EXPECT_EQ(on_rtl.json()["output"], adapted.json()["output"]);
  EXPECT_NE(adapted.json()["output"], plain.json()["output"]);
  // Scales have no influence on time.
  EXPECT_EQ(adapted.json()["cycles"], plain.json()["cycles"]);
  EXPECT_EQ(read_text(base), before);

  // Planes of its own: the adapter is none of theirs.
  const std::string other = (folder / "other.bcq").string();
  ASSERT_EQ(
      lutsim("quantize kjv-1m --method rtn --weight-bits 3 --group-size 36 --out " + other).status,
      0);
  const auto refused = lutsim("run --functional --gpu '' --model " + other + " --adapter " + task);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, testing::HasSubstr("task.adapter"));
  EXPECT_EQ(lutsim("run --model llama-2-7b --adapter " + task).status, 2);
}

TEST(Run, QualityIsThatOfEvalInTheSameArithmetic) {
  const std::string text = std::string(LUTSIM_SOURCE_DIR) + "/workloads/embedded/held_out.txt";
  const std::string model = "kjv-1m --weight-bits 3 --group-size 36 ";
  const auto run = lutsim("run --model " + model +
                          "--prompt In --generate-tokens 1 --gpu '' --json --arch figlut-figna "
                          "--kv-bits 4 --quality-text " +
                          text + " --quality-items 2");
  ASSERT_EQ(run.status, 0) << run.err;
  const auto eval = lutsim("eval " + model + "--json --arch figlut-figna --engine figna " +
                           "--kv-format int4 --text " + text + " --items 2");
  ASSERT_EQ(eval.status, 0) << eval.err;
  EXPECT_EQ(run.json()["quality"]["nll_per_token"], eval.json()["nll_per_token"]);
  EXPECT_EQ(run.json()["quality"]["perplexity"], eval.json()["perplexity"]);
  EXPECT_FALSE(lutsim(std::string(kFunctional)).json().contains("quality"));

  const auto shape = lutsim("run --model llama-2-7b --weight-bits 4 --gpu '' --json").json();
  EXPECT_GT(shape["quality"]["perplexity_ratio"], 1);
  EXPECT_LT(shape["quality"]["perplexity_ratio"], 1.1);
  EXPECT_EQ(lutsim("run --model llama-2-7b --quality-text " + text).status, 2);

  const auto seen =
      lutsim("run --model " + model + "--prompt In --gpu '' --quality-text nowhere.txt");
  EXPECT_EQ(seen.status, 2);
  EXPECT_THAT(seen.err, testing::HasSubstr("nowhere.txt"));
}

TEST(Run, NothingToGenerateNeedsATaskSwitch) {
  const auto r = lutsim("run --model tiny-llama-1.1b --generate-tokens 0");
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, testing::HasSubstr("task_switch"));
}

TEST(Gpu, RunsEveryModelOfTheTable) {
  for (const char* model : {"gpt2", "Gemma-2-9b", "Mixtral-8x7B-v0.1", "deepseek-v3"}) {
    const auto r = lutsim(std::string("gpu --gpu h100-sxm --json --model '") + model + "'");
    ASSERT_EQ(r.status, 0) << model << r.err;
    EXPECT_GT(r.json()["time_s"], 0) << model;
  }
}

TEST(Explain, SaysWhatBoundsARun) {
  const auto out = scratch_folder();
  ASSERT_EQ(lutsim("run --model tiny-llama-1.1b --gpu '' --out " + out.string()).status, 0);
  const auto r = lutsim("explain " + out.string());
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.out, testing::HasSubstr("Bound by"));
  EXPECT_THAT(r.out, testing::HasSubstr("wait memory"));
}

TEST(Trace, CapturedFromAnExecutionItRunsAgainToTheSameTime) {
  const auto folder = scratch_folder();
  const std::string trace = (folder / "kjv.trace.json").string();
  ASSERT_EQ(lutsim("trace capture --model kjv-1m --group-size 36 --prompt 'In the beginning' "
                   "--generate-tokens 4 --out " +
                   trace)
                .status,
            0);
  std::ofstream(folder / "w.yaml") << "schema: lutsim.workload/1\ntrace: " << trace << "\n";
  const auto from_trace = lutsim("run --gpu '' --json --workload " + (folder / "w.yaml").string());
  ASSERT_EQ(from_trace.status, 0) << from_trace.err;
  const auto direct = lutsim(
      "run --gpu '' --json --group-size 36 --prompt 'In the beginning' "
      "--generate-tokens 4 --model kjv-1m");
  EXPECT_EQ(from_trace.json()["time_s"], direct.json()["time_s"]);
}

}  // namespace
}  // namespace lutsim::test
