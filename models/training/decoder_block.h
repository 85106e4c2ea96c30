// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "models/transformer/decoder_matrix.h"
#include "models/transformer/model_weights.h"
#include "models/transformer/ops.h"

/// One decoder layer of a Llama forwards and backwards, for quantisers and adapters that learn: the
/// same function as ReferenceTransformer's layer, over all tokens of a sequence at once, and its
/// gradient. `Scalar` is float or double; the tests compare the gradient with finite differences in
/// double.
namespace lutsim::models::training {

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Scalar>
using RowVector = Eigen::Matrix<Scalar, 1, Eigen::Dynamic>;

/// Weights of a layer, or the gradient with respect to each of them. Matrices are [n][k]; members
/// are called as in LayerWeights, so matrix_of() finds them.
template <class Scalar>
struct BlockWeights {
  RowVector<Scalar> attention_norm, ffn_norm;  ///< [hidden]
  Matrix<Scalar> wq, wk, wv, wo, w_gate, w_up, w_down;
};

template <class Scalar>
BlockWeights<Scalar> block_weights(const LayerWeights& layer);

/// Zeros in the shapes of `like`.
template <class Scalar>
BlockWeights<Scalar> zeros_like(const BlockWeights<Scalar>& like);

/// What backward() needs of a forward pass over T tokens; the inputs of the seven matrices among
/// it.
template <class Scalar>
struct BlockTape {
  Matrix<Scalar> x;                             ///< [T][hidden], input of the layer
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> r1;  ///< [T], reciprocal root mean square of x
  Matrix<Scalar> attention_in;                  ///< [T][hidden], input of wq, wk, wv
  Matrix<Scalar> q, k, v;                       ///< [T][q_dim], [T][kv_dim]; q and k rotated
  std::vector<Matrix<Scalar>> probabilities;    ///< per query head [T][T], 0 above the diagonal
  Matrix<Scalar> mixed;                         ///< [T][q_dim], input of wo
  Matrix<Scalar> middle;                        ///< [T][hidden], residual after attention
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> r2;  ///< [T]
  Matrix<Scalar> ffn_in;                        ///< [T][hidden], input of w_gate, w_up
  Matrix<Scalar> gate, up;                      ///< [T][ffn]
  Matrix<Scalar> product;                       ///< [T][ffn], input of w_down

  /// Input [T][k] of one of the matrices.
  const Matrix<Scalar>& input_of(DecoderMatrix id) const;
};

/// Output [T][hidden] of the layer for the residual stream x[T][hidden] of a sequence that begins
/// at position 0. Preconditions: golden_support.h holds for `shape`, T <= rope.positions().
template <class Scalar>
Matrix<Scalar> forward(const ModelShape& shape, const BlockWeights<Scalar>& weights,
                       const ops::RopeTable& rope, const Matrix<Scalar>& x,
                       BlockTape<Scalar>& tape);

/// Gradient of a loss with respect to x, given that with respect to the output, dy[T][hidden]; adds
/// those with respect to the weights to `gradient`.
template <class Scalar>
Matrix<Scalar> backward(const ModelShape& shape, const BlockWeights<Scalar>& weights,
                        const ops::RopeTable& rope, const BlockTape<Scalar>& tape,
                        const Matrix<Scalar>& dy, BlockWeights<Scalar>& gradient);

/// y = (x * r) * weight per row with r = 1 / sqrt(mean of x*x + epsilon), which is kept.
template <class Scalar>
Matrix<Scalar> rms_norm(const Matrix<Scalar>& x, const RowVector<Scalar>& weight, double epsilon,
                        Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& r);

/// Gradient of rms_norm() with respect to x; adds that with respect to `weight` to `dweight`.
template <class Scalar>
Matrix<Scalar> rms_norm_backward(const Matrix<Scalar>& x, const RowVector<Scalar>& weight,
                                 const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& r,
                                 const Matrix<Scalar>& dy, RowVector<Scalar>& dweight);

}  // namespace lutsim::models::training
