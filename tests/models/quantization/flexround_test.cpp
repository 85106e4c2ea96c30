// SPDX-License-Identifier: Apache-2.0
#include "models/quantization/flexround.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "models/bcq/quantize.h"
#include "models/numerics/float_format.h"
#include "models/quantization/flexround_layer.h"
#include "tests/models/transformer/random_model.h"

namespace lutsim::models {
namespace {

constexpr std::uint32_t kRows = 3, kColumns = 20, kGroup = 8, kBits = 3;

DenseMatrix random_matrix() {
  return {kRows, kColumns, test::RandomValues(5).vector(std::size_t{kRows} * kColumns, 0.3f)};
}

TEST(FlexRound, StartsAsRoundToNearest) {
  const DenseMatrix w = random_matrix();
  const FlexRound flexround(w, kBits, kGroup);
  const UniformMatrix rtn = quantize_uniform(w.values.data(), kRows, kColumns, kBits, kGroup);
  const UniformMatrix got = flexround.quantised();
  EXPECT_EQ(got.q, rtn.q);
  EXPECT_EQ(got.scale, rtn.scale);
  EXPECT_EQ(got.zero, rtn.zero);
}

TEST(FlexRound, WhatItLearnsWithIsWhatItStores) {
  FlexRound flexround(random_matrix(), kBits, kGroup);
  test::RandomValues random(6);
  for (int i = 0; i < 20; ++i) {
    training::Matrix<float> dw(kRows, kColumns);
    for (Eigen::Index j = 0; j < dw.size(); ++j) dw.data()[j] = random.next();
    flexround.step(0.02, dw);
  }
  const UniformMatrix m = flexround.quantised();
  EXPECT_NO_THROW(to_bcq(m));
  const training::Matrix<float> weights = flexround.weights();
  for (std::uint32_t row = 0; row < kRows; ++row) {
    for (std::uint32_t col = 0; col < kColumns; ++col) {
      EXPECT_EQ(weights(row, col), m.weight(row, col));
    }
  }
}

TEST(FlexRound, AllZeroGroupsStayZero) {
  const DenseMatrix w{1, 8, std::vector<float>(8, 0.0f)};
  FlexRound flexround(w, kBits, 4);
  flexround.step(0.1, training::Matrix<float>::Ones(1, 8));
  const UniformMatrix m = flexround.quantised();
  for (std::uint32_t col = 0; col < 8; ++col) EXPECT_EQ(m.weight(0, col), 0.0f);
}

/// The straight-through gradient is the gradient of a smooth function: what round() adds is held,
/// and the step moves in proportion to its factor. Written from the equation, in double.
TEST(FlexRound, GradientIsThatOfFiniteDifferencesWithRoundingHeld) {
  const DenseMatrix w = random_matrix();
  const FlexRound flexround(w, kBits, kGroup);
  const UniformMatrix rtn = quantize_uniform(w.values.data(), kRows, kColumns, kBits, kGroup);
  training::Matrix<float> dw(kRows, kColumns);
  test::RandomValues random(7);
  for (Eigen::Index j = 0; j < dw.size(); ++j) {
    dw.data()[j] = random.next();
    // A weight at an end of the grid has two slopes there.
    const std::uint8_t level = rtn.q[static_cast<std::size_t>(j)];
    if (level == 0 || level == (1 << kBits) - 1) dw.data()[j] = 0;
  }

  const std::uint32_t groups = rtn.groups();
  std::vector<double> log_group(kRows * groups), log_element(kRows * kColumns), log_row(kRows);
  const auto loss = [&] {
    double sum = 0;
    for (std::uint32_t row = 0; row < kRows; ++row) {
      for (std::uint32_t col = 0; col < kColumns; ++col) {
        const std::uint32_t group = col / kGroup;
        const double start = fp16_from_bits(rtn.scale[group * kRows + row]);
        const double step = start * std::exp(log_group[row * groups + group]);
        const double weight = w.values[row * kColumns + col];
        const double held = std::nearbyint(weight / start) - weight / start;
        const double zero = rtn.zero[group * kRows + row];
        const double level =
            weight / (step * std::exp(log_element[row * kColumns + col] + log_row[row])) + held;
        const double clamped = std::min(std::max(level, -zero), (1 << kBits) - 1 - zero);
        sum += dw(row, col) * step * clamped;
      }
    }
    return sum;
  };
  const auto difference = [&](double& value) {
    value = 1e-6;
    const double above = loss();
    value = -1e-6;
    const double below = loss();
    value = 0;
    return (above - below) / 2e-6;
  };
  const FlexRound::Gradient g = flexround.gradient(dw);
  for (std::size_t i = 0; i < log_group.size(); ++i) {
    EXPECT_NEAR(g.group[static_cast<Eigen::Index>(i)], difference(log_group[i]), 1e-5) << i;
  }
  for (std::size_t i = 0; i < log_element.size(); ++i) {
    EXPECT_NEAR(g.element[static_cast<Eigen::Index>(i)], difference(log_element[i]), 1e-5) << i;
  }
  for (std::size_t i = 0; i < log_row.size(); ++i) {
    EXPECT_NEAR(g.row[static_cast<Eigen::Index>(i)], difference(log_row[i]), 1e-5) << i;
  }
}

TEST(FlexRound, BlockWiseReconstructionComesNearerToTheBlockThanRoundToNearest) {
  const ModelWeights model = test::random_model();
  const ModelShape& s = model.shape;
  const ops::RopeTable rope(s.head_dim, s.rope_base, s.max_context);
  const CalibrationLayer run{s, rope, 1};
  Documents documents;
  for (std::uint64_t d = 0; d < 6; ++d) documents.push_back(test::random_tokens(s.vocab, 20, d));
  const Streams inputs = embed(model, documents);
  Streams targets = inputs;
  advance(run, training::block_weights<float>(model.layers[0]), targets);
  QuantizationRecipe recipe;
  recipe.method = QuantizationMethod::flexround;
  recipe.learning_rate = 1e-2;
  const auto error_after = [&](std::uint32_t iterations) {
    recipe.iterations = iterations;
    QuantizedLayer layer;
    flexround_layer(
        run, model.layers[0], kBits, recipe, 1, inputs, targets, [] {}, layer);
    LayerWeights dense = model.layers[0];
    for (const DecoderMatrix id : kDecoderMatrices) {
      matrix_of(dense, id) = to_dense(matrix_of(layer, id));
    }
    Streams outputs = inputs;
    advance(run, training::block_weights<float>(dense), outputs);
    double sum = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) sum += (outputs[i] - targets[i]).squaredNorm();
    return sum;
  };
  EXPECT_LT(error_after(60), 0.7 * error_after(0));
}

}  // namespace
}  // namespace lutsim::models
