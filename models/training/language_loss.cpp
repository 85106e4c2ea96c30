// SPDX-License-Identifier: Apache-2.0
#include "models/training/language_loss.h"

#include <cmath>

namespace lutsim::models::training {
namespace {

template <class Scalar>
Matrix<Scalar> cast(const DenseMatrix& m) {
  return Eigen::Map<const Matrix<float>>(m.values.data(), m.n, m.k).template cast<Scalar>();
}

/// Turns logits [T][vocab] into their gradient of the sum over t of -ln softmax(logits[t])[next],
/// times `scale`; returns that sum.
template <class Scalar>
Scalar cross_entropy(const std::vector<std::uint32_t>& tokens, Scalar scale,
                     Matrix<Scalar>& logits) {
  Scalar sum = 0;
  for (Eigen::Index t = 0; t < logits.rows(); ++t) {
    auto row = logits.row(t);
    const Eigen::Index next = tokens[static_cast<std::size_t>(t) + 1];
    const Scalar largest = row.maxCoeff();
    const Scalar of_next = row[next] - largest;
    row = (row.array() - largest).exp().matrix().eval();
    const Scalar total = row.sum();
    sum += std::log(total) - of_next;
    row *= scale / total;
    row[next] -= scale;
  }
  return sum;
}

}  // namespace

template <class Scalar>
ModelBlocks<Scalar> model_blocks(const ModelWeights& weights) {
  ModelBlocks<Scalar> model;
  model.embedding = cast<Scalar>(weights.embedding);
  model.lm_head = cast<Scalar>(weights.lm_head());
  for (const LayerWeights& layer : weights.layers) {
    model.layers.push_back(block_weights<Scalar>(layer));
  }
  model.final_norm =
      Eigen::Map<const RowVector<float>>(weights.final_norm.data(), weights.shape.hidden)
          .template cast<Scalar>();
  return model;
}

template <class Scalar>
Scalar nll_gradient(const ModelShape& shape, const ModelBlocks<Scalar>& model,
                    const ops::RopeTable& rope, const std::vector<std::uint32_t>& tokens,
                    Scalar scale, std::vector<BlockWeights<Scalar>>& gradient) {
  const auto count = static_cast<Eigen::Index>(tokens.size()) - 1;
  Matrix<Scalar> x(count, shape.hidden);
  for (Eigen::Index t = 0; t < count; ++t) {
    x.row(t) = model.embedding.row(tokens[static_cast<std::size_t>(t)]);
  }
  std::vector<BlockTape<Scalar>> tapes(model.layers.size());
  for (std::size_t l = 0; l < model.layers.size(); ++l) {
    x = forward(shape, model.layers[l], rope, x, tapes[l]);
  }
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> r;
  Matrix<Scalar> logits =
      rms_norm(x, model.final_norm, shape.norm_epsilon, r) * model.lm_head.transpose();
  const Scalar nll = cross_entropy(tokens, scale, logits);
  RowVector<Scalar> unused = RowVector<Scalar>::Zero(shape.hidden);
  Matrix<Scalar> dx =
      rms_norm_backward(x, model.final_norm, r, Matrix<Scalar>(logits * model.lm_head), unused);
  for (std::size_t l = model.layers.size(); l > 0; --l) {
    dx = backward(shape, model.layers[l - 1], rope, tapes[l - 1], dx, gradient[l - 1]);
  }
  return nll;
}

#define LUTSIM_INSTANTIATE(Scalar)                                                               \
  template ModelBlocks<Scalar> model_blocks(const ModelWeights&);                                \
  template Scalar nll_gradient(const ModelShape&, const ModelBlocks<Scalar>&,                    \
                               const ops::RopeTable&, const std::vector<std::uint32_t>&, Scalar, \
                               std::vector<BlockWeights<Scalar>>&)
LUTSIM_INSTANTIATE(float);
LUTSIM_INSTANTIATE(double);
#undef LUTSIM_INSTANTIATE

}  // namespace lutsim::models::training
