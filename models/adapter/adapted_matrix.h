// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>

#include "models/adapter/scale_adapter.h"
#include "models/training/adam.h"
#include "models/training/decoder_block.h"

namespace lutsim::models {

/// The scales of one matrix while they are learned. With w = s u, s the scale of a group and u its
/// frozen weights at s = 1, the loss falls along
///
///   dL/ds = sum over the group of dL/dw u,   dL/d log s = sum over the group of dL/dw w
///
/// The logarithm is what is learned: a scale keeps its sign, and one step size suits all. Weights
/// are those of the rounded FP16 scales, so that learning sees what is stored; rounding counts as
/// the identity (straight-through).
class AdaptedMatrix {
 public:
  explicit AdaptedMatrix(const BcqMatrix& base);

  /// Weights [n][k] of the scales as they are, columns in the order of the activations.
  training::Matrix<float> weights() const;

  /// Gradient with respect to the logarithms, [groups][n], of a loss whose gradient with respect to
  /// weights() is `dw` [n][k].
  Eigen::ArrayXf gradient(const training::Matrix<float>& dw) const;

  /// One step of Adam.
  void step(double learning_rate, const training::Matrix<float>& dw);

  ScaleTable scales() const { return scales_of(matrix_); }

 private:
  BcqMatrix base_;
  BcqMatrix matrix_;          ///< base_ with the scales as they are
  Eigen::ArrayXf log_scale_;  ///< of the magnitude, [groups][n]; 0 where the base has scale 0
  training::Adam adam_;
};

}  // namespace lutsim::models
