// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/reference_transformer.h"

#include <Eigen/Core>
#include <cmath>

#include "models/transformer/golden_support.h"

namespace lutsim::models {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXf;

Eigen::Map<const Vector> view(const std::vector<float>& v) {
  return {v.data(), static_cast<Eigen::Index>(v.size())};
}

std::vector<float> multiply(const DenseMatrix& w, const std::vector<float>& x) {
  std::vector<float> y(w.n);
  const Eigen::Map<const Matrix> matrix(w.values.data(), w.n, w.k);
  // A dot product for each output, without the scratch memory of Eigen's blocked kernel.
  Eigen::Map<Vector>(y.data(), w.n).noalias() = matrix.lazyProduct(view(x));
  return y;
}

std::vector<float> rms_norm(const std::vector<float>& x, const std::vector<float>& weight,
                            double epsilon) {
  const float mean = view(x).squaredNorm() / static_cast<float>(x.size());
  const float factor = 1.0f / std::sqrt(mean + static_cast<float>(epsilon));
  std::vector<float> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = weight[i] * (factor * x[i]);
  return y;
}

void rotate(const ops::RopeTable& table, std::uint32_t position, std::vector<float>& x) {
  const std::uint32_t pairs = table.head_dim() / 2;
  const float* cosine = table.cosine(position);
  const float* sine = table.sine(position);
  for (std::size_t i = 0; i < x.size() / 2; ++i) {
    const float a = x[2 * i];
    const float b = x[2 * i + 1];
    x[2 * i] = a * cosine[i % pairs] - b * sine[i % pairs];
    x[2 * i + 1] = a * sine[i % pairs] + b * cosine[i % pairs];
  }
}

void add_to(std::vector<float>& residual, const std::vector<float>& x) {
  for (std::size_t i = 0; i < residual.size(); ++i) residual[i] += x[i];
}

}  // namespace

ReferenceTransformer::ReferenceTransformer(const ModelWeights& weights)
    : weights_(weights),
      rope_(weights.shape.head_dim, weights.shape.rope_base, weights.shape.max_context),
      k_cache_(weights.shape.layers),
      v_cache_(weights.shape.layers) {
  require_golden(weights.shape);
}

std::vector<float> ReferenceTransformer::forward(std::uint32_t token) {
  check_tokens({token});
  return multiply(weights_.lm_head(), hidden_state(token));
}

std::vector<float> ReferenceTransformer::forward(const std::vector<std::uint32_t>& tokens) {
  check_tokens(tokens);
  std::vector<float> hidden;
  for (const std::uint32_t token : tokens) hidden = hidden_state(token);
  return multiply(weights_.lm_head(), hidden);
}

std::vector<float> ReferenceTransformer::forward_all(const std::vector<std::uint32_t>& tokens) {
  check_tokens(tokens);
  std::vector<float> all;
  all.reserve(tokens.size() * shape().vocab);
  for (const std::uint32_t token : tokens) {
    const std::vector<float> logits = multiply(weights_.lm_head(), hidden_state(token));
    all.insert(all.end(), logits.begin(), logits.end());
  }
  return all;
}

/// Output of the final norm after `token`.
std::vector<float> ReferenceTransformer::hidden_state(std::uint32_t token) {
  const ModelShape& s = shape();
  const float* row = weights_.embedding.row(token);
  std::vector<float> x(row, row + s.hidden);
  for (std::uint32_t l = 0; l < s.layers; ++l) {
    const LayerWeights& w = weights_.layers[l];
    const std::vector<float> h = rms_norm(x, w.attention_norm, s.norm_epsilon);
    std::vector<float> q = multiply(w.wq, h);
    std::vector<float> k = multiply(w.wk, h);
    const std::vector<float> v = multiply(w.wv, h);
    rotate(rope_, position_, q);
    rotate(rope_, position_, k);
    const std::size_t kept = std::size_t{position_} * s.kv_dim();
    k_cache_[l].resize(kept);
    v_cache_[l].resize(kept);
    k_cache_[l].insert(k_cache_[l].end(), k.begin(), k.end());
    v_cache_[l].insert(v_cache_[l].end(), v.begin(), v.end());
    std::vector<float> mixed(s.q_dim());
    attention(l, q, mixed);
    add_to(x, multiply(w.wo, mixed));

    const std::vector<float> f = rms_norm(x, w.ffn_norm, s.norm_epsilon);
    std::vector<float> gate = multiply(w.w_gate, f);
    const std::vector<float> up = multiply(w.w_up, f);
    for (std::size_t i = 0; i < gate.size(); ++i) {
      gate[i] = gate[i] / (1.0f + std::exp(-gate[i])) * up[i];
    }
    add_to(x, multiply(w.w_down, gate));
  }
  ++position_;
  return rms_norm(x, weights_.final_norm, s.norm_epsilon);
}

void ReferenceTransformer::attention(std::uint32_t layer, const std::vector<float>& query,
                                     std::vector<float>& out) {
  const ModelShape& s = shape();
  const std::uint32_t context = position_ + 1;
  const std::uint32_t group = s.heads / s.kv_heads;
  const Eigen::Map<const Matrix> keys(k_cache_[layer].data(), context, s.kv_dim());
  const Eigen::Map<const Matrix> values(v_cache_[layer].data(), context, s.kv_dim());
  const float scale = 1.0f / std::sqrt(static_cast<float>(s.head_dim));
  for (std::uint32_t h = 0; h < s.heads; ++h) {
    const Eigen::Index column = Eigen::Index{h / group} * s.head_dim;
    const auto q = view(query).segment(Eigen::Index{h} * s.head_dim, s.head_dim);
    Vector p = keys.middleCols(column, s.head_dim) * q * scale;
    p = (p.array() - p.maxCoeff()).exp();
    p /= p.sum();
    Eigen::Map<Vector>(out.data() + std::size_t{h} * s.head_dim, s.head_dim).noalias() =
        values.middleCols(column, s.head_dim).transpose() * p;
  }
}

}  // namespace lutsim::models
