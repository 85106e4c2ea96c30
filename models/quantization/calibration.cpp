// SPDX-License-Identifier: Apache-2.0
#include "models/quantization/calibration.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "models/support/parallel.h"

namespace lutsim::models {
namespace {

/// Documents whose moments are alive at a time. They are added in the order of the documents.
constexpr std::size_t kBatch = 8;

}  // namespace

Streams embed(const ModelWeights& weights, const Documents& documents) {
  const ModelShape& s = weights.shape;
  Streams streams;
  for (const auto& document : documents) {
    const auto tokens =
        static_cast<Eigen::Index>(std::min<std::size_t>(document.size(), s.max_context));
    if (tokens == 0) continue;
    training::Matrix<float> x(tokens, s.hidden);
    for (Eigen::Index t = 0; t < tokens; ++t) {
      const std::uint32_t token = document[static_cast<std::size_t>(t)];
      if (token >= s.vocab) {
        throw std::invalid_argument("calibration: token " + std::to_string(token) +
                                    " of a vocabulary of " + std::to_string(s.vocab));
      }
      x.row(t) =
          Eigen::Map<const training::RowVector<float>>(weights.embedding.row(token), s.hidden);
    }
    streams.push_back(std::move(x));
  }
  if (streams.empty()) throw std::invalid_argument("the calibration text holds no token");
  return streams;
}

void advance(const CalibrationLayer& layer, const training::BlockWeights<float>& weights,
             Streams& streams) {
  for_each_parallel(streams.size(), layer.jobs, [&](std::size_t i) {
    training::BlockTape<float> tape;
    streams[i] = training::forward(layer.shape, weights, layer.rope, streams[i], tape);
  });
}

Eigen::MatrixXd second_moments(const CalibrationLayer& layer,
                               const training::BlockWeights<float>& weights, const Streams& streams,
                               DecoderMatrix matrix) {
  const Eigen::Index k = matrix_of(weights, matrix).cols();
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(k, k);
  std::vector<Eigen::MatrixXd> part(kBatch);
  for (std::size_t begin = 0; begin < streams.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, streams.size() - begin);
    for_each_parallel(count, layer.jobs, [&](std::size_t i) {
      training::BlockTape<float> tape;
      training::forward(layer.shape, weights, layer.rope, streams[begin + i], tape);
      const Eigen::MatrixXd x = tape.input_of(matrix).template cast<double>();
      part[i].noalias() = x.transpose() * x;
    });
    for (std::size_t i = 0; i < count; ++i) sum += part[i];
  }
  return sum;
}

}  // namespace lutsim::models
