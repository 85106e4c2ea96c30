// SPDX-License-Identifier: Apache-2.0
#include "models/adapter/train_adapter.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include "models/adapter/adapted_matrix.h"
#include "models/support/parallel.h"
#include "models/training/draw.h"
#include "models/training/language_loss.h"
#include "models/transformer/golden_support.h"

namespace lutsim::models {
namespace {

using Sequences = std::vector<std::vector<std::uint32_t>>;
using Gradient = std::vector<training::BlockWeights<float>>;

/// The decoder's matrices one after the other, layer by layer.
constexpr std::size_t kPerLayer = kDecoderMatrices.size();

Gradient zeros(const training::ModelBlocks<float>& blocks) {
  Gradient gradient;
  for (const auto& layer : blocks.layers) gradient.push_back(training::zeros_like(layer));
  return gradient;
}

class Trainer {
 public:
  Trainer(const QuantizedModel& base, const Sequences& sequences, std::uint32_t jobs)
      : shape_(base.shape),
        rope_(base.shape.head_dim, base.shape.rope_base, base.shape.max_context),
        sequences_(sequences),
        jobs_(jobs),
        blocks_(training::model_blocks<float>(dequantize(base))) {
    for (const QuantizedLayer& layer : base.layers) {
      for (const DecoderMatrix id : kDecoderMatrices) matrices_.emplace_back(matrix_of(layer, id));
    }
  }

  /// One step on the sequences with these indices; their NLL per token before it.
  double step(const std::vector<std::size_t>& batch, double learning_rate) {
    std::size_t tokens = 0;
    for (const std::size_t i : batch) tokens += sequences_[i].size() - 1;
    const float per_token = 1.0f / static_cast<float>(tokens);
    std::vector<Gradient> gradients(batch.size());
    std::vector<double> nll(batch.size());
    for_each_parallel(batch.size(), jobs_, [&](std::size_t i) {
      gradients[i] = zeros(blocks_);
      nll[i] = training::nll_gradient(shape_, blocks_, rope_, sequences_[batch[i]], per_token,
                                      gradients[i]);
    });
    for_each_parallel(matrices_.size(), jobs_, [&](std::size_t m) {
      const std::size_t l = m / kPerLayer;
      const DecoderMatrix id = kDecoderMatrices[m % kPerLayer];
      training::Matrix<float>& sum = matrix_of(gradients[0][l], id);
      // In the order of the batch, whoever computed what.
      for (std::size_t i = 1; i < batch.size(); ++i) sum += matrix_of(gradients[i][l], id);
      matrices_[m].step(learning_rate, sum);
      matrix_of(blocks_.layers[l], id) = matrices_[m].weights();
    });
    return std::accumulate(nll.begin(), nll.end(), 0.0) / static_cast<double>(tokens);
  }

  std::vector<AdapterLayer> scales() const {
    std::vector<AdapterLayer> layers(shape_.layers);
    for (std::size_t m = 0; m < matrices_.size(); ++m) {
      matrix_of(layers[m / kPerLayer], kDecoderMatrices[m % kPerLayer]) = matrices_[m].scales();
    }
    return layers;
  }

 private:
  const ModelShape& shape_;
  ops::RopeTable rope_;
  const Sequences& sequences_;
  std::uint32_t jobs_;
  training::ModelBlocks<float> blocks_;
  std::vector<AdaptedMatrix> matrices_;
};

void check(const AdapterRecipe& recipe) {
  spec::for_each_field<AdapterRecipe>([&](const auto& f) {
    const auto value = static_cast<double>(recipe.*f.member);
    if (value >= f.min && value <= f.max) return;
    throw spec::SpecError(std::string(f.key) + " = " + std::to_string(value) + ": expected " +
                          std::to_string(f.min) + " to " + std::to_string(f.max));
  });
}

}  // namespace

Sequences training_sequences(const ModelShape& shape, const Sequences& documents) {
  Sequences sequences;
  for (const auto& document : documents) {
    for (const std::uint32_t token : document) {
      if (token >= shape.vocab) {
        throw std::invalid_argument("training text: token " + std::to_string(token) +
                                    " of a vocabulary of " + std::to_string(shape.vocab));
      }
    }
    for (std::size_t begin = 1; begin < document.size(); begin += shape.max_context) {
      const std::size_t count = std::min<std::size_t>(shape.max_context, document.size() - begin);
      std::vector<std::uint32_t> sequence{document.front()};
      const auto from = document.begin() + static_cast<std::ptrdiff_t>(begin);
      sequence.insert(sequence.end(), from, from + static_cast<std::ptrdiff_t>(count));
      sequences.push_back(std::move(sequence));
    }
  }
  if (sequences.empty()) throw std::invalid_argument("the training text holds no token to predict");
  return sequences;
}

ScaleAdapter train_adapter(const QuantizedModel& base, const Sequences& documents,
                           const AdapterRecipe& recipe, const AdapterTraining& training) {
  check(recipe);
  require_golden(base.shape);
  ScaleAdapter adapter;
  adapter.base = base_fingerprint(base);
  adapter.recipe = recipe;
  for (const auto& document : documents) adapter.documents.push_back(fingerprint(document));

  const Sequences sequences = training_sequences(base.shape, documents);
  const std::size_t batch_size = std::min<std::size_t>(recipe.batch, sequences.size());
  Trainer trainer(base, sequences, training.jobs);
  training::Draw draw(sequences.size(), recipe.seed);
  bool goes_on = true;
  while (goes_on && adapter.steps_done < recipe.steps) {
    std::vector<std::size_t> batch(batch_size);
    for (std::size_t& i : batch) i = draw.next();
    const double rate =
        recipe.learning_rate * (1.0 - double{1} * adapter.steps_done / recipe.steps);
    const double nll = trainer.step(batch, rate);
    ++adapter.steps_done;
    goes_on = !training.on_step || training.on_step({adapter.steps_done, nll});
  }
  adapter.layers = trainer.scales();
  return adapter;
}

}  // namespace lutsim::models
