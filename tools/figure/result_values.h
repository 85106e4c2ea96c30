// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/figure/table.h"

/// Numbers of a "lutsim.result/1" (docs/result.md) with their 90 % intervals.
namespace lutsim::tools::figure {

/// energy_j.PART in joules.
Range energy_of(const nlohmann::ordered_json& result, const std::string& part);

/// `range` times `factor` > 0.
Range scaled(const Range& range, double factor);

double tokens_of(const nlohmann::ordered_json& result);

/// Generated tokens a joule.
Range tokens_per_j_of(const nlohmann::ordered_json& result);

/// The entry of gpus[] with a precision on a line; `low_bit` is the weight-only precision of the
/// run in place of FP16.
const nlohmann::ordered_json& gpu_line(const nlohmann::ordered_json& result, bool low_bit,
                                       const std::string& line);

}  // namespace lutsim::tools::figure
