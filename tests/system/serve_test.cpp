// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/outside_data.h"
#include "tests/system/command.h"

namespace lutsim::test {
namespace {

using json = nlohmann::ordered_json;

/// A model so small that its passes are simulated in no time.
constexpr const char* kSmall =
    "serve --model opt-125m --token-budget 16 --max-sequences 2 --max-context 256 --rate 1 "
    "--duration 8 --lengths azure-code --long-requests cut ";

std::string in_scratch(const std::filesystem::path& folder) {
  return " --cache " + (folder / "points").string();
}

TEST(Serve, ServesEveryRequestOnTheAcceleratorAndOnGpus) {
  const auto folder = scratch_folder();
  const std::string line = kSmall + std::string("--gpu a100-80gb --gpu-format fp16,int4 --out ") +
                           (folder / "out").string() + in_scratch(folder);
  const CommandResult first = lutsim(line + " --json");
  ASSERT_EQ(first.status, 0) << first.err;
  const json r = first.json();
  EXPECT_EQ(r.at("schema"), "lutsim.serving/1");
  ASSERT_EQ(r.at("devices").size(), 3u);
  const auto requests = r.at("workload").at("requests").get<std::uint64_t>();
  EXPECT_GT(requests, 0u);
  for (const json& d : r.at("devices")) {
    EXPECT_EQ(d.at("requests").at("finished"), requests) << d.at("name");
    EXPECT_EQ(d.at("tokens").at("output"), r.at("workload").at("output_tokens"));
    EXPECT_GT(d.at("energy_j").at("total").get<double>(), 0);
    const auto& interval = d.at("energy_j").at("interval");
    EXPECT_LE(interval.at(0), d.at("energy_j").at("total"));
    EXPECT_GE(interval.at(1), d.at("energy_j").at("total"));
    EXPECT_LE(d.at("ttft_s").at("p50"), d.at("ttft_s").at("p99"));
    // Power over time holds the same joules as the total.
    const double bin = d.at("power_w").at("bin_s"), span = d.at("time_s").at("makespan");
    double joules = 0, begin = 0;
    for (const json& watts : d.at("power_w").at("over_time")) {
      joules += watts.get<double>() * (std::min(span, begin + bin) - begin);
      begin += bin;
    }
    EXPECT_NEAR(joules / d.at("energy_j").at("total").get<double>(), 1, 1e-3) << d.at("name");
  }
  const json& c = r.at("comparisons").at(0);
  EXPECT_LE(c.at("interval").at(0), c.at("power_efficiency_ratio"));
  EXPECT_GE(c.at("interval").at(1), c.at("power_efficiency_ratio"));
  // Text, files, and the same numbers again from the resolved configuration and kept passes.
  EXPECT_NE(read_text(folder / "out/report.txt").find("Accelerator over GPU"), std::string::npos);
  const CommandResult again =
      lutsim("serve --json --config " + (folder / "out/config.resolved.yaml").string() +
             in_scratch(folder));
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_NE(again.err.find(" 0 passes simulated"), std::string::npos) << again.err;
  json a = r, b = again.json();
  for (json* j : {&a, &b}) {
    j->at("provenance").erase("when");
    j->at("provenance").erase("command");
  }
  EXPECT_EQ(a, b);
}

TEST(Serve, InterpolatedAndExactPassesAgree) {
  const auto folder = scratch_folder();
  const std::string line =
      "serve --model opt-125m --token-budget 16 --max-sequences 2 "
      "--max-context 128 --rate 1 --duration 3 --lengths azure-code "
      "--long-requests cut --json" +
      in_scratch(folder);
  const CommandResult interpolated = lutsim(line), exact = lutsim(line + " --exact");
  ASSERT_EQ(interpolated.status, 0) << interpolated.err;
  ASSERT_EQ(exact.status, 0) << exact.err;
  const json a = interpolated.json().at("devices").at(0), b = exact.json().at("devices").at(0);
  EXPECT_FALSE(b.contains("interpolation_error"));
  const double off =
      a.at("time_s").at("busy").get<double>() / b.at("time_s").at("busy").get<double>();
  EXPECT_NEAR(off, 1, 0.05);
}

TEST(Serve, AdaptersAndModelsShareADevice) {
  const CommandResult r = lutsim(
      "serve --gpu-only --gpu h100-sxm --model llama-3.1-8b,llama-2-7b --adapters 4 --rate 5 "
      "--duration 20 --shared-share 0.5 --json");
  ASSERT_EQ(r.status, 0) << r.err;
  const json d = r.json().at("devices").at(0);
  EXPECT_GT(d.at("adapter_moves").get<int>(), 0);
  EXPECT_GT(d.at("tokens").at("reused").get<int>(), 0);
  EXPECT_EQ(d.at("memory").at("cache_tokens").size(), 2u);
}

TEST(Serve, WrongInputIsRefused) {
  EXPECT_EQ(lutsim("serve --rate 1 --duration 1").status, 2);
  EXPECT_EQ(lutsim("serve --model llama-3.1-8b --gpu-only --gpu h100-sxm").status, 2);
  const std::string base = "serve --model llama-2-70b --gpu-only --rate 1 --duration 1 ";
  EXPECT_EQ(lutsim(base + "--gpu h100-sxm:0").status, 2);
  EXPECT_EQ(lutsim(base + "--gpu h100-sxm:2 --gpu-format fp17").status, 2);
  EXPECT_EQ(lutsim(base + "--gpu h100-sxm:2 --objective ttft").status, 2);
  EXPECT_EQ(lutsim(base + "--gpu h100-sxm:2 --trace none.csv").status, 2);
  const CommandResult full = lutsim(base + "--gpu h100-sxm:1");
  EXPECT_EQ(full.status, 2);
  EXPECT_NE(full.err.find("nothing is left for the cache"), std::string::npos);
}

/// The measured run: vLLM 0.19 on an RTX 4090, 300 requests of ShareGPT (README of the data). The
/// bounds are the errors that docs/serving.md reports, not a fit.
TEST(Serve, MeasuredShareGptRun) {
  const auto data = outside_data();
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "LUTSIM_DATA: no outside data";
  std::ifstream file(data / "traces/sharegpt300/vllm_RTX4090_Llama-3.1-8B_requests.jsonl");
  double begin = 1e300, end = 0, tokens = 0;
  std::vector<double> tpot;
  for (std::string line; std::getline(file, line);) {
    const json row = json::parse(line);
    const double first = row.at("first_token_ts"), last = row.at("last_token_ts");
    const double n = row.at("output_toks");
    begin = std::min(begin, row.at("queued_ts").get<double>());
    end = std::max(end, last);
    tokens += n;
    if (n > 1) tpot.push_back((last - first) / (n - 1));
  }
  ASSERT_EQ(tpot.size(), 300u);
  std::nth_element(tpot.begin(), tpot.begin() + 150, tpot.end());
  const CommandResult r =
      lutsim("serve --model llama-3.1-8b --gpu-only --gpu rtx-4090 --trace sharegpt --json");
  ASSERT_EQ(r.status, 0) << r.err;
  const json d = r.json().at("devices").at(0);
  EXPECT_EQ(d.at("tokens").at("output"), tokens);
  EXPECT_NEAR(d.at("time_s").at("makespan").get<double>() / (end - begin), 1, 0.05);
  EXPECT_NEAR(d.at("throughput").at("output_tokens_per_s").get<double>() / (tokens / (end - begin)),
              1, 0.05);
  EXPECT_NEAR(d.at("tpot_s").at("p50").get<double>() / tpot[150], 1, 0.08);
}

}  // namespace
}  // namespace lutsim::test
