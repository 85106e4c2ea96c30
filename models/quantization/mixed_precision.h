// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/quantization/calibrated.h"

/// Bits of each layer under a budget.
namespace lutsim::models {

/// What a layer costs at each width: loss[layer][i] is the rise of the NLL per token when that
/// layer alone is quantised to bits[i].
struct Sensitivity {
  std::vector<std::uint32_t> bits;
  std::vector<std::vector<double>> loss;
};

/// Measures it on the first documents of the calibration text, through the FP32 reference, with the
/// method of `recipe` without calibration (round to nearest for the uniform ones). Widths: from
/// floor(average) to two bits above, inside 1..8.
Sensitivity measure_sensitivity(const ModelWeights& weights, const QuantizationRecipe& recipe,
                                double average_bits, const Documents& calibration,
                                const CalibratedOptions& options = {});

/// The widths of least summed loss whose average is at most `average_bits`; of equal ones that with
/// fewer bits. Layers are alike in size. Throws spec::SpecError when no width is narrow enough.
std::vector<std::uint32_t> choose_layer_bits(const Sensitivity& sensitivity, double average_bits);

}  // namespace lutsim::models
