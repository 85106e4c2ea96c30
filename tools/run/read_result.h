// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace lutsim::tools {

/// The "lutsim.result/1" of a run: its folder, or the file itself. Throws config::InputError when
/// there is none or it is of another schema.
nlohmann::ordered_json read_result(const std::string& run);

}  // namespace lutsim::tools
