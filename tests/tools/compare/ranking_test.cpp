// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/ranking.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lutsim::tools {
namespace {

/// energy_per_token = sum of factor * input.
Candidate linear(const std::string& name, std::vector<UncertainInput> inputs,
                 const std::vector<double>& factors) {
  Candidate c;
  c.name = name;
  c.inputs = std::move(inputs);
  c.formulas[Metric::energy_per_token] = [factors](const InputValues& v) {
    Draws sum = Draws::Zero(v.at(0).size());
    for (std::size_t i = 0; i < factors.size(); ++i) sum += factors[i] * v[i];
    return sum;
  };
  return c;
}

UncertainInput input(const std::string& name, double value, double low, double high,
                     const std::string& shares = "") {
  return {name, "J", {value, low, high}, shares};
}

Judgement by_energy() {
  Judgement j;
  j.objective = Metric::energy_per_token;
  return j;
}

TEST(Rank, OneInputTurnsWhereTheArithmeticSays) {
  // 2 a + 1 against 5: equal at a = 2, inside 0.5 .. 4.
  const auto order = rank({linear("a", {input("a", 1, 0.5, 4), input("one", 1, 1, 1)}, {2, 1}),
                           linear("b", {input("b", 5, 5, 5)}, {1})},
                          by_energy());
  ASSERT_EQ(order[0].candidate, 0u);
  EXPECT_EQ(order[1].rank, 2u);
  EXPECT_DOUBLE_EQ(order[1].behind, 5.0 / 3);
  ASSERT_EQ(order[1].flips.size(), 1u);
  EXPECT_EQ(order[1].flips[0].cause, "a");
  EXPECT_TRUE(order[1].flips[0].upwards);
  EXPECT_NEAR(order[1].flips[0].turns_at, 2, 1e-9);
  EXPECT_FALSE(order[1].flips[0].is_common);
  EXPECT_GT(order[1].share_before_first, 0.02);
  EXPECT_NEAR(order[0].share_first + order[1].share_first, 1, 1e-12);
  EXPECT_NEAR(order[1].share_first, order[1].share_before_first, 1e-12);
}

TEST(Rank, AnInputThatBothUseMovesBoth) {
  // 1.0 against 1.1 of the same number, whatever it is: never turned.
  const auto shared = input("dram", 1, 0.2, 5);
  const auto order = rank({linear("b", {shared}, {1.1}), linear("a", {shared}, {1})}, by_energy());
  EXPECT_EQ(order[0].candidate, 1u);
  EXPECT_EQ(order[0].share_first, 1);
  EXPECT_EQ(order[1].share_before_first, 0);
  EXPECT_TRUE(order[1].flips.empty());
}

TEST(Rank, TheSameNameOfAnotherTechnologyIsAnotherInput) {
  const auto order = rank(
      {linear("old", {input("add", 2, 1, 4)}, {1}), linear("new", {input("add", 1, 0.5, 3)}, {1})},
      by_energy());
  EXPECT_EQ(order[0].candidate, 1u);
  ASSERT_EQ(order[1].flips.size(), 1u);
  EXPECT_EQ(order[1].flips[0].cause, "add (new)");
  EXPECT_NEAR(order[1].flips[0].turns_at, 2, 1e-9);
}

TEST(Rank, InputsOfACommonCauseMoveTogether) {
  // Neither alone turns 1 + 1 against 3.5; both at their high ends do.
  const auto order =
      rank({linear("a", {input("x", 1, 0.5, 2, "memory"), input("y", 1, 0.5, 2, "memory")}, {1, 1}),
            linear("b", {input("b", 3.5, 3.5, 3.5)}, {1})},
           by_energy());
  ASSERT_EQ(order[1].flips.size(), 1u);
  EXPECT_EQ(order[1].flips[0].cause, "memory");
  EXPECT_TRUE(order[1].flips[0].is_common);
  // 2 * 2^p = 3.5
  EXPECT_NEAR(order[1].flips[0].turns_at, std::log2(1.75), 1e-9);
}

TEST(Rank, RequirementsExcludeAndSayWhy) {
  Candidate hot = linear("hot", {input("a", 1, 1, 1)}, {1});
  Candidate cool = linear("cool", {input("b", 2, 2, 2)}, {1});
  cool.formulas[Metric::power] = [](const InputValues& v) {
    return Draws(Draws::Constant(v[0].size(), 10));
  };
  hot.formulas[Metric::power] = [](const InputValues& v) {
    return Draws(Draws::Constant(v[0].size(), 20));
  };
  Candidate silent = linear("silent", {input("c", 0.5, 0.5, 0.5)}, {1});
  silent.unknown[Metric::power] = "nobody measured it";
  Candidate broken;
  broken.name = "broken";
  broken.failure = "too small";
  Judgement j = by_energy();
  j.requirements = {parse_requirement("power<=15W")};
  const auto order = rank({hot, broken, cool, silent}, j);
  EXPECT_EQ(order[0].candidate, 2u);
  EXPECT_EQ(order[0].rank, 1u);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(order[i].rank, 0u);
  const auto why = [&order](std::size_t candidate) {
    for (const Standing& s : order) {
      if (s.candidate == candidate) return s.excluded_by;
    }
    return std::string();
  };
  EXPECT_EQ(why(0), "power is 20.0 W, not <= 15.0 W");
  EXPECT_EQ(why(1), "too small");
  EXPECT_EQ(why(3), "power is not known: nobody measured it");
}

TEST(Rank, ARequirementThatHoldsInSomeDrawsLetsTheCandidateInThere) {
  Candidate near = linear("near", {input("a", 1, 1, 1), input("watt", 16, 8, 20)}, {1, 0});
  near.formulas[Metric::power] = [](const InputValues& v) { return v[1]; };
  Candidate safe = linear("safe", {input("b", 2, 2, 2)}, {1});
  safe.formulas[Metric::power] = [](const InputValues& v) {
    return Draws(Draws::Constant(v[0].size(), 1));
  };
  Judgement j = by_energy();
  j.requirements = {parse_requirement("power<=15W")};
  const auto order = rank({near, safe}, j);
  EXPECT_EQ(order[0].candidate, 1u);
  EXPECT_EQ(order[1].rank, 0u);
  EXPECT_GT(order[1].share_first, 0.2);
  EXPECT_DOUBLE_EQ(order[1].share_first, order[1].requirements[0].share_of_draws);
  ASSERT_EQ(order[1].flips.size(), 1u);
  EXPECT_NEAR(order[1].flips[0].turns_at, 15, 1e-6);
}

TEST(Rank, AHigherObjectiveRanksTheOtherWayAndEqualOnesKeepTheirOrder) {
  const auto speed = [](const std::string& name, double value) {
    Candidate c = linear(name, {input(name, value, value, value)}, {1});
    c.formulas[Metric::tokens_per_s] = [](const InputValues& v) { return v[0]; };
    return c;
  };
  Judgement j;
  j.objective = Metric::tokens_per_s;
  const auto order = rank({speed("a", 1), speed("b", 4), speed("c", 4), speed("d", 2)}, j);
  EXPECT_EQ(order[0].candidate, 1u);
  EXPECT_EQ(order[1].candidate, 2u);
  EXPECT_EQ(order[2].candidate, 3u);
  EXPECT_DOUBLE_EQ(order[3].behind, 4);
}

}  // namespace
}  // namespace lutsim::tools
