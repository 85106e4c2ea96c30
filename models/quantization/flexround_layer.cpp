// SPDX-License-Identifier: Apache-2.0
#include "models/quantization/flexround_layer.h"

#include <algorithm>
#include <vector>

#include "models/quantization/flexround.h"
#include "models/support/parallel.h"
#include "models/training/draw.h"

namespace lutsim::models {
namespace {

/// Documents of one step, and how many of their first tokens are used: a few short sequences cost
/// less than one long one, whose attention grows with the square of its length.
constexpr std::size_t kBatch = 4;
constexpr Eigen::Index kTokens = 128;

training::Matrix<float> beginning(const training::Matrix<float>& stream) {
  return stream.topRows(std::min(kTokens, stream.rows()));
}

using training::BlockTape;
using training::BlockWeights;
using training::Draw;
using training::Matrix;

}  // namespace

void flexround_layer(const CalibrationLayer& run, const LayerWeights& weights, std::uint32_t bits,
                     const QuantizationRecipe& recipe, std::uint64_t seed, const Streams& inputs,
                     const Streams& targets, const std::function<void()>& on_step,
                     QuantizedLayer& layer) {
  std::vector<FlexRound> roundings;
  for (const DecoderMatrix id : kDecoderMatrices) {
    const DenseMatrix& w = matrix_of(weights, id);
    roundings.emplace_back(w, bits, recipe.group_of(w.k));
  }
  BlockWeights<float> block = training::block_weights<float>(weights);
  const std::size_t batch = std::min(kBatch, inputs.size());
  std::vector<BlockWeights<float>> gradients(batch, training::zeros_like(block));
  Draw draw(inputs.size(), seed);
  for (std::uint32_t step = 0; step < recipe.iterations; ++step) {
    for (std::size_t i = 0; i < kDecoderMatrices.size(); ++i) {
      matrix_of(block, kDecoderMatrices[i]) = roundings[i].weights();
    }
    std::vector<std::size_t> documents;
    float elements = 0;
    for (std::size_t i = 0; i < batch; ++i) {
      documents.push_back(draw.next());
      elements +=
          static_cast<float>(std::min(kTokens, inputs[documents.back()].rows()) * run.shape.hidden);
    }
    for_each_parallel(batch, run.jobs, [&](std::size_t i) {
      const std::size_t d = documents[i];
      BlockTape<float> tape;
      Matrix<float> error =
          training::forward(run.shape, block, run.rope, beginning(inputs[d]), tape) -
          beginning(targets[d]);
      error *= 2 / elements;
      gradients[i] = training::zeros_like(block);
      training::backward(run.shape, block, run.rope, tape, error, gradients[i]);
    });
    const double rate =
        recipe.learning_rate * (1.0 - static_cast<double>(step) / recipe.iterations);
    for (std::size_t m = 0; m < kDecoderMatrices.size(); ++m) {
      Matrix<float>& sum = matrix_of(gradients[0], kDecoderMatrices[m]);
      for (std::size_t i = 1; i < batch; ++i) sum += matrix_of(gradients[i], kDecoderMatrices[m]);
      roundings[m].step(rate, sum);
    }
    on_step();
  }
  for (std::size_t m = 0; m < kDecoderMatrices.size(); ++m) {
    matrix_of(layer, kDecoderMatrices[m]) = to_bcq(roundings[m].quantised());
  }
}

}  // namespace lutsim::models
