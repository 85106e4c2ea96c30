// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
#include <cmath>
#include <cstdint>

namespace lutsim::models::training {

/// Adam for one array of parameters (Kingma and Ba, arXiv:1412.6980, algorithm 1, with the paper's
/// decay rates and epsilon).
class Adam {
 public:
  /// parameters -= step of the gradient. The arrays have the same size in every call.
  void step(double learning_rate, const Eigen::ArrayXf& gradient, Eigen::ArrayXf& parameters) {
    if (mean_.size() == 0) {
      mean_.setZero(gradient.size());
      square_.setZero(gradient.size());
    }
    ++steps_;
    mean_ = kBeta1 * mean_ + (1 - kBeta1) * gradient;
    square_ = kBeta2 * square_ + (1 - kBeta2) * gradient.square();
    const double bias1 = 1 - std::pow(double{kBeta1}, steps_);
    const double bias2 = 1 - std::pow(double{kBeta2}, steps_);
    const auto rate = static_cast<float>(learning_rate / bias1);
    const auto scale = static_cast<float>(1 / std::sqrt(bias2));
    parameters -= rate * mean_ / (scale * square_.sqrt() + kEpsilon);
  }

 private:
  static constexpr float kBeta1 = 0.9f, kBeta2 = 0.999f, kEpsilon = 1e-8f;
  std::uint32_t steps_ = 0;
  Eigen::ArrayXf mean_, square_;
};

}  // namespace lutsim::models::training
