// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "models/adapter/scale_adapter.h"

namespace lutsim::models {

/// One step of training.
struct AdapterStep {
  std::uint32_t done = 0;    ///< steps done, this one among them
  double nll_per_token = 0;  ///< of its batch, before the step, nats
};

struct AdapterTraining {
  std::uint32_t jobs = 1;  ///< threads; the result does not depend on it
  /// Called after every step; false ends the training there.
  std::function<bool(const AdapterStep&)> on_step;
};

/// The sequences that documents are trained as: a document (BOS first) that is longer than the
/// context is cut, and every part begins with BOS. Documents of fewer than two tokens give none.
std::vector<std::vector<std::uint32_t>> training_sequences(
    const ModelShape& shape, const std::vector<std::vector<std::uint32_t>>& documents);

/// Learns the scales of `base` on documents: steps of Adam on the mean NLL per token of a batch of
/// sequences, drawn without replacement, through the reference transformer
/// (training::nll_gradient). The step size falls linearly to 0. Everything but the scales of the
/// decoder's matrices is constant. Memory: a gradient of all decoder weights for each sequence of a
/// batch. Throws spec::SpecError for a recipe out of range, std::invalid_argument when no document
/// has two tokens or a token is not below shape.vocab.
ScaleAdapter train_adapter(const QuantizedModel& base,
                           const std::vector<std::vector<std::uint32_t>>& documents,
                           const AdapterRecipe& recipe, const AdapterTraining& training = {});

}  // namespace lutsim::models
