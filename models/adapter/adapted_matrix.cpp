// SPDX-License-Identifier: Apache-2.0
#include "models/adapter/adapted_matrix.h"

#include <algorithm>
#include <cmath>

#include "models/numerics/float_format.h"

namespace lutsim::models {
namespace {

constexpr float kLeastFp16 = 0x1p-24f;

}  // namespace

AdaptedMatrix::AdaptedMatrix(const BcqMatrix& base) : base_(base), matrix_(base) {
  const ScaleTable table = scales_of(base);
  log_scale_.resize(static_cast<Eigen::Index>(table.alpha.size()));
  for (std::size_t i = 0; i < table.alpha.size(); ++i) {
    const float scale = std::abs(fp16_from_bits(table.alpha[i]));
    log_scale_[static_cast<Eigen::Index>(i)] = scale > 0 ? std::log(scale) : 0.0f;
  }
}

training::Matrix<float> AdaptedMatrix::weights() const {
  const DenseMatrix dense = to_dense(matrix_);
  return Eigen::Map<const training::Matrix<float>>(dense.values.data(), dense.n, dense.k);
}

Eigen::ArrayXf AdaptedMatrix::gradient(const training::Matrix<float>& dw) const {
  Eigen::ArrayXf gradient = Eigen::ArrayXf::Zero(log_scale_.size());
  for (std::uint32_t row = 0; row < matrix_.n; ++row) {
    for (std::uint32_t col = 0; col < matrix_.k; ++col) {
      const std::uint32_t input = matrix_.input_order.empty() ? col : matrix_.input_order[col];
      gradient[Eigen::Index{col / matrix_.group_size} * matrix_.n + row] +=
          dw(row, input) * matrix_.weight(row, col);
    }
  }
  return gradient;
}

void AdaptedMatrix::step(double learning_rate, const training::Matrix<float>& dw) {
  adam_.step(learning_rate, gradient(dw), log_scale_);
  ScaleTable table = scales_of(base_);
  for (std::uint32_t group = 0; group < table.groups; ++group) {
    for (std::uint32_t row = 0; row < table.n; ++row) {
      const std::size_t i = std::size_t{group} * table.n + row;
      const float before = fp16_from_bits(table.alpha[i]);
      if (before == 0) continue;
      const float magnitude = std::clamp(std::exp(log_scale_[static_cast<Eigen::Index>(i)]),
                                         kLeastFp16, safe_scale(base_, group, row));
      table.alpha[i] = fp16_bits(std::copysign(magnitude, before));
    }
  }
  matrix_ = base_;
  set_scales(table, "scales", matrix_);
}

}  // namespace lutsim::models
