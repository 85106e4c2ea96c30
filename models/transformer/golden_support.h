// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/transformer/model_shape.h"

namespace lutsim::models {

/// What of a model's architecture the golden transformer does not compute, in words; empty for a
/// Llama. Such a model runs in timing mode only.
std::vector<std::string> beyond_golden(const ModelShape& shape);

/// Throws spec::SpecError that names the model and all of beyond_golden(), unless that is empty.
void require_golden(const ModelShape& shape);

}  // namespace lutsim::models
