// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace lutsim::tools {

/// What a person reads after a run: time, energy, what bounds it, the ratio against each GPU with
/// its interval. `result` is a "lutsim.result/1".
std::string run_report(const nlohmann::ordered_json& result);

/// Where time and energy went: cycles per unit, time and bytes per operator kind, achieved against
/// peak bandwidth, the constants that the energy rests on, and what would change the result most.
std::string explain_report(const nlohmann::ordered_json& result);

/// First lines of every report: model, chip, batch, mode.
std::string report_headline(const nlohmann::ordered_json& result);

/// One sentence: what bounds the run, from the utilisations and waits of its result.
std::string bottleneck(const nlohmann::ordered_json& result);

}  // namespace lutsim::tools
