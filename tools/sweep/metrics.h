// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// What the record of a point keeps of a result file.
namespace lutsim::tools::sweep {

struct Metric {
  std::string key;       ///< dotted path in result.json (docs/result.md)
  std::string unit;      ///< base unit; "1" for counts and ratios
  std::string interval;  ///< dotted path of its [low, high] in result.json; empty: it has none
};

/// Every metric, in the order of the columns of a table.
const std::vector<Metric>& metrics();

/// Keys alone.
std::vector<std::string> metric_keys();

/// The metrics that a "lutsim.result/1", or a part of one, has: {KEY: number}.
nlohmann::ordered_json metrics_of(const nlohmann::ordered_json& result);

/// Of a "lutsim.result/1": {"metrics": {KEY: number}, "intervals": {KEY: [low, high]},
/// "amounts": {CONSTANT: number}, "constants": [definitions]}. Metrics that the run lacks are left
/// out; energy is the sum of amount times value of its constants.
nlohmann::ordered_json measurement_of(const nlohmann::ordered_json& result);

}  // namespace lutsim::tools::sweep
