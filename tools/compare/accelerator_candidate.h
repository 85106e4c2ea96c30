// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "models/cost/cost_table.h"
#include "tools/compare/candidate.h"

namespace lutsim::tools {

/// What a finished run says of its hardware. `file` stands for the result in messages. Throws
/// config::InputError when the result is of a version that does not say enough.
Candidate accelerator_candidate(const std::string& name, const nlohmann::ordered_json& result,
                                const std::string& file, const models::CostTable& costs);

}  // namespace lutsim::tools
