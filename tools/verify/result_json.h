// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>

#include "tools/verify/verify.h"

namespace lutsim::tools {

/// A result as a worker prints it and as read_result() reads it back.
nlohmann::ordered_json result_json(const BlockResult& result);
/// Throws nlohmann::json::exception for anything else.
BlockResult read_result(const nlohmann::ordered_json& json);

}  // namespace lutsim::tools
