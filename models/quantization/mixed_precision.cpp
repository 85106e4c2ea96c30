// SPDX-License-Identifier: Apache-2.0
#include "models/quantization/mixed_precision.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "models/transformer/evaluate.h"
#include "models/transformer/reference_transformer.h"

namespace lutsim::models {
namespace {

/// Widths above the average that a layer may have. With 2.4 bits: 2, 3 and 4.
constexpr std::uint32_t kWidthsAbove = 2;

/// Documents that it is measured on. The differences between layers are large beside their errors.
constexpr std::size_t kMostDocuments = 8;

double nll(const ModelWeights& weights, const Documents& documents, std::uint32_t jobs) {
  return evaluate([&] { return std::make_unique<ReferenceTransformer>(weights); }, documents, jobs)
      .nll_per_token;
}

}  // namespace

Sensitivity measure_sensitivity(const ModelWeights& weights, const QuantizationRecipe& recipe,
                                double average_bits, const Documents& calibration,
                                const CalibratedOptions& options) {
  Sensitivity result;
  const auto least = static_cast<std::uint32_t>(std::clamp(std::floor(average_bits), 1.0, 8.0));
  for (std::uint32_t b = least; b <= std::min(least + kWidthsAbove, kMaxWeightBits); ++b) {
    result.bits.push_back(b);
  }
  const Documents documents(
      calibration.begin(), calibration.begin() + static_cast<std::ptrdiff_t>(
                                                     std::min(kMostDocuments, calibration.size())));
  const std::uint32_t layers = weights.shape.layers;
  result.loss.assign(layers, std::vector<double>(result.bits.size()));
  const double base = nll(weights, documents, options.jobs);
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < result.bits.size(); ++i) {
    QuantizationRecipe plain;
    plain.method = recipe.method == QuantizationMethod::bcq ? QuantizationMethod::bcq
                                                            : QuantizationMethod::rtn;
    plain.weight_bits = result.bits[i];
    plain.group_size = recipe.group_size;
    plain.rounds = recipe.rounds;
    const ModelWeights narrow = dequantize(quantize(weights, plain));
    ModelWeights changed = weights;
    for (std::uint32_t l = 0; l < layers; ++l) {
      changed.layers[l] = narrow.layers[l];
      result.loss[l][i] = nll(changed, documents, options.jobs) - base;
      changed.layers[l] = weights.layers[l];
      if (options.progress) options.progress(++done, layers * result.bits.size());
    }
  }
  return result;
}

std::vector<std::uint32_t> choose_layer_bits(const Sensitivity& s, double average_bits) {
  const std::size_t layers = s.loss.size();
  // 1e-9: 2.4 x 5 layers is 12 bits, whatever the last place of the product says.
  const auto budget =
      static_cast<std::size_t>(std::floor(average_bits * static_cast<double>(layers) + 1e-9));
  constexpr double kImpossible = std::numeric_limits<double>::infinity();
  // best[l][b]: least loss of the first l layers with b bits in all; chosen: the width of the last.
  std::vector<std::vector<double>> best(layers + 1, std::vector<double>(budget + 1, kImpossible));
  std::vector<std::vector<std::size_t>> chosen(layers + 1, std::vector<std::size_t>(budget + 1));
  best[0][0] = 0;
  for (std::size_t l = 0; l < layers; ++l) {
    for (std::size_t i = 0; i < s.bits.size(); ++i) {
      for (std::size_t b = s.bits[i]; b <= budget; ++b) {
        const double loss = best[l][b - s.bits[i]] + s.loss[l][i];
        if (!(loss < best[l + 1][b])) continue;
        best[l + 1][b] = loss;
        chosen[l + 1][b] = i;
      }
    }
  }
  std::size_t bits = static_cast<std::size_t>(
      std::min_element(best[layers].begin(), best[layers].end()) - best[layers].begin());
  if (best[layers][bits] == kImpossible) {
    throw spec::SpecError("average_bits = " + std::to_string(average_bits) + ": expected 1 to " +
                          std::to_string(kMaxWeightBits));
  }
  std::vector<std::uint32_t> result(layers);
  for (std::size_t l = layers; l > 0; --l) {
    result[l - 1] = s.bits[chosen[l][bits]];
    bits -= result[l - 1];
  }
  return result;
}

}  // namespace lutsim::models
