// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/bcq/uniform_grid.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::uint32_t kRows = 5, kColumns = 40, kGroup = 16;

std::vector<float> random_weights() {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> w(kRows * kColumns);
  for (float& value : w) value = 0.1f * normal(random);
  return w;
}

/// Inputs that depend on each other, some columns much larger than others.
Matrix moments_of_inputs() {
  std::mt19937 random(8);
  std::normal_distribution<double> normal;
  Matrix x(200, kColumns);
  for (Eigen::Index t = 0; t < x.rows(); ++t) {
    double common = normal(random);
    for (Eigen::Index c = 0; c < kColumns; ++c) {
      x(t, c) = (common + normal(random)) * (c % 7 == 3 ? 5.0 : 1.0);
    }
  }
  return x.transpose() * x;
}

/// What the rounding does to the outputs, summed over tokens and rows.
double output_error(const UniformMatrix& m, const std::vector<float>& w, const Matrix& moments) {
  double sum = 0;
  for (std::uint32_t row = 0; row < m.n; ++row) {
    Eigen::VectorXd error(m.k);
    for (std::uint32_t col = 0; col < m.k; ++col) {
      error[col] = m.weight(row, col) - w[row * m.k + col];
    }
    sum += error.dot(moments * error);
  }
  return sum;
}

TEST(Gptq, WithIndependentInputsItIsRoundToNearest) {
  const std::vector<float> w = random_weights();
  const Matrix moments = Matrix::Identity(kColumns, kColumns) * 3.0;
  const UniformMatrix rtn = quantize_uniform(w.data(), kRows, kColumns, 3, kGroup);
  for (const bool act_order : {false, true}) {
    const UniformMatrix m =
        quantize_gptq(w.data(), kRows, kColumns, 3, kGroup, moments.data(), {0.01, act_order});
    EXPECT_EQ(m.q, rtn.q);
    EXPECT_EQ(m.scale, rtn.scale);
    EXPECT_EQ(m.zero, rtn.zero);
  }
}

/// The definition without a Cholesky factor: when the columns so far are rounded, the others take
/// the values that minimise the squared error of the outputs.
UniformMatrix by_least_squares(const std::vector<float>& w, const Matrix& moments,
                               const GptqOptions& options, std::uint32_t bits) {
  Matrix h = moments;
  h.diagonal().array() += options.damping * moments.diagonal().mean();
  std::vector<Eigen::Index> order(kColumns);
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  if (options.act_order) {
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return moments(a, a) > moments(b, b); });
  }
  UniformMatrix m = make_uniform(kColumns, kRows, bits, kGroup);
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const Eigen::VectorXd original =
        Eigen::Map<const Eigen::VectorXf>(w.data() + row * kColumns, kColumns).cast<double>();
    Eigen::VectorXd now = original;
    std::vector<UniformGrid> grids(m.groups());
    const auto set_grid = [&](std::uint32_t group, const Eigen::VectorXd& from) {
      const std::uint32_t count = std::min(kGroup, kColumns - group * kGroup);
      grids[group] = min_max_grid(from.data() + group * kGroup, count, bits, "");
      m.set_grid(group, row, grids[group]);
    };
    if (options.act_order) {
      for (std::uint32_t g = 0; g < m.groups(); ++g) set_grid(g, original);
    }
    for (std::size_t turn = 0; turn < kColumns; ++turn) {
      const auto column = static_cast<std::uint32_t>(order[turn]);
      if (!options.act_order && column % kGroup == 0) set_grid(column / kGroup, now);
      const UniformGrid& grid = grids[column / kGroup];
      const std::uint8_t level = grid.level_of(now[column], top_level(bits));
      m.q[row * kColumns + column] = level;
      now[column] = grid.value_of(level);
      const std::vector<Eigen::Index> done(order.begin(),
                                           order.begin() + static_cast<std::ptrdiff_t>(turn) + 1);
      const std::vector<Eigen::Index> left(done.size() + order.begin(), order.end());
      if (left.empty()) break;
      const Eigen::VectorXd error = now(done) - original(done);
      const Matrix among = h(left, left);
      now(left) = original(left) - among.ldlt().solve(h(left, done) * error);
    }
  }
  return m;
}

TEST(Gptq, LaterColumnsTakeUpTheErrorAsLeastSquaresWould) {
  const std::vector<float> w = random_weights();
  const Matrix moments = moments_of_inputs();
  for (const std::uint32_t bits : {2u, 4u}) {
    for (const bool act_order : {false, true}) {
      const GptqOptions options{0.02, act_order};
      const UniformMatrix got =
          quantize_gptq(w.data(), kRows, kColumns, bits, kGroup, moments.data(), options);
      const UniformMatrix want = by_least_squares(w, moments, options, bits);
      EXPECT_EQ(got.q, want.q) << bits << " bits, act_order " << act_order;
      EXPECT_EQ(got.scale, want.scale) << bits << " bits, act_order " << act_order;
    }
  }
}

TEST(Gptq, TheOutputsErrLessThanAfterRoundToNearest) {
  const std::vector<float> w = random_weights();
  const Matrix moments = moments_of_inputs();
  for (const std::uint32_t bits : {2u, 3u, 4u}) {
    const double rtn =
        output_error(quantize_uniform(w.data(), kRows, kColumns, bits, kGroup), w, moments);
    for (const bool act_order : {false, true}) {
      const UniformMatrix m =
          quantize_gptq(w.data(), kRows, kColumns, bits, kGroup, moments.data(), {0.01, act_order});
      EXPECT_LT(output_error(m, w, moments), 0.9 * rtn) << bits << ", act_order " << act_order;
      EXPECT_NO_THROW(validate(to_bcq(m)));
    }
  }
}

TEST(Gptq, AColumnWhoseInputIsAlwaysZeroIsRoundedToZero) {
  const std::vector<float> w = random_weights();
  Matrix moments = moments_of_inputs();
  moments.row(5).setZero();
  moments.col(5).setZero();
  const UniformMatrix m =
      quantize_gptq(w.data(), kRows, kColumns, 4, kGroup, moments.data(), {0.01, false});
  for (std::uint32_t row = 0; row < kRows; ++row) EXPECT_EQ(m.weight(row, 5), 0.0f);
}

TEST(Gptq, MomentsThatAreNotPositiveDefiniteAreRefused) {
  const std::vector<float> w = random_weights();
  Matrix moments = Matrix::Identity(kColumns, kColumns);
  moments(0, 1) = moments(1, 0) = 4;
  EXPECT_THROW(quantize_gptq(w.data(), kRows, kColumns, 4, kGroup, moments.data()),
               spec::SpecError);
}

}  // namespace
}  // namespace lutsim::models
