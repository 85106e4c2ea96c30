// SPDX-License-Identifier: Apache-2.0
#include "models/adapter/train_adapter.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "models/transformer/evaluate.h"
#include "models/transformer/golden_transformer.h"
#include "models/transformer/reference_transformer.h"
#include "tests/models/adapter/adapters.h"

namespace lutsim::models {
namespace {

using Documents = std::vector<std::vector<std::uint32_t>>;

/// Documents that go through six tokens of the vocabulary in order, over and over.
Documents counting_documents(std::size_t count) {
  Documents documents;
  for (std::uint32_t d = 0; d < count; ++d) {
    std::vector<std::uint32_t> document{1};
    for (std::uint32_t t = 0; t < 20 + d % 3; ++t) document.push_back(40 + (d + t) % 6);
    documents.push_back(document);
  }
  return documents;
}

AdapterRecipe short_recipe() {
  AdapterRecipe recipe;
  recipe.steps = 12;
  recipe.learning_rate = 0.02;
  return recipe;
}

std::vector<std::uint16_t> all_scales(const ScaleAdapter& adapter) {
  std::vector<std::uint16_t> all;
  for (const AdapterLayer& layer : adapter.layers) {
    for (const DecoderMatrix id : kDecoderMatrices) {
      const auto& alpha = matrix_of(layer, id).alpha;
      all.insert(all.end(), alpha.begin(), alpha.end());
    }
  }
  return all;
}

TEST(TrainAdapter, LowersTheLossOfTextThatItHasNotSeenInExactArithmetic) {
  for (const auto method : {QuantizationMethod::rtn, QuantizationMethod::bcq}) {
    const QuantizedModel base = test::small_quantized(method);
    Documents documents = counting_documents(40);
    const Documents held_out(documents.begin(), documents.begin() + 8);
    documents.erase(documents.begin(), documents.begin() + 8);
    AdapterRecipe recipe = short_recipe();
    recipe.steps = 60;
    const QuantizedModel adapted = apply(train_adapter(base, documents, recipe), base);
    const auto nll = [&](const QuantizedModel& model) {
      return evaluate(
                 [&] { return std::make_unique<GoldenTransformer>(model, spec::MatrixSpec{}); },
                 held_out, 1)
          .nll_per_token;
    };
    EXPECT_LT(nll(adapted), nll(base) - 0.1) << spec::to_string_of(method);
  }
}

TEST(TrainAdapter, DoesNotDependOnTheNumberOfThreads) {
  const QuantizedModel base = test::small_quantized(QuantizationMethod::rtn);
  const Documents documents = counting_documents(11);
  const auto one = all_scales(train_adapter(base, documents, short_recipe(), {1, {}}));
  EXPECT_NE(one, all_scales(test::doubling_adapter(base)));
  for (const std::uint32_t jobs : {2u, 5u}) {
    EXPECT_EQ(all_scales(train_adapter(base, documents, short_recipe(), {jobs, {}})), one);
  }
  AdapterRecipe other = short_recipe();
  other.seed = 2;
  EXPECT_NE(all_scales(train_adapter(base, documents, other)), one);
}

TEST(TrainAdapter, IsStoppedBetweenStepsAndSaysHowFarItCame) {
  const QuantizedModel base = test::small_quantized(QuantizationMethod::rtn);
  std::uint32_t calls = 0;
  const Documents documents = counting_documents(3);
  const ScaleAdapter adapter =
      train_adapter(base, documents, short_recipe(), {1, [&](const AdapterStep& step) {
                                                        EXPECT_EQ(step.done, ++calls);
                                                        EXPECT_GT(step.nll_per_token, 0);
                                                        return calls < 3;
                                                      }});
  EXPECT_EQ(calls, 3u);
  EXPECT_EQ(adapter.steps_done, 3u);
  EXPECT_EQ(adapter.recipe.steps, 12u);
  EXPECT_NO_THROW(validate(apply(adapter, base)));
}

TEST(TrainAdapter, TheFirstLossIsThatOfTheBase) {
  const QuantizedModel base = test::small_quantized(QuantizationMethod::rtn);
  const Documents documents = counting_documents(4);
  const ModelWeights weights = dequantize(base);
  const double want =
      evaluate([&] { return std::make_unique<ReferenceTransformer>(weights); }, documents, 1)
          .nll_per_token;
  train_adapter(base, documents, short_recipe(), {1, [&](const AdapterStep& step) {
                                                    EXPECT_NEAR(step.nll_per_token, want, 1e-3);
                                                    return false;
                                                  }});
}

TEST(TrainAdapter, KeepsTheFingerprintsOfWhatItHasSeen) {
  const QuantizedModel base = test::small_quantized(QuantizationMethod::rtn);
  const Documents documents = counting_documents(3);
  const ScaleAdapter adapter = train_adapter(base, documents, short_recipe());
  EXPECT_EQ(adapter.base, base_fingerprint(base));
  ASSERT_EQ(adapter.documents.size(), 3u);
  EXPECT_EQ(adapter.documents[2], fingerprint(documents[2]));
}

TEST(TrainingSequences, CutLongDocumentsAndBeginEachPartWithBos) {
  ModelShape shape = test::random_shape();
  shape.max_context = 4;
  const Documents cut = training_sequences(shape, {{1, 10, 11, 12, 13, 14, 15}, {1}, {}, {1, 20}});
  EXPECT_EQ(cut, (Documents{{1, 10, 11, 12, 13}, {1, 14, 15}, {1, 20}}));
}

TEST(TrainAdapter, RefusesWhatCannotBeTrained) {
  const QuantizedModel base = test::small_quantized(QuantizationMethod::rtn);
  EXPECT_THROW(train_adapter(base, {}, short_recipe()), std::invalid_argument);
  EXPECT_THROW(train_adapter(base, {{1}}, short_recipe()), std::invalid_argument);
  EXPECT_THROW(train_adapter(base, {{1, base.shape.vocab}}, short_recipe()), std::invalid_argument);
  AdapterRecipe recipe = short_recipe();
  recipe.batch = 0;
  EXPECT_THROW(train_adapter(base, {{1, 2}}, recipe), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::models
