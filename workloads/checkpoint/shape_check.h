// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "models/transformer/model_shape.h"

namespace lutsim::workloads {

/// What is wrong with a shape that was read from a file: a value outside the range of its field, or
/// head counts that do not divide. Empty when a decoder can have this shape.
std::string shape_error(const models::ModelShape& shape);

}  // namespace lutsim::workloads
