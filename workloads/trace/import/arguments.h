// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "workloads/trace/import/source_trace.h"

namespace lutsim::workloads {

/// Arguments of PyTorch's execution trace, three lists of equal length: a tensor's value is [tensor
/// id, storage id, offset, elements, bytes of an element, device], its type "Tensor(float)".
std::vector<SourceArgument> read_arguments(const nlohmann::json& values,
                                           const nlohmann::json& shapes,
                                           const nlohmann::json& types);

}  // namespace lutsim::workloads
