// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>

#include "models/quantization/calibration.h"
#include "models/transformer/quantized_model.h"

namespace lutsim::models {

struct CalibratedOptions {
  std::uint32_t jobs = 1;  ///< threads; the result does not depend on it
  /// Called now and then with the work done and the whole, 0 < done <= total.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

/// Quantises with calibration text, layer by layer: what a layer reads comes from the quantised
/// layers before it. Within a layer, `gptq` and weighted `bcq` take wq, wk, wv first, then wo, then
/// w_gate and w_up, then w_down, each with the inputs that the matrices before it leave;
/// `flexround` learns all seven together. Recipes that need no calibration are those of quantize().
/// The result keeps the fingerprints of the documents. Throws spec::SpecError as quantize() does,
/// std::invalid_argument when the text holds no token.
QuantizedModel quantize_calibrated(const ModelWeights& weights, const QuantizationRecipe& recipe,
                                   const Documents& calibration,
                                   const CalibratedOptions& options = {});

}  // namespace lutsim::models
