// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/transformer/model_shape.h"
#include "tools/serve/serve_spec.h"
#include "workloads/serving/request.h"

namespace lutsim::tools {

/// The requests that a run asks for: a recorded trace, by name from the outside data or from a
/// file, or generated ones. Throws config::InputError.
workloads::RequestTrace requests_of(const ServeSpec& spec, std::size_t models);

/// Cuts prompts that are longer than their model or the run allows; how many.
std::uint64_t cut_long_prompts(workloads::RequestTrace& trace,
                               const std::vector<models::ModelShape>& shapes,
                               std::uint32_t max_context);

}  // namespace lutsim::tools
