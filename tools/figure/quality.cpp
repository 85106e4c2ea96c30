// SPDX-License-Identifier: Apache-2.0
#include "models/quality/quality_table.h"
#include "tools/figure/figure.h"
#include "tools/figure/result_values.h"

namespace lutsim::tools::figure {

namespace {

using json = nlohmann::ordered_json;

/// Joules of a token on a GPU.
Range gpu_joules(const json& gpu, double tokens) {
  const auto& joules = gpu.at("intervals").at("energy_j");
  return scaled({joules.at("value"), joules.at("low"), joules.at("high")}, 1 / tokens);
}

}  // namespace

Table quality(const FigureRequest& request, RunStore& runs) {
  // Those of the published table that are of one size and have a point at 2 bits or BCQ.
  const std::vector<std::string> models =
      request.quick ? std::vector<std::string>{"opt-350m"}
                    : std::vector<std::string>{"OPT-6.7b", "Llama-2-7b-hf", "Llama-3.1-8B"};
  const models::QualityTable published = models::load_quality_table("published");
  std::vector<RunSpec> specs;
  std::vector<models::QualityRow> rows;
  for (const std::string& model : models) {
    for (const std::uint32_t bits : {4u, 3u, 2u}) {
      const auto row = models::best_quality(published, model, bits);
      if (!row) continue;
      rows.push_back(*row);
      RunSpec run = decode_step(request);
      run.workload.model = model;
      run.workload.weight_bits = bits;
      run.gpus = request.gpu;
      specs.push_back(std::move(run));
    }
  }
  Table table({"model", "device", "precision", "line", "weight_bits", "energy_mj_per_token",
               "energy_mj_per_token_low", "energy_mj_per_token_high", "perplexity_ratio",
               "perplexity", "full_precision_perplexity", "method", "source"});
  const auto results = runs.results(specs);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const json& result = results[i];
    const models::QualityRow& row = rows[i];
    const double tokens = tokens_of(result);
    const auto add = [&](const std::string& device, const std::string& precision,
                         const std::string& line, double bits, const Range& joules,
                         const models::QualityRow& of) {
      const Range mj = scaled(joules, 1e3);
      table.add({row.model, device, precision, line, bits, mj.value, mj.low, mj.high, of.ratio(),
                 of.perplexity, of.full_precision, of.method, of.source});
    };
    add(result.at("architecture").at("name"), "bcq", "", row.weight_bits,
        scaled(energy_of(result, "total"), 1 / tokens), row);
    const json& low_bit = gpu_line(result, true, "served");
    // INT3 holds 2-bit weights as well; then the point would be that of 3 bits, but worse.
    if (row.weight_bits >= 3) {
      add(low_bit.at("name"), low_bit.at("precision"), "served", row.weight_bits,
          gpu_joules(low_bit, tokens), row);
    }
    if (i > 0 && rows[i - 1].model == row.model) continue;
    const json& full = gpu_line(result, false, "served");
    models::QualityRow unquantised = row;
    unquantised.perplexity = row.full_precision;
    unquantised.method = "unquantised";
    constexpr double kFullPrecision = 16;
    add(full.at("name"), full.at("precision"), "served", kFullPrecision, gpu_joules(full, tokens),
        unquantised);
  }
  return table;
}

}  // namespace lutsim::tools::figure
