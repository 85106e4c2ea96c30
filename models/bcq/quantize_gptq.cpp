// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/bcq/quantize_input.h"
#include "models/bcq/uniform_grid.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Order in which the columns are rounded: order[turn] is a column.
std::vector<std::uint32_t> column_order(const Eigen::VectorXd& diagonal, bool act_order) {
  std::vector<std::uint32_t> order(static_cast<std::size_t>(diagonal.size()));
  std::iota(order.begin(), order.end(), 0u);
  if (act_order) {
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return diagonal[a] > diagonal[b]; });
  }
  return order;
}

/// U, upper triangular, with U^T U = H^-1 for H in the order of the turns.
Matrix inverse_factor(const Matrix& hessian) {
  const Eigen::LLT<Matrix> factor(hessian);
  if (factor.info() != Eigen::Success) {
    throw spec::SpecError(
        "GPTQ: the damped second moments of the inputs are not positive definite; give more "
        "calibration text or a larger damping");
  }
  const Matrix inverse = factor.solve(Matrix::Identity(hessian.rows(), hessian.cols()));
  return Eigen::LLT<Matrix>(inverse).matrixU();
}

std::string place(std::uint32_t row, std::uint32_t group) {
  return "GPTQ: row " + std::to_string(row) + ", group " + std::to_string(group);
}

/// One matrix while it is being rounded. Its columns stand in the order of the turns.
class Rounding {
 public:
  Rounding(const float* w, UniformMatrix& out, Matrix hessian, const GptqOptions& options)
      : out_(out), grids_(std::size_t{out.groups()} * out.n) {
    Eigen::VectorXd diagonal = hessian.diagonal();
    order_ = column_order(diagonal, options.act_order);
    const Eigen::Map<const Eigen::VectorXi> permutation(reinterpret_cast<const int*>(order_.data()),
                                                        diagonal.size());
    weights_ =
        Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
            w, out.n, out.k)
            .cast<double>()(Eigen::all, permutation);
    if (options.act_order) {
      for (std::uint32_t group = 0; group < out.groups(); ++group) set_grids(w, group);
    }
    for (Eigen::Index c = 0; c < diagonal.size(); ++c) {
      if (diagonal[c] > 0) continue;
      hessian(c, c) = 1;
      dead_.push_back(static_cast<std::uint32_t>(c));
    }
    hessian.diagonal().array() += options.damping * hessian.diagonal().mean();
    factor_ = inverse_factor(hessian(permutation, permutation));
    in_order_ = !options.act_order;
  }

  void run() {
    for (std::uint32_t turn = 0; turn < out_.k; ++turn) round_column(turn);
  }

 private:
  /// Grids from the weights as they were.
  void set_grids(const float* w, std::uint32_t group) {
    const std::uint32_t begin = group * out_.group_size;
    const std::uint32_t count = std::min(out_.group_size, out_.k - begin);
    for (std::uint32_t row = 0; row < out_.n; ++row) {
      set_grid(group, row,
               min_max_grid(w + std::size_t{row} * out_.k + begin, count, out_.weight_bits,
                            place(row, group)));
    }
  }

  /// Grids from the weights as the columns before have changed them.
  void set_grids(std::uint32_t group) {
    const std::uint32_t begin = group * out_.group_size;
    const std::uint32_t count = std::min(out_.group_size, out_.k - begin);
    for (std::uint32_t row = 0; row < out_.n; ++row) {
      set_grid(group, row,
               min_max_grid(weights_.row(row).data() + begin, count, out_.weight_bits,
                            place(row, group)));
    }
  }

  void set_grid(std::uint32_t group, std::uint32_t row, const UniformGrid& grid) {
    grids_[std::size_t{group} * out_.n + row] = grid;
    out_.set_grid(group, row, grid);
  }

  void round_column(std::uint32_t turn) {
    const std::uint32_t column = order_[turn];
    const std::uint32_t group = column / out_.group_size;
    if (in_order_ && column % out_.group_size == 0) set_grids(group);
    if (std::find(dead_.begin(), dead_.end(), column) != dead_.end()) {
      weights_.col(turn).setZero();
    }
    Eigen::VectorXd error(out_.n);
    for (std::uint32_t row = 0; row < out_.n; ++row) {
      const UniformGrid& grid = grids_[std::size_t{group} * out_.n + row];
      const double weight = weights_(row, turn);
      const std::uint8_t level = grid.level_of(weight, top_level(out_.weight_bits));
      out_.q[std::size_t{row} * out_.k + column] = level;
      error[row] = (weight - grid.value_of(level)) / factor_(turn, turn);
    }
    const Eigen::Index later = out_.k - turn - 1;
    weights_.rightCols(later).noalias() -= error * factor_.row(turn).tail(later);
  }

  UniformMatrix& out_;
  std::vector<UniformGrid> grids_;    ///< [group][n]
  std::vector<std::uint32_t> order_;  ///< column of each turn
  std::vector<std::uint32_t> dead_;   ///< columns whose input is always 0
  Matrix weights_, factor_;
  bool in_order_ = true;
};

}  // namespace

UniformMatrix quantize_gptq(const float* w, std::uint32_t n, std::uint32_t k,
                            std::uint32_t weight_bits, std::uint32_t group_size,
                            const double* moments, const GptqOptions& options) {
  check_weights(w, n, k, weight_bits, group_size);
  UniformMatrix m = make_uniform(k, n, weight_bits, group_size);
  Rounding(w, m, Eigen::Map<const Matrix>(moments, k, k), options).run();
  return m;
}

}  // namespace lutsim::models
