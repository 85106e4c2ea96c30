// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "models/config/diagnostics.h"
#include "tests/support/outside_data.h"
#include "workloads/serving/request_files.h"
#include "workloads/serving/request_generator.h"

namespace lutsim::workloads {
namespace {

namespace fs = std::filesystem;

fs::path file_with(const std::string& name, const std::string& text) {
  const fs::path folder = fs::path(LUTSIM_BINARY_DIR) / "test_scratch/requests";
  fs::create_directories(folder);
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path file = folder / (std::string(info->name()) + name);
  std::ofstream(file) << text;
  return file;
}

constexpr const char* kHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

TEST(RequestFiles, AzureTimesCountFromTheFirstRequest) {
  const auto trace = read_azure_csv(file_with(".csv", std::string(kHeader) +
                                                          "2023-11-16 23:59:59.5000000,374,44\r\n"
                                                          "2023-11-17 00:00:01.7500000,0,109"));
  ASSERT_EQ(trace.requests.size(), 2u);
  EXPECT_EQ(trace.requests[0].arrival_s, 0);
  EXPECT_NEAR(trace.requests[1].arrival_s, 2.25, 1e-6);
  EXPECT_EQ(trace.requests[0].output_tokens, 44u);
  EXPECT_EQ(trace.requests[1].prompt_tokens, 0u);
}

TEST(RequestFiles, ErrorsNameTheLine) {
  const auto error_of = [](const fs::path& file) -> std::string {
    try {
      read_requests(file);
    } catch (const config::InputError& error) {
      return error.what();
    }
    return "";
  };
  const auto bad = file_with(".csv", std::string(kHeader) + "2023-11-16 18:00:00,1,1\nnow,1,1\n");
  EXPECT_NE(error_of(bad).find(".csv:3"), std::string::npos);
  EXPECT_NE(error_of(file_with("a.csv", std::string(kHeader) + "2023-11-16 18:00:00,-1,1\n"))
                .find("a.csv:2"),
            std::string::npos);
  EXPECT_NE(error_of(file_with("b.csv", "a,b,c\n")).find("b.csv:1"), std::string::npos);
  EXPECT_NE(error_of(file_with("c.jsonl", "{\"input_toks\": 3}\n")).find("c.jsonl:1"),
            std::string::npos);
  EXPECT_FALSE(error_of(file_with(".txt", "")).empty());
}

TEST(RequestFiles, ShareGptBringsTokenIds) {
  const auto trace = read_sharegpt_jsonl(
      file_with(".jsonl",
                "{\"input_toks\": 2, \"output_toks\": 5, \"arrival_time_ns\": 1500000000, "
                "\"input_tok_ids\": [7, 8], \"output_tok_ids\": [1]}\n"));
  EXPECT_NEAR(trace.requests[0].arrival_s, 1.5, 1e-12);
  EXPECT_EQ(trace.requests[0].prompt_ids, (std::vector<std::uint32_t>{7, 8}));
}

TEST(RequestFiles, OutsideTracesHaveTheCountsOfTheirReadme) {
  const fs::path data = test::outside_data();
  if (!fs::exists(data)) GTEST_SKIP() << "LUTSIM_DATA: " << data << " is not there";
  const auto trace =
      read_requests(data / "traces/azure2023/AzureLLMInferenceTrace_conv.csv").requests;
  ASSERT_EQ(trace.size(), 19366u);
  double prompt = 0;
  for (const auto& r : trace) prompt += r.prompt_tokens;
  EXPECT_NEAR(prompt / 19366, 1155, 1);
  EXPECT_NEAR(trace.back().arrival_s, 3502, 5);
  EXPECT_EQ(
      read_requests(data / "traces/azure2023/AzureLLMInferenceTrace_code.csv").requests.size(),
      8819u);
}

GeneratorOptions options() {
  GeneratorOptions o;
  o.rate = 10;
  o.duration_s = 2000;
  return o;
}

TEST(RequestGenerator, HasTheRateAndTheMeansOfItsSource) {
  const auto requests = generate_requests(options()).requests;
  EXPECT_NEAR(static_cast<double>(requests.size()), 20000, 500);
  double prompt = 0;
  std::vector<std::uint32_t> output;
  for (const auto& r : requests) {
    prompt += r.prompt_tokens;
    output.push_back(r.output_tokens);
  }
  EXPECT_NEAR(prompt / static_cast<double>(requests.size()), 1155, 30);
  std::nth_element(output.begin(), output.begin() + 10000, output.end());
  EXPECT_NEAR(output[10000], 129, 6);
}

TEST(RequestGenerator, BurstinessIsTheVariationOfTheGaps) {
  for (const double burstiness : {0.5, 1.0, 3.0}) {
    GeneratorOptions o = options();
    o.burstiness = burstiness;
    const auto requests = generate_requests(o).requests;
    double sum = 0, squares = 0;
    for (std::size_t i = 1; i < requests.size(); ++i) {
      const double gap = requests[i].arrival_s - requests[i - 1].arrival_s;
      sum += gap;
      squares += gap * gap;
    }
    const double n = static_cast<double>(requests.size() - 1);
    const double variation = std::sqrt(squares / n / (sum / n) / (sum / n) - 1);
    EXPECT_NEAR(variation, burstiness, 0.06 * burstiness);
  }
}

TEST(RequestFiles, ATraceMayNameAdapters) {
  auto trace = read_sharegpt_jsonl(file_with(
      ".jsonl",
      "{\"input_toks\": 3, \"output_toks\": 1, \"arrival_time_ns\": 1e9, \"adapter\": 5}\n"
      "{\"input_toks\": 3, \"output_toks\": 1, \"arrival_time_ns\": 2e9}\n"));
  GeneratorOptions draw;
  draw.adapters = 8;
  assign(trace, draw);
  EXPECT_EQ(trace.requests[0].adapter, 5u);
  EXPECT_EQ(trace.requests[1].adapter, 0u);
}

TEST(RequestGenerator, TheSeedDecides) {
  const auto a = generate_requests(options()), b = generate_requests(options());
  GeneratorOptions o = options();
  o.adapters = 4;
  const auto c = generate_requests(o);
  o.seed = 2;
  const auto d = generate_requests(o);
  ASSERT_EQ(a.requests.size(), b.requests.size());
  ASSERT_EQ(a.requests.size(), c.requests.size());
  EXPECT_EQ(a.requests[99].arrival_s, b.requests[99].arrival_s);
  EXPECT_EQ(a.requests[99].arrival_s, c.requests[99].arrival_s);
  EXPECT_NE(a.requests[99].arrival_s, d.requests[99].arrival_s);
  std::vector<int> uses(4, 0);
  for (const auto& r : c.requests) ++uses.at(r.adapter);
  for (const int n : uses) EXPECT_NEAR(n, 5000, 400);
}

TEST(RequestGenerator, RefusesWhatMakesNoRequests) {
  GeneratorOptions o = options();
  o.rate = 0;
  EXPECT_THROW(generate_requests(o), std::invalid_argument);
  o = options();
  o.shared_share = 1.5;
  EXPECT_THROW(generate_requests(o), std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::workloads
