// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/result_values.h"

#include <stdexcept>

namespace lutsim::tools::figure {

using json = nlohmann::ordered_json;

namespace {

Range range_of(double value, const json& interval) { return {value, interval[0], interval[1]}; }

}  // namespace

Range energy_of(const json& result, const std::string& part) {
  return range_of(result.at("energy_j").at(part), result.at("intervals").at("energy_j").at(part));
}

Range scaled(const Range& range, double factor) {
  return {range.value * factor, range.low * factor, range.high * factor};
}

double tokens_of(const json& result) { return result.at("workload").at("generated_tokens"); }

Range tokens_per_j_of(const json& result) {
  return range_of(result.at("efficiency").at("tokens_per_j"),
                  result.at("intervals").at("efficiency").at("tokens_per_j"));
}

const json& gpu_line(const json& result, bool low_bit, const std::string& line) {
  for (const json& gpu : result.at("gpus")) {
    if (gpu.at("line") == line && (gpu.at("precision") != "fp16") == low_bit) return gpu;
  }
  throw std::logic_error("the run was compared with no GPU on line " + line);
}

}  // namespace lutsim::tools::figure
