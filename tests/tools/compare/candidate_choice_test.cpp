// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/candidate_choice.h"

#include <gmock/gmock.h>

#include "models/config/diagnostics.h"
#include "tools/compare/execute_compare.h"

namespace lutsim::tools {
namespace {

using ::testing::HasSubstr;

RunSpec base() {
  RunSpec spec;
  spec.workload.model = "llama-2-7b-hf";
  spec.workload.weight_bits = 3;
  return spec;
}

TEST(ParseCandidate, AnAcceleratorWithChipsEngineAndItsOwnBits) {
  const auto list =
      parse_candidate("lpddr-chip:2:engine=figna:weight_bits=4:clock=500 MHz", base());
  ASSERT_EQ(list.size(), 1u);
  const RunSpec& spec = std::get<AcceleratorChoice>(list[0]).spec;
  EXPECT_EQ(spec.arch.system.chips, 2u);
  EXPECT_EQ(spec.arch.matrix.engine, spec::Engine::figna);
  EXPECT_EQ(spec.workload.weight_bits, 4u);
  EXPECT_EQ(spec.workload.model, "llama-2-7b-hf");
  EXPECT_DOUBLE_EQ(spec.arch.clock, 500e6);
  EXPECT_TRUE(spec.gpus.empty());
}

TEST(ParseCandidate, AGpuAloneStandsForFp16AndTheNearestPrecision) {
  const auto list = parse_candidate("h100-sxm", base());
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(std::get<GpuLineChoice>(list[0]).precision, models::GpuPrecision::fp16);
  EXPECT_EQ(std::get<GpuLineChoice>(list[1]).precision, models::GpuPrecision::int3);
  const auto one = parse_candidate("h100-sxm:fp8:ideal", base());
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(std::get<GpuLineChoice>(one[0]).line, models::GpuLine::ideal);
  const auto four = parse_candidate("h100-sxm:4:int4", base());
  EXPECT_EQ(std::get<GpuLineChoice>(four.at(0)).gpus.count, 4u);
  EXPECT_EQ(std::get<GpuLineChoice>(four.at(0)).text, "h100-sxm:4:int4:served");
}

std::string refusal(const std::string& text) {
  try {
    parse_candidate(text, base());
  } catch (const config::InputError& error) {
    return error.what();
  } catch (const spec::SpecError& error) {
    return error.what();
  }
  return "";
}

TEST(ParseCandidate, WhatIsWrongIsSaidWithTheNearestName) {
  EXPECT_THAT(refusal("h100-smx"), HasSubstr("did you mean 'h100-sxm'"));
  EXPECT_THAT(refusal("lpddr-chp"), HasSubstr("did you mean 'lpddr-chip'"));
  EXPECT_THAT(refusal("h100-sxm:fp61"), HasSubstr("did you mean 'fp16'"));
  EXPECT_THAT(refusal("lpddr-chip:matrix.mo=2"), HasSubstr("did you mean 'mu'"));
  EXPECT_THAT(refusal("lpddr-chip:engine=lut"), HasSubstr("engine"));
  EXPECT_THAT(refusal("lpddr-chip:two"), HasSubstr("chips"));
}

CompareSpec gpus_only() {
  CompareSpec spec;
  spec.base = base();
  spec.has_workload = true;
  spec.base.workload.weight_bits = 4;
  spec.judgement.objective = Metric::energy_per_token;
  spec.candidates = {"h100-sxm", "a100-80gb:fp16:ideal", "a100-80gb:fp16"};
  return spec;
}

TEST(Compare, GpusOfOneTraceFromTheIdealLineToTheServedOne) {
  const Comparison c = execute_compare(gpus_only(), {});
  ASSERT_EQ(c.order.size(), 4u);
  EXPECT_EQ(c.workload.cached_tokens, 511u);
  const auto json = comparison_json(c);
  EXPECT_EQ(json.at("candidates").size(), 4u);
  std::size_t ideal = 9, served = 9;
  for (const Standing& s : c.order) {
    const std::string& name = c.candidates[s.candidate].name;
    if (name == "a100-80gb:fp16:ideal") ideal = s.rank;
    if (name == "a100-80gb:fp16:served") served = s.rank;
    EXPECT_GT(s.values.at(Metric::cost_per_mtoken).nominal, 0) << name;
    EXPECT_GE(s.values.at(Metric::perplexity_ratio).nominal, 1) << name;
  }
  EXPECT_LT(ideal, served);
}

TEST(Compare, TheReasonGoesWithTheObjective) {
  CompareSpec spec = gpus_only();
  EXPECT_THAT(comparison_report(execute_compare(spec, {})), HasSubstr(" W for "));
  spec.judgement.objective = Metric::tokens_per_s;
  EXPECT_THAT(comparison_report(execute_compare(spec, {})), HasSubstr("the serving framework"));
  spec.judgement.objective = Metric::cost_per_mtoken;
  EXPECT_THAT(comparison_report(execute_compare(spec, {})), HasSubstr("to buy"));
}

TEST(Compare, ATooLargeModelIsOutWithItsReason) {
  CompareSpec spec = gpus_only();
  spec.base.workload.model = "llama-2-70b-hf";
  spec.candidates = {"rtx-4090:fp16", "h100-sxm:int4", "h100-sxm:4:fp16"};
  const Comparison c = execute_compare(spec, {});
  EXPECT_EQ(c.order[2].rank, 0u);
  EXPECT_THAT(c.order[2].excluded_by, HasSubstr("of memory, has"));
  for (const Standing& s : c.order) {
    if (c.candidates[s.candidate].name != "h100-sxm:4:fp16:served") continue;
    EXPECT_NE(s.rank, 0u);
    EXPECT_DOUBLE_EQ(s.values.at(Metric::price).nominal, 4 * 30000.0);
  }
}

}  // namespace
}  // namespace lutsim::tools
