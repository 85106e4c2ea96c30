// SPDX-License-Identifier: Apache-2.0
#include "models/quantization/calibrated.h"

#include <gtest/gtest.h>

#include <string>

#include "models/bcq/quantize.h"
#include "models/transformer/reference_transformer.h"
#include "tests/models/transformer/random_model.h"

namespace lutsim::models {
namespace {

Documents some_documents() {
  Documents documents;
  for (std::uint64_t d = 0; d < 11; ++d) {
    documents.push_back(test::random_tokens(test::random_shape().vocab, 5 + 4 * d, d));
  }
  return documents;
}

QuantizationRecipe recipe_of(QuantizationMethod method) {
  QuantizationRecipe recipe;
  recipe.method = method;
  recipe.weight_bits = 3;
  recipe.weighted = method == QuantizationMethod::bcq;
  recipe.iterations = 10;
  return recipe;
}

/// Squared distance of all logits from those of the FP32 model.
double logit_error(const ModelWeights& weights, const QuantizedModel& model,
                   const std::vector<std::uint32_t>& tokens) {
  const ModelWeights dense = dequantize(model);
  const auto want = ReferenceTransformer(weights).forward_all(tokens);
  const auto got = ReferenceTransformer(dense).forward_all(tokens);
  double sum = 0;
  for (std::size_t i = 0; i < want.size(); ++i) sum += (got[i] - want[i]) * (got[i] - want[i]);
  return sum;
}

class Calibrated : public testing::TestWithParam<QuantizationMethod> {};

TEST_P(Calibrated, ResultsDoNotDependOnTheNumberOfThreads) {
  const ModelWeights weights = test::random_model();
  const QuantizedModel one =
      quantize_calibrated(weights, recipe_of(GetParam()), some_documents(), {1, {}});
  for (const std::uint32_t jobs : {2u, 5u}) {
    const QuantizedModel many =
        quantize_calibrated(weights, recipe_of(GetParam()), some_documents(), {jobs, {}});
    for (std::size_t l = 0; l < one.layers.size(); ++l) {
      for (const DecoderMatrix id : kDecoderMatrices) {
        EXPECT_EQ(matrix_of(many.layers[l], id).plane_words,
                  matrix_of(one.layers[l], id).plane_words);
        EXPECT_EQ(matrix_of(many.layers[l], id).alpha, matrix_of(one.layers[l], id).alpha);
      }
    }
  }
}

TEST_P(Calibrated, GivesAValidModelThatKnowsItsText) {
  const Documents documents = some_documents();
  std::uint64_t last = 0, whole = 0;
  const QuantizedModel model =
      quantize_calibrated(test::random_model(), recipe_of(GetParam()), documents,
                          {1, [&](std::uint64_t done, std::uint64_t total) {
                             EXPECT_GT(done, last);
                             last = done;
                             whole = total;
                           }});
  EXPECT_NO_THROW(validate(model));
  EXPECT_EQ(last, whole);
  ASSERT_EQ(model.recipe.calibration.size(), documents.size());
  EXPECT_EQ(model.recipe.calibration[3], fingerprint(documents[3]));
  EXPECT_EQ(model.layers[0].wq.has_offset(), has_offsets(GetParam()));
}

TEST_P(Calibrated, AWholeRowMayShareItsScales) {
  QuantizationRecipe recipe = recipe_of(GetParam());
  recipe.group_size = 0;
  const QuantizedModel model = quantize_calibrated(test::random_model(), recipe, some_documents());
  for (const DecoderMatrix id : kDecoderMatrices) {
    EXPECT_EQ(matrix_of(model.layers[1], id).groups(), 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, Calibrated,
                         testing::Values(QuantizationMethod::bcq, QuantizationMethod::gptq,
                                         QuantizationMethod::flexround),
                         [](const auto& test) { return spec::to_string_of(test.param); });

TEST(Calibrated, GptqComesNearerToTheModelThanRoundToNearest) {
  const ModelWeights weights = test::random_model();
  const auto tokens = test::random_tokens(weights.shape.vocab, 30, 77);
  QuantizationRecipe rtn;
  rtn.weight_bits = 3;
  const double plain = logit_error(weights, quantize(weights, rtn), tokens);
  const double gptq = logit_error(
      weights, quantize_calibrated(weights, recipe_of(QuantizationMethod::gptq), some_documents()),
      tokens);
  EXPECT_LT(gptq, plain);
}

TEST(Calibrated, MethodsWithoutCalibrationAreThoseOfQuantize) {
  const ModelWeights weights = test::random_model();
  const QuantizedModel model = quantize_calibrated(weights, {}, some_documents());
  EXPECT_EQ(model.layers[1].w_up.plane_words, quantize(weights, {}).layers[1].w_up.plane_words);
}

TEST(Calibrated, QuantizeRefusesAMethodThatNeedsText) {
  for (const auto method :
       {QuantizationMethod::bcq, QuantizationMethod::gptq, QuantizationMethod::flexround}) {
    try {
      quantize(test::random_model(), recipe_of(method));
      FAIL() << "quantised without text";
    } catch (const spec::SpecError& e) {
      EXPECT_NE(std::string(e.what()).find("needs calibration text"), std::string::npos);
    }
  }
}

TEST(Calibrated, TextWithoutTokensIsRefused) {
  const QuantizationRecipe recipe = recipe_of(QuantizationMethod::gptq);
  EXPECT_THROW(quantize_calibrated(test::random_model(), recipe, {}), std::invalid_argument);
  EXPECT_THROW(quantize_calibrated(test::random_model(), recipe, {{}, {}}), std::invalid_argument);
  EXPECT_THROW(quantize_calibrated(test::random_model(), recipe, {{9999}}), std::invalid_argument);
}

TEST(Calibrated, MomentsAreThoseOfTheInputs) {
  // The input of wq is the normed embedding: nothing before it depends on the layer's matrices.
  const ModelWeights weights = test::random_model();
  const ModelShape& s = weights.shape;
  const ops::RopeTable rope(s.head_dim, s.rope_base, s.max_context);
  const Documents documents = {{3, 4}, {5}};
  const auto block = training::block_weights<float>(weights.layers[0]);
  const Eigen::MatrixXd got =
      second_moments({s, rope, 1}, block, embed(weights, documents), DecoderMatrix::wk);
  Eigen::MatrixXd want = Eigen::MatrixXd::Zero(s.hidden, s.hidden);
  for (const std::uint32_t token : {3u, 4u, 5u}) {
    Eigen::VectorXd x =
        Eigen::Map<const Eigen::VectorXf>(weights.embedding.row(token), s.hidden).cast<double>();
    x *= 1 / std::sqrt(x.squaredNorm() / s.hidden + s.norm_epsilon);
    x.array() *= block.attention_norm.transpose().cast<double>().array();
    want += x * x.transpose();
  }
  EXPECT_TRUE(got.isApprox(want, 1e-5));
}

TEST(Fingerprint, TellsDocumentsApartAndFitsJson) {
  EXPECT_NE(fingerprint({1, 2, 3}), fingerprint({1, 3, 2}));
  EXPECT_NE(fingerprint({1, 2}), fingerprint({1, 2, 0}));
  EXPECT_LT(fingerprint({7, 8, 9}), std::uint64_t{1} << 53);
}

}  // namespace
}  // namespace lutsim::models
