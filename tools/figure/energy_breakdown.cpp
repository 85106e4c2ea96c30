// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/figure.h"
#include "tools/figure/result_values.h"

namespace lutsim::tools::figure {

Table energy_breakdown(const FigureRequest& request, RunStore& runs) {
  const std::vector<std::uint32_t> batches =
      request.quick ? std::vector<std::uint32_t>{1, 4} : std::vector<std::uint32_t>{1, 4, 16, 64};
  std::vector<RunSpec> specs;
  for (const std::uint32_t batch : batches) specs.push_back(decode_step(request, batch));
  Table table({"chip", "model", "weight_bits", "batch", "part", "energy_mj_per_token",
               "energy_mj_per_token_low", "energy_mj_per_token_high"});
  for (const auto& result : runs.results(specs)) {
    const auto& workload = result.at("workload");
    for (const auto& [part, joules] : result.at("energy_j").items()) {
      const Range mj = scaled(energy_of(result, part), 1e3 / tokens_of(result));
      table.add({result.at("architecture").at("name").get<std::string>(),
                 workload.at("model").get<std::string>(), workload.at("weight_bits").get<double>(),
                 workload.at("batch").get<std::uint64_t>(), part, mj.value, mj.low, mj.high});
    }
  }
  return table;
}

}  // namespace lutsim::tools::figure
