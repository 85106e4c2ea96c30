// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "models/config/named.h"
#include "tools/figure/figure.h"
#include "tools/figure/result_values.h"

namespace lutsim::tools::figure {

Table engines(const FigureRequest& request, RunStore& runs) {
  constexpr std::uint32_t kBatch = 32;
  const std::vector<std::uint32_t> bits =
      request.quick ? std::vector<std::uint32_t>{4} : std::vector<std::uint32_t>{4, 3, 2};
  std::vector<RunSpec> specs;
  for (const auto& engine : enum_names(spec::Engine{})) {
    for (const std::uint32_t b : bits) {
      RunSpec run = decode_step(request, kBatch);
      run.arch.matrix = spec::with_engine(run.arch.matrix, engine.value);
      run.workload.weight_bits = b;
      specs.push_back(std::move(run));
    }
  }
  Table table({"chip", "engine", "model", "batch", "weight_bits", "tokens_per_s", "tokens_per_j",
               "tokens_per_j_low", "tokens_per_j_high", "matrix_mj_per_token",
               "matrix_mj_per_token_low", "matrix_mj_per_token_high"});
  for (const auto& result : runs.results(specs)) {
    const auto& arch = result.at("architecture");
    const Range chip = tokens_per_j_of(result);
    const Range matrix = scaled(energy_of(result, "matrix"), 1e3 / tokens_of(result));
    table.add({arch.at("name").get<std::string>(),
               arch.at("matrix").at("engine").get<std::string>(),
               result.at("workload").at("model").get<std::string>(), kBatch,
               result.at("workload").at("weight_bits").get<double>(),
               result.at("throughput").at("tokens_per_s").get<double>(), chip.value, chip.low,
               chip.high, matrix.value, matrix.low, matrix.high});
  }
  return table;
}

}  // namespace lutsim::tools::figure
