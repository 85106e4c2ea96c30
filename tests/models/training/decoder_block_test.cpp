// SPDX-License-Identifier: Apache-2.0
#include "models/training/decoder_block.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/transformer/reference_transformer.h"
#include "tests/models/transformer/random_model.h"

namespace lutsim::models::training {
namespace {

constexpr Eigen::Index kTokens = 7;

template <class Scalar>
Matrix<Scalar> random_matrix(Eigen::Index rows, Eigen::Index cols, std::uint64_t seed) {
  test::RandomValues random(seed);
  Matrix<Scalar> m(rows, cols);
  for (Eigen::Index i = 0; i < m.size(); ++i) m.data()[i] = random.next();
  return m;
}

ops::RopeTable rope_of(const ModelShape& s) { return {s.head_dim, s.rope_base, s.max_context}; }

TEST(DecoderBlock, ForwardIsTheLayerOfTheReferenceTransformer) {
  const ModelWeights weights = test::random_model();
  const ModelShape& s = weights.shape;
  const auto tokens = test::random_tokens(s.vocab, 20);
  const ops::RopeTable rope = rope_of(s);
  Matrix<float> x(20, s.hidden);
  for (Eigen::Index t = 0; t < 20; ++t) {
    x.row(t) = Eigen::Map<const RowVector<float>>(
        weights.embedding.row(tokens[static_cast<std::size_t>(t)]), s.hidden);
  }
  for (const LayerWeights& layer : weights.layers) {
    BlockTape<float> tape;
    x = forward(s, block_weights<float>(layer), rope, x, tape);
  }
  Eigen::VectorXf r;
  const RowVector<float> norm =
      Eigen::Map<const RowVector<float>>(weights.final_norm.data(), s.hidden);
  const Matrix<float> logits =
      rms_norm(x, norm, s.norm_epsilon, r) *
      Eigen::Map<const Matrix<float>>(weights.embedding.values.data(), s.vocab, s.hidden)
          .transpose();
  const std::vector<float> want = ReferenceTransformer(weights).forward_all(tokens);
  ASSERT_EQ(static_cast<std::size_t>(logits.size()), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    ASSERT_NEAR(logits.data()[i], want[i], 2e-4) << i;
  }
}

/// A loss that is linear in the output, so that its gradient there is a constant.
struct Fixture {
  ModelWeights model = test::random_model();
  const ModelShape& shape = model.shape;
  ops::RopeTable rope = rope_of(shape);
  BlockWeights<double> weights = block_weights<double>(model.layers[0]);
  Matrix<double> x = random_matrix<double>(kTokens, shape.hidden, 3);
  Matrix<double> dy = random_matrix<double>(kTokens, shape.hidden, 4);

  double loss() const {
    BlockTape<double> tape;
    return forward(shape, weights, rope, x, tape).cwiseProduct(dy).sum();
  }
  /// Central difference of the loss by `value`.
  double difference(double& value) const {
    constexpr double kStep = 1e-5;
    const double kept = value;
    value = kept + kStep;
    const double above = loss();
    value = kept - kStep;
    const double below = loss();
    value = kept;
    return (above - below) / (2 * kStep);
  }
};

TEST(DecoderBlock, GradientsOfWeightsAndInputAreThoseOfFiniteDifferences) {
  Fixture f;
  BlockTape<double> tape;
  forward(f.shape, f.weights, f.rope, f.x, tape);
  BlockWeights<double> gradient = zeros_like(f.weights);
  const Matrix<double> dx = backward(f.shape, f.weights, f.rope, tape, f.dy, gradient);
  const auto compare = [&](const char* name, double& value, double got) {
    const double want = f.difference(value);
    EXPECT_NEAR(got, want, 1e-6 * std::max(1.0, std::abs(want))) << name;
  };
  for (Eigen::Index i = 0; i < f.x.size(); i += 5) compare("x", f.x.data()[i], dx.data()[i]);
  for (Eigen::Index i = 0; i < f.shape.hidden; i += 3) {
    compare("attention_norm", f.weights.attention_norm[i], gradient.attention_norm[i]);
    compare("ffn_norm", f.weights.ffn_norm[i], gradient.ffn_norm[i]);
  }
  for (const DecoderMatrixInfo& m : decoder_matrices(f.shape)) {
    auto& matrix = matrix_of(f.weights, m.id);
    for (Eigen::Index i = 0; i < matrix.size(); i += 31) {
      compare(m.tensor, matrix.data()[i], matrix_of(gradient, m.id).data()[i]);
    }
  }
}

TEST(DecoderBlock, GradientsOfTwoSequencesAddUp) {
  Fixture f;
  BlockTape<double> tape;
  forward(f.shape, f.weights, f.rope, f.x, tape);
  BlockWeights<double> once = zeros_like(f.weights), twice = zeros_like(f.weights);
  backward(f.shape, f.weights, f.rope, tape, f.dy, once);
  for (int i = 0; i < 2; ++i) backward(f.shape, f.weights, f.rope, tape, f.dy, twice);
  EXPECT_TRUE(twice.wk.isApprox(2 * once.wk, 1e-12));
  EXPECT_TRUE(twice.attention_norm.isApprox(2 * once.attention_norm, 1e-12));
}

}  // namespace
}  // namespace lutsim::models::training
