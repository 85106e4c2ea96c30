// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/figure/figure.h"
#include "tools/figure/result_values.h"
#include "tools/run/energy_explanation.h"

namespace lutsim::tools::figure {

Table sensitivity(const FigureRequest& request, RunStore& runs) {
  constexpr std::size_t kShown = 8;
  RunSpec run = decode_step(request);
  run.gpus = request.gpu;
  const auto result = runs.result(run);
  const std::string line = "served";
  const EnergyExplanation explained =
      explain_energy(result, "the run", {}, {request.gpu, "fp16", line});
  const GpuSensitivity& against = explained.conclusion_check->against;
  Table table({"chip", "model", "weight_bits", "batch", "gpu", "precision", "line", "ratio",
               "constant", "constants_together", "unit", "value", "low", "high", "ratio_at_low",
               "ratio_at_high"});
  const auto& tornado = against.tornado;
  for (std::size_t i = 0; i < std::min(kShown, tornado.size()); ++i) {
    const models::Sensitivity& s = tornado[i];
    std::string unit;
    for (const models::ConstantUse& use : explained.report.constants) {
      if (use.constant.name == s.of.name) unit = models::unit_symbol(use.constant.quantity);
    }
    if (s.of.name == models::kGpuTokensPerJoule) unit = "1/J";
    table.add({result.at("architecture").at("name").get<std::string>(),
               result.at("workload").at("model").get<std::string>(),
               result.at("workload").at("weight_bits").get<double>(),
               result.at("workload").at("batch").get<std::uint64_t>(), against.name,
               against.precision, against.line, against.ratio.nominal, s.of.name,
               static_cast<std::uint64_t>(s.of.members.size()), unit, s.of.estimate.value,
               s.of.estimate.low, s.of.estimate.high, s.at_low, s.at_high});
  }
  return table;
}

}  // namespace lutsim::tools::figure
