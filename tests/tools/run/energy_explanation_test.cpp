// SPDX-License-Identifier: Apache-2.0
#include "tools/run/energy_explanation.h"

#include <gmock/gmock.h>

#include "models/config/diagnostics.h"

namespace lutsim::tools {
namespace {

using json = nlohmann::ordered_json;
using ::testing::HasSubstr;

json constant(const char* name, double value, double low, double high, double amount,
              const char* shares = "") {
  json c = {{"name", name},     {"value", value},
            {"unit", "J"},      {"low", low},
            {"high", high},     {"source", "test"},
            {"per", "event"},   {"confidence", "scaled"},
            {"amount", amount}, {"share_of_energy", amount * value / 4}};
  if (*shares != 0) c["shares"] = shares;
  return c;
}

json gpu(const char* name, const char* precision, double tokens_per_j) {
  return {{"name", name},
          {"precision", precision},
          {"line", "served"},
          {"intervals",
           {{"tokens_per_j",
             {{"value", tokens_per_j}, {"low", tokens_per_j / 2}, {"high", tokens_per_j * 2}}}}}};
}

/// 4 J for 8 tokens: 2 J of "a", 1 J each of "b" and "c", which share a cause.
json small_result() {
  return {{"provenance",
           {{"seed", 1},
            {"constants",
             {constant("a", 2, 1, 4, 1),
              constant("b", 0.1, 0.05, 0.3, 10, "cause"),
              constant("c", 1, 0.5, 2, 1, "cause"),
              {{"name", "area.x"}, {"value", 1}, {"unit", "m2"}}}}}},
          {"workload", {{"generated_tokens", 8}}},
          {"energy_j", {{"total", 4}}},
          {"energy_confidence", {{"scaled", 1.0}}},
          {"gpus", {gpu("one", "fp16", 0.2), gpu("two", "int4", 1)}}};
}

const models::Crossover& of(const EnergyExplanation& e, const std::string& name) {
  for (const auto& c : e.conclusion_check->crossovers) {
    if (c.sensitivity.of.name == name) return c;
  }
  throw std::out_of_range(name);
}

EnergyExplanation explained(const json& result, const char* conclusion, const char* against = "") {
  return explain_energy(result, "r.json", parse_conclusion(conclusion), parse_gpu_choice(against));
}

TEST(EnergyExplanation, AGroupOfGpusIsPartOfTheName) {
  const GpuChoice group = parse_gpu_choice("h100-sxm:4:int4:kernel");
  EXPECT_EQ(group.name, "h100-sxm:4");
  EXPECT_EQ(group.precision, "int4");
  EXPECT_EQ(group.line, "kernel");
  const GpuChoice one = parse_gpu_choice("h100-sxm:int4");
  EXPECT_EQ(one.name, "h100-sxm");
  EXPECT_EQ(one.precision, "int4");
  EXPECT_EQ(parse_gpu_choice("h100-sxm:2").name, "h100-sxm:2");
}

TEST(EnergyExplanation, CrossoversByHand) {
  // 2 tokens/J over 0.2 of the GPU is 10; it is 8 at 5 J.
  const auto e = explained(small_result(), "ratio>=8");
  EXPECT_TRUE(e.conclusion_check->holds);
  EXPECT_DOUBLE_EQ(e.conclusion_check->against.ratio.nominal, 10);
  EXPECT_NEAR(*of(e, "a").at, 3, 1e-12);
  EXPECT_TRUE(of(e, "a").in_range);
  EXPECT_NEAR(*of(e, "b").at, 0.2, 1e-12);
  EXPECT_NEAR(*of(e, "c").at, 2, 1e-12);
  EXPECT_NEAR(*of(e, "cause").at, 1.5, 1e-12);
  EXPECT_NEAR(of(e, "cause").sensitivity.of.estimate.high, 2.5, 1e-12);
  EXPECT_NEAR(*of(e, "gpu.tokens_per_j").at, 0.25, 1e-12);
  EXPECT_GT(e.conclusion_check->share_of_draws, 0.5);
  EXPECT_LT(e.conclusion_check->share_of_draws, 1);
}

TEST(EnergyExplanation, AgainstAnotherGpuTheConclusionDoesNotHold) {
  const auto e = explained(small_result(), "ratio > 3", "two:int4");
  EXPECT_EQ(e.conclusion_check->against.name, "two");
  EXPECT_FALSE(e.conclusion_check->holds);  // 2 / 1
  EXPECT_NEAR(*of(e, "a").at, 2 - 4 + 8 / 3.0, 1e-12);
  EXPECT_FALSE(of(e, "a").in_range);
  EXPECT_FALSE(of(e, "b").at) << "1 J less 4/3 J";
}

TEST(EnergyExplanation, TornadoIsOneAtATime) {
  const auto e = explained(small_result(), "ratio>=8");
  ASSERT_EQ(e.gpus.size(), 2u);
  EXPECT_EQ(e.energy.front().of.name, "cause");
  EXPECT_DOUBLE_EQ(e.energy.front().at_low, 3);
  EXPECT_DOUBLE_EQ(e.energy.front().at_high, 7);
  EXPECT_EQ(e.gpus[0].tornado.front().of.name, "gpu.tokens_per_j");
  EXPECT_DOUBLE_EQ(e.gpus[0].tornado.front().at_low, 20);
}

TEST(EnergyExplanation, ConclusionsAreRead) {
  EXPECT_EQ(parse_conclusion(" ratio <= 2.5 ").text(), "ratio <= 2.5");
  EXPECT_TRUE(parse_conclusion("ratio>=8").holds(8));
  EXPECT_FALSE(parse_conclusion("ratio>8").holds(8));
  EXPECT_TRUE(parse_conclusion("ratio<=8").holds(8));
  EXPECT_FALSE(parse_conclusion("ratio<8").holds(8));
  for (const char* wrong :
       {"", "8", "ratio", "ratio=8", "ratio>=", "ratio>=-1", "ratio>=0", "ratio>=8x", "speed>=8"}) {
    EXPECT_THROW(parse_conclusion(wrong), config::InputError) << wrong;
  }
}

TEST(EnergyExplanation, AnotherGpuThanThoseOfTheRunIsRefused) {
  try {
    explained(small_result(), "ratio>=8", "two:fp16");
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'two:fp16'"));
    EXPECT_THAT(error.what(), HasSubstr("one:fp16:served, two:int4:served"));
  }
}

TEST(EnergyExplanation, AResultWithoutAmountsIsRefused) {
  json old = small_result();
  old["provenance"]["constants"][0].erase("amount");
  EXPECT_THROW(explained(old, "ratio>=8"), config::InputError);
}

}  // namespace
}  // namespace lutsim::tools
