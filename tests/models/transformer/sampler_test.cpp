// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <stdexcept>

namespace lutsim::models {
namespace {

std::uint32_t sample(Sampler& sampler, const std::vector<float>& logits) {
  return sampler.sample(logits.data(), static_cast<std::uint32_t>(logits.size()));
}

TEST(Sampler, TemperatureZeroTakesTheFirstOfTheLargest) {
  Sampler sampler;
  EXPECT_EQ(sample(sampler, {1.0f, 3.0f, 2.0f, 3.0f}), 1u);
  EXPECT_EQ(sample(sampler, {-5.0f}), 0u);
  EXPECT_EQ(sample(sampler, {std::nanf(""), -2.0f, -1.0f}), 2u);
}

TEST(Sampler, FrequenciesFollowTheSoftmax) {
  Sampler sampler({2.0, 1.0, 7});
  const std::vector<float> logits{0.0f, 2.0f, -2.0f, 1.0f};
  constexpr int kDraws = 40000;
  std::vector<int> counts(4);
  for (int i = 0; i < kDraws; ++i) ++counts[sample(sampler, logits)];
  double total = 0.0;
  for (const float l : logits) total += std::exp(l / 2.0);
  for (std::size_t i = 0; i < 4; ++i) {
    const double p = std::exp(logits[i] / 2.0) / total;
    const double sigma = std::sqrt(kDraws * p * (1 - p));
    EXPECT_NEAR(counts[i], kDraws * p, 5 * sigma) << "token " << i;
  }
}

TEST(Sampler, TopPKeepsTheFewestTokensThatReachIt) {
  // Probabilities 0.5, 0.25, 0.125, 0.125.
  const std::vector<float> logits{std::log(2.0f), std::log(4.0f), 0.0f, 0.0f};
  Sampler sampler({1.0, 0.7, 3});
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 500; ++i) seen.insert(sample(sampler, logits));
  EXPECT_EQ(seen, (std::set<std::uint32_t>{0, 1}));
}

TEST(Sampler, TheSameSeedGivesTheSameTokensOnEveryMachine) {
  Sampler sampler({1.0, 1.0, 42});
  std::vector<float> logits(100);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = 0.02f * static_cast<float>(i);
  // From an implementation of the generator and of this draw in Python, exp in double.
  std::vector<std::uint32_t> tokens;
  tokens.reserve(8);
  for (int i = 0; i < 8; ++i) tokens.push_back(sample(sampler, logits));
  EXPECT_EQ(tokens, (std::vector<std::uint32_t>{47, 59, 47, 93, 24, 95, 65, 80}));
}

TEST(Sampler, ImpossibleOptionsAreRefused) {
  EXPECT_THROW(Sampler({-1.0, 1.0, 1}), std::invalid_argument);
  EXPECT_THROW(Sampler({std::nan(""), 1.0, 1}), std::invalid_argument);
  EXPECT_THROW(Sampler({1.0, 0.0, 1}), std::invalid_argument);
  EXPECT_THROW(Sampler({1.0, 1.5, 1}), std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::models
