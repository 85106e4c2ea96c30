// SPDX-License-Identifier: Apache-2.0
// The model that the project ships, against the answers of the program that trained it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/quantization/calibrated.h"
#include "models/transformer/evaluate.h"
#include "models/transformer/golden_transformer.h"
#include "models/transformer/reference_transformer.h"
#include "workloads/checkpoint/checkpoint.h"
#include "workloads/checkpoint/documents.h"

namespace lutsim::workloads {
namespace {

class EmbeddedModel : public testing::Test {
 protected:
  EmbeddedModel()
      : path_(find_model("kjv-1m")),
        checkpoint_(load_checkpoint(path_)),
        answers_(nlohmann::json::parse(std::ifstream(path_.parent_path() / "known_answers.json"))) {
  }
  std::filesystem::path path_;
  Checkpoint checkpoint_;
  nlohmann::json answers_;
};

TEST_F(EmbeddedModel, EncodesAndDecodesAsKnown) {
  for (const auto& entry : answers_.at("tokenizer")) {
    const auto text = entry.at("text").get<std::string>();
    const auto tokens = checkpoint_.tokenizer.encode(text);
    EXPECT_EQ(tokens, entry.at("tokens").get<std::vector<std::uint32_t>>()) << text;
    EXPECT_EQ(checkpoint_.tokenizer.decode(tokens), text);
  }
}

TEST_F(EmbeddedModel, ReferenceNllOfTheHeldOutTextIsAsKnown) {
  const auto& held_out = answers_.at("held_out");
  const auto documents =
      load_documents(path_.parent_path() / held_out.at("file").get<std::string>(),
                     checkpoint_.tokenizer, held_out.at("documents").get<std::size_t>());
  const models::Evaluation e = models::evaluate(
      [&] { return std::make_unique<models::ReferenceTransformer>(*checkpoint_.weights); },
      documents);
  EXPECT_EQ(e.tokens, held_out.at("scored_tokens").get<std::uint64_t>());
  EXPECT_NEAR(e.nll_per_token, held_out.at("nll_per_token").get<double>(), 2e-6);
}

TEST_F(EmbeddedModel, GreedyTokensAreAsKnown) {
  const auto& greedy = answers_.at("greedy");
  const auto want = greedy.at("tokens").get<std::vector<std::uint32_t>>();
  std::vector<std::uint32_t> got =
      checkpoint_.tokenizer.encode(greedy.at("prompt").get<std::string>());
  models::ReferenceTransformer model(*checkpoint_.weights);
  models::Sampler sampler;
  const auto generated =
      models::generate(model, got, static_cast<std::uint32_t>(want.size() - got.size()), sampler,
                       checkpoint_.shape().vocab);
  got.insert(got.end(), generated.begin(), generated.end());
  EXPECT_EQ(got, want);
  EXPECT_EQ(checkpoint_.tokenizer.decode(got), greedy.at("text").get<std::string>());
}

TEST_F(EmbeddedModel, FewerWeightBitsPredictWorse) {
  const auto documents =
      load_documents(path_.parent_path() / "held_out.txt", checkpoint_.tokenizer, 3);
  double last =
      models::evaluate(
          [&] { return std::make_unique<models::ReferenceTransformer>(*checkpoint_.weights); },
          documents)
          .nll_per_token;
  double finest_loss = 0.0;
  for (const std::uint32_t bits : {8u, 4u, 3u, 2u}) {
    models::QuantizationRecipe recipe;
    recipe.weight_bits = bits;
    const auto model = models::quantize(*checkpoint_.weights, recipe);
    const double nll =
        models::evaluate(
            [&] { return std::make_unique<models::GoldenTransformer>(model, spec::MatrixSpec{}); },
            documents)
            .nll_per_token;
    if (bits == 8) {
      finest_loss = nll - last;
    } else {
      EXPECT_GT(nll, last) << bits << " bits";
    }
    last = nll;
  }
  EXPECT_NEAR(finest_loss, 0.0, 5e-3);
}

TEST_F(EmbeddedModel, ErrorCompensatedRoundingPredictsBetterThanRoundToNearest) {
  const auto documents =
      load_documents(path_.parent_path() / "held_out.txt", checkpoint_.tokenizer, 3);
  const auto calibration =
      load_documents(path_.parent_path() / "calibration.txt", checkpoint_.tokenizer, 6);
  const auto nll = [&](models::QuantizationMethod method) {
    models::QuantizationRecipe recipe;
    recipe.method = method;
    recipe.weight_bits = 3;
    const auto model = models::quantize_calibrated(*checkpoint_.weights, recipe, calibration);
    return models::evaluate(
               [&] {
                 return std::make_unique<models::GoldenTransformer>(model, spec::MatrixSpec{});
               },
               documents)
        .nll_per_token;
  };
  EXPECT_LT(nll(models::QuantizationMethod::gptq), nll(models::QuantizationMethod::rtn) - 0.02);
}

}  // namespace
}  // namespace lutsim::workloads
