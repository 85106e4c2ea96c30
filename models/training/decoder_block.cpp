// SPDX-License-Identifier: Apache-2.0
#include "models/training/decoder_block.h"

#include <cmath>
#include <limits>

namespace lutsim::models::training {
namespace {

template <class Scalar>
Matrix<Scalar> matrix_from(const DenseMatrix& m) {
  return Eigen::Map<const Matrix<float>>(m.values.data(), m.n, m.k).template cast<Scalar>();
}

template <class Scalar>
RowVector<Scalar> vector_from(const std::vector<float>& v) {
  return Eigen::Map<const RowVector<float>>(v.data(), static_cast<Eigen::Index>(v.size()))
      .template cast<Scalar>();
}

/// Rotates the pairs (2i, 2i+1) of every head by the angle of the row's position, or back.
template <class Scalar>
void rotate(const ops::RopeTable& rope, bool back, Matrix<Scalar>& x) {
  const Eigen::Index pairs = rope.head_dim() / 2;
  for (Eigen::Index t = 0; t < x.rows(); ++t) {
    const float* cosine = rope.cosine(static_cast<std::uint32_t>(t));
    const float* sine = rope.sine(static_cast<std::uint32_t>(t));
    for (Eigen::Index i = 0; i < x.cols() / 2; ++i) {
      const Scalar c = cosine[i % pairs];
      const Scalar s = back ? -sine[i % pairs] : sine[i % pairs];
      const Scalar a = x(t, 2 * i), b = x(t, 2 * i + 1);
      x(t, 2 * i) = a * c - b * s;
      x(t, 2 * i + 1) = a * s + b * c;
    }
  }
}

/// Softmax of every row over the positions that it may see.
template <class Scalar>
void causal_softmax(Matrix<Scalar>& scores) {
  for (Eigen::Index t = 0; t < scores.rows(); ++t) {
    auto row = scores.row(t).head(t + 1);
    row = (row.array() - row.maxCoeff()).exp().matrix().eval();
    row /= row.sum();
    scores.row(t).tail(scores.cols() - t - 1).setZero();
  }
}

/// Columns of a head in q, or of the key and value head that it reads.
struct HeadColumns {
  Eigen::Index query, shared, width;

  HeadColumns(const ModelShape& s, std::uint32_t head)
      : query(Eigen::Index{head} * s.head_dim),
        shared(Eigen::Index{head / (s.heads / s.kv_heads)} * s.head_dim),
        width(s.head_dim) {}
};

template <class Scalar>
Scalar score_scale(const ModelShape& s) {
  return Scalar(1) / std::sqrt(static_cast<Scalar>(s.head_dim));
}

template <class Scalar>
void attend(const ModelShape& s, BlockTape<Scalar>& tape) {
  tape.probabilities.resize(s.heads);
  tape.mixed.resize(tape.q.rows(), s.q_dim());
  for (std::uint32_t h = 0; h < s.heads; ++h) {
    const HeadColumns c(s, h);
    Matrix<Scalar>& p = tape.probabilities[h];
    p.noalias() = tape.q.middleCols(c.query, c.width) *
                  tape.k.middleCols(c.shared, c.width).transpose() * score_scale<Scalar>(s);
    causal_softmax(p);
    tape.mixed.middleCols(c.query, c.width).noalias() = p * tape.v.middleCols(c.shared, c.width);
  }
}

template <class Scalar>
struct AttentionGradient {
  Matrix<Scalar> q, k, v;
};

template <class Scalar>
AttentionGradient<Scalar> attend_backward(const ModelShape& s, const BlockTape<Scalar>& tape,
                                          const Matrix<Scalar>& dmixed) {
  AttentionGradient<Scalar> d{Matrix<Scalar>::Zero(tape.q.rows(), tape.q.cols()),
                              Matrix<Scalar>::Zero(tape.k.rows(), tape.k.cols()),
                              Matrix<Scalar>::Zero(tape.v.rows(), tape.v.cols())};
  for (std::uint32_t h = 0; h < s.heads; ++h) {
    const HeadColumns c(s, h);
    const Matrix<Scalar>& p = tape.probabilities[h];
    const auto dout = dmixed.middleCols(c.query, c.width);
    d.v.middleCols(c.shared, c.width).noalias() += p.transpose() * dout;
    Matrix<Scalar> dp = dout * tape.v.middleCols(c.shared, c.width).transpose();
    // Softmax: ds = p (dp - sum over the row of p dp). Hidden positions have p = 0.
    const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> mean = dp.cwiseProduct(p).rowwise().sum();
    dp = p.cwiseProduct(dp.colwise() - mean) * score_scale<Scalar>(s);
    d.q.middleCols(c.query, c.width).noalias() = dp * tape.k.middleCols(c.shared, c.width);
    d.k.middleCols(c.shared, c.width).noalias() +=
        dp.transpose() * tape.q.middleCols(c.query, c.width);
  }
  return d;
}

template <class Scalar>
Matrix<Scalar> sigmoid(const Matrix<Scalar>& x) {
  return (Scalar(1) + (-x.array()).exp()).inverse().matrix();
}

}  // namespace

template <class Scalar>
BlockWeights<Scalar> block_weights(const LayerWeights& layer) {
  BlockWeights<Scalar> w;
  w.attention_norm = vector_from<Scalar>(layer.attention_norm);
  w.ffn_norm = vector_from<Scalar>(layer.ffn_norm);
  for (const DecoderMatrix id : kDecoderMatrices) {
    matrix_of(w, id) = matrix_from<Scalar>(matrix_of(layer, id));
  }
  return w;
}

template <class Scalar>
BlockWeights<Scalar> zeros_like(const BlockWeights<Scalar>& like) {
  BlockWeights<Scalar> zeros;
  zeros.attention_norm.setZero(like.attention_norm.cols());
  zeros.ffn_norm.setZero(like.ffn_norm.cols());
  for (const DecoderMatrix id : kDecoderMatrices) {
    matrix_of(zeros, id).setZero(matrix_of(like, id).rows(), matrix_of(like, id).cols());
  }
  return zeros;
}

template <class Scalar>
const Matrix<Scalar>& BlockTape<Scalar>::input_of(DecoderMatrix id) const {
  switch (id) {
    case DecoderMatrix::wq:
    case DecoderMatrix::wk:
    case DecoderMatrix::wv:
      return attention_in;
    case DecoderMatrix::wo:
      return mixed;
    case DecoderMatrix::w_gate:
    case DecoderMatrix::w_up:
      return ffn_in;
    case DecoderMatrix::w_down:
      break;
  }
  return product;
}

template <class Scalar>
Matrix<Scalar> rms_norm(const Matrix<Scalar>& x, const RowVector<Scalar>& weight, double epsilon,
                        Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& r) {
  r = (x.rowwise().squaredNorm().array() / static_cast<Scalar>(x.cols()) +
       static_cast<Scalar>(epsilon))
          .rsqrt()
          .matrix();
  return r.asDiagonal() * x * weight.asDiagonal();
}

template <class Scalar>
Matrix<Scalar> rms_norm_backward(const Matrix<Scalar>& x, const RowVector<Scalar>& weight,
                                 const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& r,
                                 const Matrix<Scalar>& dy, RowVector<Scalar>& dweight) {
  dweight += (r.asDiagonal() * dy.cwiseProduct(x)).colwise().sum();
  const Matrix<Scalar> dn = dy * weight.asDiagonal();
  // r depends on x: dr/dx = -r^3 x / width.
  const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> along =
      dn.cwiseProduct(x).rowwise().sum().array() * r.array().cube() / static_cast<Scalar>(x.cols());
  return r.asDiagonal() * dn - along.asDiagonal() * x;
}

template <class Scalar>
Matrix<Scalar> forward(const ModelShape& s, const BlockWeights<Scalar>& w,
                       const ops::RopeTable& rope, const Matrix<Scalar>& x,
                       BlockTape<Scalar>& tape) {
  tape.x = x;
  tape.attention_in = rms_norm(x, w.attention_norm, s.norm_epsilon, tape.r1);
  tape.q.noalias() = tape.attention_in * w.wq.transpose();
  tape.k.noalias() = tape.attention_in * w.wk.transpose();
  tape.v.noalias() = tape.attention_in * w.wv.transpose();
  rotate(rope, false, tape.q);
  rotate(rope, false, tape.k);
  attend(s, tape);
  tape.middle = x;
  tape.middle.noalias() += tape.mixed * w.wo.transpose();

  tape.ffn_in = rms_norm(tape.middle, w.ffn_norm, s.norm_epsilon, tape.r2);
  tape.gate.noalias() = tape.ffn_in * w.w_gate.transpose();
  tape.up.noalias() = tape.ffn_in * w.w_up.transpose();
  tape.product = tape.gate.cwiseProduct(sigmoid(tape.gate)).cwiseProduct(tape.up);
  Matrix<Scalar> y = tape.middle;
  y.noalias() += tape.product * w.w_down.transpose();
  return y;
}

template <class Scalar>
Matrix<Scalar> backward(const ModelShape& s, const BlockWeights<Scalar>& w,
                        const ops::RopeTable& rope, const BlockTape<Scalar>& tape,
                        const Matrix<Scalar>& dy, BlockWeights<Scalar>& gradient) {
  gradient.w_down.noalias() += dy.transpose() * tape.product;
  const Matrix<Scalar> dproduct = dy * w.w_down;
  const Matrix<Scalar> sigma = sigmoid(tape.gate);
  const Matrix<Scalar> dup = dproduct.cwiseProduct(tape.gate).cwiseProduct(sigma);
  // silu' = sigma (1 + gate (1 - sigma))
  const Matrix<Scalar> dgate = dproduct.array() * tape.up.array() * sigma.array() *
                               (Scalar(1) + tape.gate.array() * (Scalar(1) - sigma.array()));
  gradient.w_gate.noalias() += dgate.transpose() * tape.ffn_in;
  gradient.w_up.noalias() += dup.transpose() * tape.ffn_in;
  Matrix<Scalar> dffn_in = dgate * w.w_gate;
  dffn_in.noalias() += dup * w.w_up;
  const Matrix<Scalar> dmiddle =
      dy + rms_norm_backward(tape.middle, w.ffn_norm, tape.r2, dffn_in, gradient.ffn_norm);

  gradient.wo.noalias() += dmiddle.transpose() * tape.mixed;
  AttentionGradient<Scalar> d = attend_backward(s, tape, Matrix<Scalar>(dmiddle * w.wo));
  rotate(rope, true, d.q);
  rotate(rope, true, d.k);
  gradient.wq.noalias() += d.q.transpose() * tape.attention_in;
  gradient.wk.noalias() += d.k.transpose() * tape.attention_in;
  gradient.wv.noalias() += d.v.transpose() * tape.attention_in;
  Matrix<Scalar> dattention_in = d.q * w.wq;
  dattention_in.noalias() += d.k * w.wk;
  dattention_in.noalias() += d.v * w.wv;
  return dmiddle + rms_norm_backward(tape.x, w.attention_norm, tape.r1, dattention_in,
                                     gradient.attention_norm);
}

#define LUTSIM_INSTANTIATE(Scalar)                                                           \
  template BlockWeights<Scalar> block_weights(const LayerWeights&);                          \
  template BlockWeights<Scalar> zeros_like(const BlockWeights<Scalar>&);                     \
  template struct BlockTape<Scalar>;                                                         \
  template Matrix<Scalar> forward(const ModelShape&, const BlockWeights<Scalar>&,            \
                                  const ops::RopeTable&, const Matrix<Scalar>&,              \
                                  BlockTape<Scalar>&);                                       \
  template Matrix<Scalar> backward(const ModelShape&, const BlockWeights<Scalar>&,           \
                                   const ops::RopeTable&, const BlockTape<Scalar>&,          \
                                   const Matrix<Scalar>&, BlockWeights<Scalar>&);            \
  template Matrix<Scalar> rms_norm(const Matrix<Scalar>&, const RowVector<Scalar>&, double,  \
                                   Eigen::Matrix<Scalar, Eigen::Dynamic, 1>&);               \
  template Matrix<Scalar> rms_norm_backward(const Matrix<Scalar>&, const RowVector<Scalar>&, \
                                            const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>&, \
                                            const Matrix<Scalar>&, RowVector<Scalar>&)
LUTSIM_INSTANTIATE(float);
LUTSIM_INSTANTIATE(double);
#undef LUTSIM_INSTANTIATE

}  // namespace lutsim::models::training
