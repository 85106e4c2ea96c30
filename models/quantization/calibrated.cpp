// SPDX-License-Identifier: Apache-2.0
#include "models/quantization/calibrated.h"

#include <array>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/quantization/flexround_layer.h"
#include "models/support/parallel.h"
#include "models/transformer/golden_support.h"

namespace lutsim::models {
namespace {

using D = DecoderMatrix;

/// Matrices that read the same, in the order of execution.
const std::array<std::vector<DecoderMatrix>, 4> kStages = {
    {{D::wq, D::wk, D::wv}, {D::wo}, {D::w_gate, D::w_up}, {D::w_down}}};

BcqMatrix quantise_matrix(const DenseMatrix& w, const QuantizationRecipe& recipe,
                          std::uint32_t bits, const Eigen::MatrixXd& moments) {
  const std::uint32_t group = recipe.group_of(w.k);
  if (recipe.method == QuantizationMethod::gptq) {
    const GptqOptions options{recipe.damping, recipe.act_order};
    return to_bcq(quantize_gptq(w.values.data(), w.n, w.k, bits, group, moments.data(), options));
  }
  const Eigen::VectorXd importance = moments.diagonal();
  return quantize_bcq(w.values.data(), w.n, w.k, bits, group, recipe.rounds, importance.data());
}

/// The stages of one layer; `block` gets the quantised matrices as they come.
void quantise_stages(const CalibrationLayer& run, const LayerWeights& weights, std::uint32_t bits,
                     const QuantizationRecipe& recipe, const Streams& inputs,
                     training::BlockWeights<float>& block, QuantizedLayer& layer) {
  for (const auto& stage : kStages) {
    const Eigen::MatrixXd moments = second_moments(run, block, inputs, stage.front());
    for_each_parallel(stage.size(), run.jobs, [&](std::size_t i) {
      const DecoderMatrix id = stage[i];
      matrix_of(layer, id) = quantise_matrix(matrix_of(weights, id), recipe, bits, moments);
      const DenseMatrix dense = to_dense(matrix_of(layer, id));
      matrix_of(block, id) =
          Eigen::Map<const training::Matrix<float>>(dense.values.data(), dense.n, dense.k);
    });
  }
}

training::BlockWeights<float> block_of(const QuantizedLayer& layer) {
  LayerWeights dense;
  dense.attention_norm = layer.attention_norm;
  dense.ffn_norm = layer.ffn_norm;
  for (const DecoderMatrix id : kDecoderMatrices) {
    matrix_of(dense, id) = to_dense(matrix_of(layer, id));
  }
  return training::block_weights<float>(dense);
}

}  // namespace

QuantizedModel quantize_calibrated(const ModelWeights& weights, const QuantizationRecipe& recipe,
                                   const Documents& calibration, const CalibratedOptions& options) {
  QuantizationRecipe kept = recipe;
  kept.calibration.clear();
  for (const auto& document : calibration) kept.calibration.push_back(fingerprint(document));
  if (!recipe.needs_calibration()) {
    QuantizedModel model = quantize(weights, recipe);
    model.recipe = kept;
    return model;
  }
  const ModelShape& s = weights.shape;
  require_golden(s);
  const ops::RopeTable rope(s.head_dim, s.rope_base, s.max_context);
  const CalibrationLayer run{s, rope, options.jobs};
  const bool learns = recipe.method == QuantizationMethod::flexround;
  Streams inputs = embed(weights, calibration);
  Streams targets = learns ? inputs : Streams{};
  const std::uint64_t total = std::uint64_t{s.layers} * (learns ? recipe.iterations : 1);
  std::uint64_t done = 0;
  const auto step = [&] {
    ++done;
    if (options.progress) options.progress(done, total);
  };
  return quantize_layers(weights, kept, [&](std::uint32_t l, QuantizedLayer& layer) {
    const LayerWeights& from = weights.layers[l];
    training::BlockWeights<float> block = training::block_weights<float>(from);
    if (learns) {
      advance(run, block, targets);
      flexround_layer(run, from, recipe.bits_of_layer(l), recipe, recipe.seed + l, inputs, targets,
                      step, layer);
      block = block_of(layer);
    } else {
      quantise_stages(run, from, recipe.bits_of_layer(l), recipe, inputs, block, layer);
      step();
    }
    advance(run, block, inputs);
  });
}

}  // namespace lutsim::models
