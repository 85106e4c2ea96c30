// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "models/quantization/calibration.h"
#include "models/transformer/quantized_model.h"

namespace lutsim::models {

/// Learns the rounding of all matrices of one layer together: block-wise reconstruction, the mean
/// squared difference between the layer's output for `inputs` (streams of the quantised model in
/// front of it) and `targets` (streams of the FP32 model behind it). recipe.iterations steps of
/// Adam, each on the beginnings of a few documents drawn by `seed`; the step size falls linearly to
/// 0. Writes the matrices of `layer`; calls `on_step` after every step.
void flexround_layer(const CalibrationLayer& run, const LayerWeights& weights, std::uint32_t bits,
                     const QuantizationRecipe& recipe, std::uint64_t seed, const Streams& inputs,
                     const Streams& targets, const std::function<void()>& on_step,
                     QuantizedLayer& layer);

}  // namespace lutsim::models
