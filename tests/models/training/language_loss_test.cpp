// SPDX-License-Identifier: Apache-2.0
#include "models/training/language_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "models/transformer/evaluate.h"
#include "models/transformer/reference_transformer.h"
#include "tests/models/transformer/random_model.h"

namespace lutsim::models::training {
namespace {

std::vector<BlockWeights<double>> zeros(const ModelBlocks<double>& model) {
  std::vector<BlockWeights<double>> gradient;
  for (const auto& layer : model.layers) gradient.push_back(zeros_like(layer));
  return gradient;
}

TEST(LanguageLoss, IsTheNllThatEvaluationGives) {
  for (const bool tied : {true, false}) {
    ModelShape shape = test::random_shape();
    shape.tied_embedding = tied;
    const ModelWeights weights = test::random_model(shape);
    const auto tokens = test::random_tokens(shape.vocab, 15);
    const ModelBlocks<double> model = model_blocks<double>(weights);
    const ops::RopeTable rope(shape.head_dim, shape.rope_base, shape.max_context);
    auto gradient = zeros(model);
    const double got = nll_gradient(shape, model, rope, tokens, 1.0, gradient);
    const Evaluation want =
        evaluate([&] { return std::make_unique<ReferenceTransformer>(weights); }, {tokens}, 1);
    EXPECT_NEAR(got, want.documents[0].nll, 1e-4 * got);
  }
}

TEST(LanguageLoss, GradientsOfEveryLayerAreThoseOfFiniteDifferences) {
  const ModelWeights weights = test::random_model();
  const ModelShape& shape = weights.shape;
  const auto tokens = test::random_tokens(shape.vocab, 6);
  ModelBlocks<double> model = model_blocks<double>(weights);
  const ops::RopeTable rope(shape.head_dim, shape.rope_base, shape.max_context);
  constexpr double kScale = 0.25, kStep = 1e-5;
  auto gradient = zeros(model);
  nll_gradient(shape, model, rope, tokens, kScale, gradient);
  auto unused = zeros(model);
  for (std::size_t l = 0; l < model.layers.size(); ++l) {
    for (const DecoderMatrixInfo& m : decoder_matrices(shape)) {
      auto& matrix = matrix_of(model.layers[l], m.id);
      for (Eigen::Index i = 0; i < matrix.size(); i += 211) {
        double& value = matrix.data()[i];
        const double kept = value;
        value = kept + kStep;
        const double above = nll_gradient(shape, model, rope, tokens, 0.0, unused);
        value = kept - kStep;
        const double below = nll_gradient(shape, model, rope, tokens, 0.0, unused);
        value = kept;
        const double want = kScale * (above - below) / (2 * kStep);
        EXPECT_NEAR(matrix_of(gradient[l], m.id).data()[i], want,
                    1e-6 * std::max(1.0, std::abs(want)))
            << l << " " << m.tensor << " " << i;
      }
    }
  }
}

}  // namespace
}  // namespace lutsim::models::training
