// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "models/training/decoder_block.h"

/// What calibration text does inside a model: the residual streams of its documents, layer by
/// layer, and the second moments of what each matrix is multiplied with.
namespace lutsim::models {

/// Token sequences; each is a sequence of its own and is cut to max_context tokens.
using Documents = std::vector<std::vector<std::uint32_t>>;

/// A layer as calibration runs it.
struct CalibrationLayer {
  const ModelShape& shape;
  const ops::RopeTable& rope;
  std::uint32_t jobs;  ///< threads; results do not depend on it
};

/// One residual stream [T][hidden] for each document, in front of the same layer.
using Streams = std::vector<training::Matrix<float>>;

/// The streams in front of the first layer. Throws std::invalid_argument when there is no document
/// with a token, or a token is not below shape.vocab.
Streams embed(const ModelWeights& weights, const Documents& documents);

/// Moves every stream behind the layer with these weights.
void advance(const CalibrationLayer& layer, const training::BlockWeights<float>& weights,
             Streams& streams);

/// Sum over all tokens of x x^T [k][k], x the input of `matrix` in the layer.
Eigen::MatrixXd second_moments(const CalibrationLayer& layer,
                               const training::BlockWeights<float>& weights, const Streams& streams,
                               DecoderMatrix matrix);

}  // namespace lutsim::models
