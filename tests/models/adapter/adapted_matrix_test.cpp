// SPDX-License-Identifier: Apache-2.0
#include "models/adapter/adapted_matrix.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/numerics/float_format.h"
#include "models/training/language_loss.h"
#include "tests/models/adapter/adapters.h"

namespace lutsim::models {
namespace {

using training::BlockWeights;
using training::Matrix;

/// The model of `base` in double, with the weights of one group and row times `factor`: what
/// training differentiates, without the rounding of scales.
training::ModelBlocks<double> scaled_blocks(const QuantizedModel& base, std::uint32_t layer,
                                            DecoderMatrix id, std::uint32_t group,
                                            std::uint32_t row, double factor) {
  auto blocks = training::model_blocks<double>(dequantize(base));
  const BcqMatrix& m = matrix_of(base.layers[layer], id);
  for (std::uint32_t col = group * m.group_size; col < std::min(m.k, (group + 1) * m.group_size);
       ++col) {
    const std::uint32_t input = m.input_order.empty() ? col : m.input_order[col];
    matrix_of(blocks.layers[layer], id)(row, input) *= factor;
  }
  return blocks;
}

class LossOfScales : public testing::TestWithParam<QuantizationMethod> {};

TEST_P(LossOfScales, GradientsAreThoseOfFiniteDifferences) {
  QuantizedModel base = test::small_quantized(GetParam());
  for (std::uint32_t k = 0; k < base.shape.hidden; ++k) {
    base.layers[1].wk.input_order.push_back(k * 5 % base.shape.hidden);
  }
  const ModelShape& s = base.shape;
  const auto tokens = test::random_tokens(s.vocab, 9);
  const ops::RopeTable rope(s.head_dim, s.rope_base, s.max_context);
  const auto loss = [&](const training::ModelBlocks<double>& blocks,
                        std::vector<BlockWeights<double>>& gradient) {
    return training::nll_gradient(s, blocks, rope, tokens, 1.0, gradient);
  };
  const auto blocks = training::model_blocks<double>(dequantize(base));
  std::vector<BlockWeights<double>> gradient, unused;
  for (const auto& layer : blocks.layers) {
    gradient.push_back(training::zeros_like(layer));
    unused.push_back(training::zeros_like(layer));
  }
  loss(blocks, gradient);
  constexpr double kStep = 1e-5;
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    for (const DecoderMatrixInfo& m : decoder_matrices(s)) {
      const BcqMatrix& matrix = matrix_of(base.layers[l], m.id);
      const Matrix<float> dw = matrix_of(gradient[l], m.id).cast<float>();
      const Eigen::ArrayXf got = AdaptedMatrix(matrix).gradient(dw);
      ASSERT_EQ(got.size(), matrix.groups() * m.n);
      for (std::uint32_t i = 0; i < got.size(); i += 17) {
        const auto at = [&](double factor) {
          return loss(scaled_blocks(base, l, m.id, i / m.n, i % m.n, factor), unused);
        };
        const double want = (at(std::exp(kStep)) - at(std::exp(-kStep))) / (2 * kStep);
        EXPECT_NEAR(got[i], want, 1e-6 + 1e-4 * std::abs(want)) << l << " " << m.tensor << " " << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, LossOfScales,
                         testing::Values(QuantizationMethod::rtn, QuantizationMethod::bcq),
                         [](const auto& info) { return spec::to_string_of(info.param); });

TEST(AdaptedMatrix, BeginsWithTheWeightsOfTheBase) {
  const BcqMatrix base = test::small_quantized(QuantizationMethod::bcq).layers[0].wq;
  const AdaptedMatrix adapted(base);
  const DenseMatrix dense = to_dense(base);
  const Matrix<float> got = adapted.weights();
  for (std::size_t i = 0; i < dense.values.size(); ++i) {
    ASSERT_EQ(got.data()[i], dense.values[i]) << i;
  }
  EXPECT_EQ(adapted.scales().alpha, scales_of(base).alpha);
}

/// Half the squared distance of the weights from `target`, its gradient in `dw`.
double distance(const Matrix<float>& w, const Matrix<float>& target, Matrix<float>& dw) {
  dw = w - target;
  return dw.squaredNorm() / 2;
}

TEST(AdaptedMatrix, LearnsTheScalesOfAMatrixWithTheSamePlanes) {
  const BcqMatrix base = test::small_quantized(QuantizationMethod::rtn).layers[0].wq;
  BcqMatrix other = base;
  ScaleTable table = scales_of(base);
  test::RandomValues random(5);
  for (std::uint16_t& alpha : table.alpha) {
    alpha = fp16_bits(fp16_from_bits(alpha) * (1 + random.next(0.3f)));
  }
  set_scales(table, "target", other);
  const Matrix<float> target = AdaptedMatrix(other).weights();
  AdaptedMatrix adapted(base);
  Matrix<float> dw;
  const double before = distance(adapted.weights(), target, dw);
  for (int step = 0; step < 400; ++step) {
    distance(adapted.weights(), target, dw);
    adapted.step(0.02 * (1 - step / 400.0), dw);
  }
  EXPECT_LT(distance(adapted.weights(), target, dw), 1e-4 * before);
}

TEST(AdaptedMatrix, AScaleThatRunsAwayStaysAnFp16Number) {
  const BcqMatrix base = test::small_quantized(QuantizationMethod::rtn).layers[0].wq;
  for (const float direction : {-1.0f, 1.0f}) {
    AdaptedMatrix adapted(base);
    for (int step = 0; step < 5; ++step) adapted.step(10, direction * adapted.weights());
    for (const std::uint16_t alpha : adapted.scales().alpha) {
      EXPECT_TRUE(std::isfinite(fp16_from_bits(alpha)));
      EXPECT_GT(fp16_from_bits(alpha), 0);
    }
  }
}

}  // namespace
}  // namespace lutsim::models
