// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "models/transformer/reference_transformer.h"
#include "tests/models/transformer/random_model.h"

namespace lutsim::models {
namespace {

using Documents = std::vector<std::vector<std::uint32_t>>;

/// Predicts token 0 with probability 1/2 and each of the others alike, whatever came before.
class HalfZero : public LanguageModel {
 public:
  HalfZero() {
    shape_.vocab = 5;
    shape_.max_context = 4;
  }
  const ModelShape& shape() const override { return shape_; }
  std::uint32_t position() const override { return position_; }
  void reset() override { position_ = 0; }
  std::vector<float> forward(const std::vector<std::uint32_t>& tokens) override {
    return forward_all(tokens);
  }
  std::vector<float> forward_all(const std::vector<std::uint32_t>& tokens) override {
    check_tokens(tokens);
    position_ += static_cast<std::uint32_t>(tokens.size());
    std::vector<float> logits;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      logits.push_back(std::log(4.0f));
      logits.insert(logits.end(), 4, 0.0f);
    }
    return logits;
  }

 private:
  ModelShape shape_;
  std::uint32_t position_ = 0;
};

std::unique_ptr<LanguageModel> half_zero() { return std::make_unique<HalfZero>(); }

TEST(Evaluate, IsTheMeanOverTokensOfAllDocuments) {
  const Evaluation e = evaluate(half_zero, {{1, 0, 0}, {1, 3}, {1}, {}});
  EXPECT_EQ(e.tokens, 3u);
  const double want = (2 * std::log(2.0) + std::log(8.0)) / 3;
  EXPECT_NEAR(e.nll_per_token, want, 1e-7);
  EXPECT_NEAR(e.perplexity, std::exp(want), 1e-6);
  EXPECT_EQ(e.documents.size(), 4u);
  EXPECT_EQ(e.documents[2].tokens, 0u);
}

TEST(Evaluate, ALongDocumentIsCutSoThatMaxContextTokensAreScored) {
  const Evaluation e = evaluate(half_zero, {{1, 0, 0, 0, 0, 4, 4, 4}});
  EXPECT_EQ(e.tokens, 4u);
  EXPECT_NEAR(e.nll_per_token, std::log(2.0), 1e-7);
}

TEST(Evaluate, StandardErrorTreatsDocumentsAsTheSample) {
  // Document sums of 2 tokens each: 2 ln 2 and 2 ln 8; deviations from the mean +-2 ln 2.
  const Evaluation e = evaluate(half_zero, {{1, 0, 0}, {1, 2, 2}});
  const double deviation = 2 * std::log(2.0);
  EXPECT_NEAR(e.standard_error, std::sqrt(2.0 / 1.0 * 2 * deviation * deviation) / 4, 1e-7);
}

TEST(Evaluate, StandardErrorOfOneDocumentTreatsItsTokensAsTheSample) {
  const Evaluation e = evaluate(half_zero, {{1, 0, 2}});
  EXPECT_NEAR(e.standard_error, std::log(2.0) / std::sqrt(2.0), 1e-6);
}

/// Evaluation with these sums of nats in documents of these tokens.
Evaluation evaluation_of(const std::vector<std::pair<std::uint64_t, double>>& documents) {
  Evaluation e;
  double nll = 0;
  for (const auto& [tokens, sum] : documents) {
    e.documents.push_back({tokens, sum, 0});
    e.tokens += tokens;
    nll += sum;
  }
  e.nll_per_token = nll / static_cast<double>(e.tokens);
  return e;
}

TEST(Evaluate, APairedDifferenceIsSurerThanItsParts) {
  // Differences 1 of 10 and 3 of 10 tokens: 0.2 a token; deviations from it -1 and +1.
  const PairedDifference d =
      paired_difference(evaluation_of({{10, 11}, {10, 43}}), evaluation_of({{10, 10}, {10, 40}}));
  EXPECT_NEAR(d.nll_per_token, 0.2, 1e-12);
  EXPECT_NEAR(d.standard_error, std::sqrt(2.0 * 2.0) / 20, 1e-12);
}

TEST(Evaluate, APairedDifferenceOfOtherDocumentsIsRefused) {
  const Evaluation e = evaluation_of({{10, 11}, {10, 43}});
  EXPECT_THROW(paired_difference(e, evaluation_of({{10, 11}, {9, 43}})), std::invalid_argument);
  EXPECT_THROW(paired_difference(e, evaluation_of({{10, 11}})), std::invalid_argument);
  EXPECT_THROW(paired_difference(evaluation_of({{10, 1}}), evaluation_of({{10, 1}})),
               std::invalid_argument);
}

TEST(Evaluate, ResultsDoNotDependOnTheNumberOfThreads) {
  const ModelWeights weights = test::random_model();
  Documents documents;
  for (std::uint64_t d = 0; d < 9; ++d) {
    documents.push_back(test::random_tokens(weights.shape.vocab, 3 + 5 * d, d));
  }
  const auto make = [&] { return std::make_unique<ReferenceTransformer>(weights); };
  const Evaluation one = evaluate(make, documents, 1);
  for (const std::uint32_t jobs : {2u, 5u, 64u}) {
    const Evaluation many = evaluate(make, documents, jobs);
    EXPECT_EQ(many.nll_per_token, one.nll_per_token) << jobs << " threads";
    EXPECT_EQ(many.standard_error, one.standard_error) << jobs << " threads";
  }
}

TEST(Evaluate, AnErrorInAWorkerReachesTheCaller) {
  EXPECT_THROW(evaluate(half_zero, {{1, 0}, {9, 0}, {1, 0}}, 3), std::invalid_argument);
}

TEST(Evaluate, NothingToScoreIsAnError) {
  EXPECT_THROW(evaluate(half_zero, {}), std::invalid_argument);
  EXPECT_THROW(evaluate(half_zero, {{1}, {}}), std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::models
