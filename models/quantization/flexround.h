// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
#include <cstdint>

#include "models/bcq/uniform_matrix.h"
#include "models/training/adam.h"
#include "models/training/decoder_block.h"

namespace lutsim::models {

/// The learned rounding of one matrix (FlexRound, Lee et al., arXiv:2306.00317, eq. 2; in the log
/// domain as the authors' code has it):
///
///   level = clamp(round(w / (s1 S2 s3)) + zero, 0, 2^q - 1),   w^ = s1 (level - zero)
///
/// s1 is the step of a group, S2 a factor of every weight, s3 a factor of a row. S2 = s3 = 1 at the
/// start, which is RTN with its zero points; those stay. s1 is rounded to what a UniformMatrix can
/// hold whenever it is used, so that learning sees what is stored.
class FlexRound {
 public:
  FlexRound(const DenseMatrix& w, std::uint32_t weight_bits, std::uint32_t group_size);

  /// w^ [n][k] of the parameters as they are.
  training::Matrix<float> weights() const;

  /// One step of Adam for a loss whose gradient with respect to weights() is `dw` [n][k].
  void step(double learning_rate, const training::Matrix<float>& dw);

  UniformMatrix quantised() const;

  /// Gradients with respect to the logarithms of the factors; round() counts as the identity
  /// (straight-through), clamp() as itself.
  struct Gradient {
    Eigen::ArrayXf group;    ///< of log s1, [n][groups]
    Eigen::ArrayXf element;  ///< of log S2, [n][k]
    Eigen::ArrayXf row;      ///< of log s3, [n]
  };
  Gradient gradient(const training::Matrix<float>& dw) const;

 private:
  /// One weight: what it is divided by, where it falls on the grid, and its group.
  struct Element {
    float step;       ///< s1 as stored
    float ratio;      ///< w / (s1 S2 s3)
    float level;      ///< before the clamp, without the zero point: round(ratio)
    float low, high;  ///< clamp of `level`
    float clamped() const { return level < low ? low : level > high ? high : level; }
    bool inside() const { return level >= low && level <= high; }
  };
  Element element(std::uint32_t row, std::uint32_t col) const;

  DenseMatrix w_;
  UniformMatrix rtn_;
  Eigen::ArrayXf log_group_, log_element_, log_row_;
  training::Adam group_adam_, element_adam_, row_adam_;
};

}  // namespace lutsim::models
