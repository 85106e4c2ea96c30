// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/quantized_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/transformer/random_model.h"

namespace lutsim::models {
namespace {

TEST(QuantizedModel, EveryMatrixHasTheBitsOfItsLayer) {
  QuantizationRecipe recipe;
  recipe.layer_bits = {2, 5};
  const ModelWeights weights = test::random_model();
  const QuantizedModel model = quantize(weights, recipe);
  for (std::uint32_t l = 0; l < 2; ++l) {
    for (const auto& m : decoder_matrices(model.shape)) {
      const BcqMatrix& matrix = matrix_of(model.layers[l], m.id);
      EXPECT_EQ(matrix.weight_bits, recipe.layer_bits[l]);
      EXPECT_EQ(matrix.n, m.n);
      EXPECT_EQ(matrix.k, m.k);
    }
  }
  EXPECT_NEAR(average_weight_bits(model), 3.5, 1e-12);
  EXPECT_NO_THROW(validate(model));
}

TEST(QuantizedModel, MatricesAreKnownByTheNamesOfTraces) {
  const QuantizedModel model = quantize(test::random_model(), {});
  const auto matrices = matrices_by_name(model);
  EXPECT_EQ(matrices.size(), 7 * model.layers.size());
  EXPECT_EQ(matrices.at("layers.0.attention.wq"), &model.layers[0].wq);
  EXPECT_EQ(matrices.at("layers.1.ffn.w_down"), &model.layers[1].w_down);
}

TEST(QuantizedModel, RtnHasOffsetsAndBcqHasNone) {
  const ModelWeights weights = test::random_model();
  QuantizationRecipe recipe;
  EXPECT_TRUE(quantize(weights, recipe).layers[0].wq.has_offset());
  recipe.method = QuantizationMethod::bcq;
  EXPECT_FALSE(quantize(weights, recipe).layers[0].wq.has_offset());
}

TEST(QuantizedModel, AGroupLongerThanARowIsRefused) {
  QuantizationRecipe recipe;
  recipe.group_size = test::random_shape().hidden + 1;
  EXPECT_THROW(quantize(test::random_model(), recipe), spec::SpecError);
}

TEST(QuantizedModel, TheDefaultGroupFitsTheShortestRow) {
  ModelShape shape = test::random_shape();  // K is 36, 36 and 50
  EXPECT_EQ(default_group_size(shape), 32u);
  shape.hidden = 144;
  shape.heads = 6;
  shape.head_dim = 24;
  shape.ffn = 388;
  EXPECT_EQ(default_group_size(shape), 128u);
  shape.hidden = 20;
  EXPECT_EQ(default_group_size(shape), 20u);
}

TEST(QuantizedModel, MoreBitsComeNearerToTheWeights) {
  const ModelWeights weights = test::random_model();
  for (const auto method : {QuantizationMethod::rtn, QuantizationMethod::bcq}) {
    double last = 1e9;
    for (std::uint32_t bits = 1; bits <= 6; ++bits) {
      QuantizationRecipe recipe;
      recipe.method = method;
      recipe.weight_bits = bits;
      const ModelWeights back = dequantize(quantize(weights, recipe));
      double error = 0.0;
      for (std::uint32_t l = 0; l < 2; ++l) {
        const auto& a = weights.layers[l].w_up.values;
        const auto& b = back.layers[l].w_up.values;
        for (std::size_t i = 0; i < a.size(); ++i) error += std::pow(a[i] - b[i], 2.0);
      }
      EXPECT_LT(error, last) << bits << " bits";
      last = error;
    }
  }
}

TEST(QuantizedModel, AnEmbeddingThatFp16CannotHoldIsRefusedByRowAndColumn) {
  ModelWeights weights = test::random_model();
  weights.embedding.values[2 * weights.shape.hidden + 3] = 70000.0f;
  try {
    quantize(weights, {});
    FAIL() << "70000 became FP16";
  } catch (const spec::SpecError& e) {
    EXPECT_NE(std::string(e.what()).find("embedding.weight: row 2, column 3"), std::string::npos)
        << e.what();
  }
}

TEST(QuantizedModel, AListOfLayerBitsOfAnotherLengthIsRefused) {
  QuantizationRecipe recipe;
  recipe.layer_bits = {2};
  EXPECT_THROW(quantize(test::random_model(), recipe), spec::SpecError);
}

TEST(QuantizedModel, ValidateNamesTheTensorThatIsWrong) {
  QuantizedModel model = quantize(test::random_model(), {});
  model.layers[1].w_down.n += 1;
  try {
    validate(model);
    FAIL() << "a matrix of another shape was accepted";
  } catch (const spec::SpecError& e) {
    EXPECT_NE(std::string(e.what()).find("layers.1.ffn.w_down"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace lutsim::models
