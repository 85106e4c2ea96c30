// SPDX-License-Identifier: Apache-2.0
#include "models/quantization/flexround.h"

#include <cmath>

#include "models/bcq/quantize.h"
#include "models/bcq/scale_step.h"
#include "models/bcq/uniform_grid.h"
#include "models/numerics/float_format.h"

namespace lutsim::models {

FlexRound::FlexRound(const DenseMatrix& w, std::uint32_t weight_bits, std::uint32_t group_size)
    : w_(w), rtn_(quantize_uniform(w.values.data(), w.n, w.k, weight_bits, group_size)) {
  const std::uint32_t groups = rtn_.groups();
  log_group_.resize(std::size_t{w.n} * groups);
  for (std::uint32_t row = 0; row < w.n; ++row) {
    for (std::uint32_t group = 0; group < groups; ++group) {
      const float scale = fp16_from_bits(rtn_.scale[std::size_t{group} * w.n + row]);
      // A group of zeros stays one: its step is never used.
      log_group_[row * groups + group] = scale > 0 ? std::log(scale) : 0.0f;
    }
  }
  log_element_.setZero(std::size_t{w.n} * w.k);
  log_row_.setZero(w.n);
}

FlexRound::Element FlexRound::element(std::uint32_t row, std::uint32_t col) const {
  const std::uint32_t group = col / rtn_.group_size;
  const std::size_t index = std::size_t{group} * w_.n + row;
  Element e{};
  if (rtn_.scale[index] == 0) return e;
  const std::size_t at = std::size_t{row} * w_.k + col;
  e.step = scale_with_fp16_half(std::exp(log_group_[row * rtn_.groups() + group]));
  e.ratio = w_.values[at] / (e.step * std::exp(log_element_[at] + log_row_[row]));
  e.level = std::nearbyint(e.ratio);
  e.low = static_cast<float>(-rtn_.zero[index]);
  e.high = static_cast<float>(top_level(rtn_.weight_bits) - rtn_.zero[index]);
  return e;
}

training::Matrix<float> FlexRound::weights() const {
  training::Matrix<float> result(w_.n, w_.k);
  for (std::uint32_t row = 0; row < w_.n; ++row) {
    for (std::uint32_t col = 0; col < w_.k; ++col) {
      const Element e = element(row, col);
      result(row, col) = e.step * e.clamped();
    }
  }
  return result;
}

FlexRound::Gradient FlexRound::gradient(const training::Matrix<float>& dw) const {
  const std::uint32_t groups = rtn_.groups();
  Gradient g{Eigen::ArrayXf::Zero(log_group_.size()), Eigen::ArrayXf::Zero(log_element_.size()),
             Eigen::ArrayXf::Zero(log_row_.size())};
  for (std::uint32_t row = 0; row < w_.n; ++row) {
    for (std::uint32_t col = 0; col < w_.k; ++col) {
      const Element e = element(row, col);
      // d ratio / d log s = -ratio for each of the three factors.
      const float through_ratio = e.inside() ? -e.step * e.ratio : 0.0f;
      const float d = dw(row, col);
      g.element[std::size_t{row} * w_.k + col] = d * through_ratio;
      g.row[row] += d * through_ratio;
      g.group[row * groups + col / rtn_.group_size] += d * (e.step * e.clamped() + through_ratio);
    }
  }
  return g;
}

void FlexRound::step(double learning_rate, const training::Matrix<float>& dw) {
  const Gradient g = gradient(dw);
  group_adam_.step(learning_rate, g.group, log_group_);
  element_adam_.step(learning_rate, g.element, log_element_);
  row_adam_.step(learning_rate, g.row, log_row_);
}

UniformMatrix FlexRound::quantised() const {
  UniformMatrix m = rtn_;
  for (std::uint32_t row = 0; row < w_.n; ++row) {
    for (std::uint32_t col = 0; col < w_.k; ++col) {
      const Element e = element(row, col);
      const std::size_t index = std::size_t{col / m.group_size} * m.n + row;
      m.scale[index] = fp16_bits(e.step);
      m.q[std::size_t{row} * m.k + col] =
          static_cast<std::uint8_t>(static_cast<std::int32_t>(e.clamped()) + m.zero[index]);
    }
  }
  return m;
}

}  // namespace lutsim::models
